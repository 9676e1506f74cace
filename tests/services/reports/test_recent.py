import threading

import pytest

from ovd.services.reports.recent import LONGEST_S, SHORTEST_S, RecentPages
from tests.fakes import FixedClock

WAIT_S = 10.0


class Reading:
    """Reads pages that are numbers, each of which takes a while."""

    def __init__(self, clock: FixedClock, duration_s: float = 0.0) -> None:
        self._clock = clock
        self._duration_s = duration_s
        self.times = 0

    def __call__(self) -> int:
        self._clock.advance(self._duration_s)
        self.times += 1
        return self.times


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def test_page_that_is_quick_to_read_is_kept_for_a_second(clock: FixedClock):
    pages, reading = RecentPages[int](clock), Reading(clock)

    first = pages.get("a", reading)
    clock.advance(0.9 * SHORTEST_S)
    second = pages.get("a", reading)
    clock.advance(0.2 * SHORTEST_S)

    assert (first, second, pages.get("a", reading)) == (1, 1, 2)


def test_page_that_takes_long_is_kept_for_longer(clock: FixedClock):
    pages, reading = RecentPages[int](clock), Reading(clock, 0.1)

    pages.get("a", reading)
    clock.advance(1.9)

    assert pages.get("a", reading) == 1
    clock.advance(0.2)
    assert pages.get("a", reading) == 2


def test_no_page_is_kept_for_too_long(clock: FixedClock):
    pages, reading = RecentPages[int](clock), Reading(clock, 60.0)

    pages.get("a", reading)
    clock.advance(1.01 * LONGEST_S)

    assert pages.get("a", reading) == 2


def test_pages_of_others_are_read(clock: FixedClock):
    pages, reading = RecentPages[int](clock), Reading(clock)

    assert [pages.get(key, reading) for key in ("a", "b", "a")] == [1, 2, 1]


def test_failure_is_not_kept(clock: FixedClock):
    pages, reading = RecentPages[int](clock), Reading(clock)

    def fail() -> int:
        raise ValueError("the database is away")

    with pytest.raises(ValueError, match="away"):
        pages.get("a", fail)
    assert pages.get("a", reading) == 1


def test_those_who_ask_at_once_read_once(clock: FixedClock):
    pages = RecentPages[int](clock)
    reading, may_end = threading.Event(), threading.Event()
    found: list[int] = []

    def read_slowly() -> int:
        reading.set()
        assert may_end.wait(WAIT_S)
        return 7

    def refuse() -> int:
        raise AssertionError("it was read twice")

    first = threading.Thread(target=lambda: found.append(pages.get("a", read_slowly)))
    first.start()
    assert reading.wait(WAIT_S)
    second = threading.Thread(target=lambda: found.append(pages.get("a", refuse)))
    second.start()
    may_end.set()
    first.join(WAIT_S)
    second.join(WAIT_S)

    assert found == [7, 7]
