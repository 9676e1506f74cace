"""Retention: remove in the background what need not be kept."""

import logging
import threading
from collections.abc import Callable

from ovd.domain.ports import CountStore
from ovd.domain.records import RetentionPolicy, StoreState
from ovd.errors import StoreError

INTERVAL_S = 600.0
# A disk can fill up faster than that, so how the store stands is asked more often.
LOOK_S = 15.0
JOIN_TIMEOUT_S = 10.0

_log = logging.getLogger(__name__)


class Retention:
    """Trims a store at once and then every interval, in a thread of its own, until closed.

    While the store lacks room or cannot write, it is trimmed every `look_s`, and a warning is
    logged when that begins. A failure is logged and tried again: counting goes on without it.
    """

    def __init__(
        self,
        store: CountStore,
        policy: RetentionPolicy,
        make_room: Callable[[int], int] = lambda _: 0,
        interval_s: float = INTERVAL_S,
        look_s: float = LOOK_S,
    ) -> None:
        """Start it.

        Args:
            store: What is trimmed.
            policy: What it keeps.
            make_room: Frees about so many bytes outside the database when room runs out, such as
                pictures that can be lost; says how many it freed.
            interval_s: Seconds between two rounds.
            look_s: Seconds between two looks at how the store stands.
        """
        self._store = store
        self._policy = policy
        self._make_room = make_room
        self._interval_s = interval_s
        self._look_s = min(look_s, interval_s)
        self._problem = StoreState.GOOD
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ovd-retention", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it, after the round that is going on. Calling it twice is harmless."""
        self._closing.set()
        self._thread.join(JOIN_TIMEOUT_S)

    def _work(self) -> None:
        while not self._closing.is_set():
            self._trim()
            waited_s = 0.0
            while waited_s < self._interval_s and not self._closing.wait(self._look_s):
                waited_s += self._look_s
                if self._look() is not StoreState.GOOD:
                    break

    def _trim(self) -> None:
        try:
            removed = self._store.trim(self._policy, self._make_room)
        except StoreError as error:
            _log.warning("old rows could not be removed: %s", error)
        else:
            if removed:
                _log.info("removed %d old rows", removed)

    def _look(self) -> StoreState:
        """How the store stands; says so once when something is wrong."""
        try:
            health = self._store.health()
        except StoreError as error:
            _log.warning("the database cannot be read: %s", error)
            return StoreState.FAILING
        if health.state not in (StoreState.GOOD, self._problem):
            _log.warning("%s", health.detail)
        self._problem = health.state
        return health.state
