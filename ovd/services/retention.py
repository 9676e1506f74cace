"""Retention: remove in the background what need not be kept."""

import logging
import threading
from collections.abc import Callable

from ovd.domain.ports import CountStore
from ovd.domain.records import RetentionPolicy
from ovd.errors import StoreError

INTERVAL_S = 600.0
JOIN_TIMEOUT_S = 10.0

_log = logging.getLogger(__name__)


class Retention:
    """Trims a store at once and then every interval, in a thread of its own, until closed.

    A failure is logged and tried again with the next interval: counting goes on without it.
    """

    def __init__(
        self,
        store: CountStore,
        policy: RetentionPolicy,
        make_room: Callable[[int], int] = lambda _: 0,
        interval_s: float = INTERVAL_S,
    ) -> None:
        """Start it.

        Args:
            store: What is trimmed.
            policy: What it keeps.
            make_room: Frees about so many bytes outside the database when room runs out, such as
                pictures that can be lost; says how many it freed.
            interval_s: Seconds between two rounds.
        """
        self._store = store
        self._policy = policy
        self._make_room = make_room
        self._interval_s = interval_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ovd-retention", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it, after the round that is going on. Calling it twice is harmless."""
        self._closing.set()
        self._thread.join(JOIN_TIMEOUT_S)

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                removed = self._store.trim(self._policy, self._make_room)
            except StoreError as error:
                _log.warning("old rows could not be removed: %s", error)
            else:
                if removed:
                    _log.info("removed %d old rows", removed)
            self._closing.wait(self._interval_s)
