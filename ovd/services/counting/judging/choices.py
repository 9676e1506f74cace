"""The detector and the judge that each camera is counted with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ovd.domain.cameras import CameraOptions
from ovd.domain.ports import QueryReader
from ovd.domain.ports.judging import Verification
from ovd.services.closing import Closer
from ovd.services.counting.service import CountService
from ovd.threads import Threaded, ThreadHealth


def _close_nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True)
class Counting:
    """A counting service with one detector and judge.

    Attributes:
        service: Opens runs.
        reader: Reads queries for them.
        verification: The judge; None for none.
        threaded: Threads that it works with beside those of its runs.
        close: Ends these.
    """

    service: CountService
    reader: QueryReader
    verification: Verification | None = None
    threaded: tuple[Threaded, ...] = ()
    close: Callable[[], None] = _close_nothing


class CountingChoices:
    """Gives each camera what counts it; another detector or judge is loaded when first needed.

    Safe to share between threads. What was loaded stays loaded: cameras come back to it.
    """

    def __init__(self, own: Counting, open_other: Callable[[CameraOptions], Counting]) -> None:
        """Begin with what counts cameras that choose nothing.

        Args:
            own: What the settings name.
            open_other: Loads what a camera chooses; raises `OvdError` where that is not possible.
        """
        self.own = own
        self._open_other = open_other
        self._lock = threading.Lock()
        self._others: dict[tuple[str, str], Counting] = {}

    def of(self, options: CameraOptions) -> Counting:
        """Return what counts a camera.

        Raises:
            OvdError: If the detector or the judge that it chooses cannot be used.
        """
        if not options.chooses:
            return self.own
        key = (options.detector, options.verify)
        with self._lock:
            known = self._others.get(key)
        if known is not None:
            return known
        opened = self._open_other(options)
        with self._lock:
            kept = self._others.setdefault(key, opened)
        if kept is not opened:
            opened.close()
        return kept

    def reader_of(self, options: CameraOptions) -> QueryReader:
        """Return the reader of the queries of a camera; see `of`."""
        return self.of(options).reader

    def service_of(self, options: CameraOptions) -> CountService:
        """Return what opens the runs of a camera; see `of`."""
        return self.of(options).service

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the threads of other detectors."""
        with self._lock:
            others = tuple(self._others.values())
        return tuple(
            thread for other in others for part in other.threaded for thread in part.threads
        )

    def close(self) -> None:
        """End what was loaded for cameras.

        Raises:
            OvdError: What went wrong, once all were closed.
        """
        with self._lock:
            others, self._others = self._others, {}
        closer = Closer()
        for (detector, verify), other in others.items():
            closer.add(f"detector {detector} {verify}".strip(), other.close)
        closer.close()
