import threading

import pytest

from ovd.errors import StoreError
from ovd.services.cached import Cached
from tests.fakes import FixedClock

WAIT_S = 10.0


class Counter:
    """Gives 1, 2, 3, ...; the first time only when `go` is set."""

    def __init__(self) -> None:
        self.calls = 0
        self.go = threading.Event()
        self.asked = threading.Event()
        self.go.set()

    def __call__(self) -> int:
        self.calls += 1
        value = self.calls
        self.asked.set()
        assert self.go.wait(WAIT_S)
        return value


def test_value_is_computed_once_while_it_is_fresh():
    clock, counter = FixedClock(), Counter()
    cached = Cached(counter, 1.0, clock.monotonic)

    values = [cached.get()]
    clock.advance(0.9)
    values.append(cached.get())
    clock.advance(0.2)
    values.append(cached.get())

    assert values == [1, 1, 2]


def test_expired_value_is_computed_anew():
    counter = Counter()
    cached = Cached(counter, 1.0, FixedClock().monotonic)

    cached.get()
    cached.expire()

    assert cached.get() == 2


def test_all_who_ask_at_once_share_one_computation():
    counter = Counter()
    counter.go.clear()
    cached = Cached(counter, 1.0, FixedClock().monotonic)
    values: list[int] = []
    threads = [threading.Thread(target=lambda: values.append(cached.get())) for _ in range(5)]

    for thread in threads:
        thread.start()
    assert counter.asked.wait(WAIT_S)
    counter.go.set()
    for thread in threads:
        thread.join(WAIT_S)

    assert values == [1] * 5


def test_value_before_serves_while_one_thread_computes():
    clock, counter = FixedClock(), Counter()
    cached = Cached(counter, 1.0, clock.monotonic)
    cached.get()
    clock.advance(2.0)
    counter.go.clear()
    counter.asked.clear()
    slow = threading.Thread(target=cached.get)

    slow.start()
    assert counter.asked.wait(WAIT_S)
    meanwhile = cached.get()
    counter.go.set()
    slow.join(WAIT_S)

    assert meanwhile == 1
    assert cached.get() == 2


def test_value_that_expired_while_it_was_computed_is_not_kept():
    counter = Counter()
    counter.go.clear()
    cached = Cached(counter, 1.0, FixedClock().monotonic)
    first = threading.Thread(target=cached.get)

    first.start()
    assert counter.asked.wait(WAIT_S)
    cached.expire()
    counter.go.set()
    first.join(WAIT_S)

    assert cached.get() == 2


def test_error_goes_to_who_asked_and_the_next_one_tries_again():
    outcomes = iter([StoreError("locked"), 7])

    def compute() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome

    cached = Cached(compute, 1.0, FixedClock().monotonic)

    with pytest.raises(StoreError, match="locked"):
        cached.get()
    assert cached.get() == 7
