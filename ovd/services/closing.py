"""Closer: closes what was opened together, whatever one of the parts does."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ovd.errors import CloseError
from ovd.threads import Caught, describe_failure, log_failure

_LOG = logging.getLogger(__name__)


class Closer:
    """Closes parts in the reverse order in which they were added, each once.

    A part that fails keeps no other from being closed; `close` raises what went wrong in the end.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[str, Callable[[], object]]] = []

    def add(self, name: str, close: Callable[[], object]) -> None:
        """Close this too, before those that were added earlier."""
        self._parts.append((name, close))

    def close(self) -> None:
        """Close every part that is still open. Calling it twice is harmless.

        Raises:
            CloseError: If several parts failed; names each of them. The error of a single one is
                raised as it is.
        """
        failures: list[tuple[str, BaseException]] = []
        while self._parts:
            name, close = self._parts.pop()
            with Caught() as caught:
                close()
            if caught.error is not None:
                failures.append((name, caught.error))
        if len(failures) == 1:
            raise failures[0][1]
        if failures:
            told = "; ".join(f"{name}: {describe_failure(error)}" for name, error in failures)
            raise CloseError(f"ovd could not be closed cleanly: {told}") from failures[0][1]

    @contextmanager
    def on_error(self) -> Iterator[None]:
        """Close every part if the block raises, whose error stays the one that is raised."""
        try:
            yield
        except BaseException:
            with Caught() as caught:
                self.close()
            if caught.error is not None:
                log_failure(_LOG, "what was opened could not be closed", caught.error)
            raise
