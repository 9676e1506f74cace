"""Pruning: remove in the background what need not be kept."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from ovd.domain.records import RetentionPolicy, StoreHealth, StoreState
from ovd.errors import StoreError
from ovd.threads import Backoff, SupervisedThread, ThreadHealth

INTERVAL_S = 600.0
# A disk can fill up faster than that, so the health of the store is checked more often.
CHECK_S = 15.0
JOIN_TIMEOUT_S = 10.0

_LOG = logging.getLogger(__name__)


class Prunable(Protocol):
    """A store that removes what need not be kept."""

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        """Remove what a policy no longer keeps; see `CountStore.trim`."""
        ...

    def health(self) -> StoreHealth:
        """Return how the store stands."""
        ...


class SummedFirst:
    """A store in which sums are made of what is about to be removed."""

    def __init__(self, store: Prunable, sum_up: Callable[[], None]) -> None:
        """Wrap a store.

        Args:
            store: What is pruned.
            sum_up: Makes the sums; called before each round.
        """
        self._store = store
        self._sum_up = sum_up

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        """Make the sums, then remove what a policy no longer keeps."""
        self._sum_up()
        return self._store.trim(policy, make_room)

    def health(self) -> StoreHealth:
        """Return how the store stands."""
        return self._store.health()


class Pruner:
    """Prunes a store at once and then every interval, in a thread of its own, until closed.

    While the store lacks room or cannot write, it is pruned every `check_s`, and a warning is
    logged when that begins. A failure is logged and tried again: counting goes on without it.
    """

    def __init__(
        self,
        store: Prunable,
        policy: RetentionPolicy,
        make_room: Callable[[int], int] = lambda _: 0,
        interval_s: float = INTERVAL_S,
        check_s: float = CHECK_S,
        backoff: Backoff | None = None,
    ) -> None:
        """Start it.

        Args:
            store: What is pruned.
            policy: What it keeps.
            make_room: Frees about so many bytes outside the database when room runs out, such as
                images that can be lost; returns how many it freed.
            interval_s: Seconds between two rounds.
            check_s: Seconds between two checks of the store's health.
            backoff: Pauses after a round that failed with an unexpected error.
        """
        self._store = store
        self._policy = policy
        self._make_room = make_room
        self._interval_s = interval_s
        self._check_s = min(check_s, interval_s)
        self._problem = StoreState.GOOD
        self._thread = SupervisedThread("pruning", self._work, backoff=backoff)
        self._thread.start()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    def change_policy(self, policy: RetentionPolicy) -> None:
        """Keep what another policy says, from the next round on."""
        self._policy = policy

    def close(self) -> None:
        """End it, after the round that is going on. Calling it twice is harmless."""
        self._thread.stop(JOIN_TIMEOUT_S)

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._prune()
            waited_s = 0.0
            while waited_s < self._interval_s and not stopping.wait(self._check_s):
                waited_s += self._check_s
                if self._check() is not StoreState.GOOD:
                    break

    def _prune(self) -> None:
        try:
            removed = self._store.trim(self._policy, self._make_room)
        except StoreError as error:
            _LOG.warning("old rows could not be removed: %s", error)
        else:
            if removed:
                _LOG.info("removed %d old rows", removed)

    def _check(self) -> StoreState:
        """Return how the store stands; log once when something is wrong."""
        try:
            health = self._store.health()
        except StoreError as error:
            _LOG.warning("the database cannot be read: %s", error)
            return StoreState.FAILING
        if health.state not in (StoreState.GOOD, self._problem):
            _LOG.warning("%s", health.detail)
        self._problem = health.state
        return health.state
