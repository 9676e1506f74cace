import threading
from collections.abc import Callable

import pytest

from ovd.domain.records import Keep, RetentionPolicy, StoreHealth, StoreState
from ovd.errors import StoreWriteError
from ovd.services.pruning import Pruner
from ovd.threads import Backoff
from tests.fakes import MemoryStore

POLICY = RetentionPolicy(frame_counts=Keep(days=30))
WAIT_S = 10.0


class TrimmedStore(MemoryStore):
    """Tells when it was trimmed so many times; the first time may fail."""

    def __init__(self, rounds: int, first_fails: bool = False) -> None:
        super().__init__()
        self._rounds = rounds
        self._first_fails = first_fails
        self.done = threading.Event()

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        super().trim(policy, make_room)
        if len(self.trims) == self._rounds:
            self.done.set()
        if self._first_fails and len(self.trims) == 1:
            raise StoreWriteError("the disk is full")
        return make_room(5)


def test_a_store_is_pruned_at_once_and_again():
    store, asked = TrimmedStore(rounds=3), []
    pruner = Pruner(store, POLICY, lambda size: asked.append(size) or size, 0.001)

    assert store.done.wait(WAIT_S)
    pruner.close()
    pruner.close()

    assert set(store.trims) == {POLICY}
    assert set(asked) == {5}


def test_a_round_that_fails_is_tried_again():
    store = TrimmedStore(rounds=2, first_fails=True)
    pruner = Pruner(store, POLICY, interval_s=0.001)

    assert store.done.wait(WAIT_S)

    pruner.close()


def test_closing_does_not_wait_for_the_next_round():
    store = TrimmedStore(rounds=1)
    pruner = Pruner(store, POLICY)
    assert store.done.wait(WAIT_S)

    pruner.close()

    assert store.trims == [POLICY]


class FullStore(TrimmedStore):
    """A store on a disk that is nearly full."""

    def health(self) -> StoreHealth:
        return StoreHealth(StoreState.LOW_SPACE, 0, 5, "the disk is nearly full")


def test_a_store_without_room_is_pruned_sooner_and_logged_once(caplog: pytest.LogCaptureFixture):
    store = FullStore(rounds=4)
    pruner = Pruner(store, POLICY, interval_s=3600, check_s=0.001)

    assert store.done.wait(WAIT_S)
    pruner.close()

    assert [record.message for record in caplog.records] == ["the disk is nearly full"]


def test_pruning_goes_on_after_an_error_nobody_expected():
    class Broken(TrimmedStore):
        def health(self) -> StoreHealth:
            if len(self.trims) == 1:
                raise RuntimeError("a bug")
            return super().health()

    store = Broken(rounds=3)
    pruner = Pruner(store, POLICY, interval_s=0.001, backoff=Backoff(first_s=0.0, ceiling_s=0.0))

    assert store.done.wait(WAIT_S)
    pruner.close()

    (thread,) = pruner.threads
    assert (thread.name, thread.failures) == ("pruning", 1)
    assert thread.last_failure == "RuntimeError: a bug"
