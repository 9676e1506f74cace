from datetime import timedelta

from ovd.video.clock import ArrivalClock
from tests.fakes import FixedClock


class SteppingClock(FixedClock):
    """Its wall clock can be set, as by a person or NTP."""

    def step(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def test_arrivals_follow_the_wall_clock():
    clock = SteppingClock()
    arrivals = ArrivalClock(clock)
    first = arrivals.stamp()

    clock.advance(2.0)
    second = arrivals.stamp()

    assert second.at - first.at == timedelta(seconds=2)
    assert (second.time_s - first.time_s, second.skipped) == (2.0, False)


def test_arrivals_go_on_slowly_after_the_clock_was_set_back():
    clock = SteppingClock()
    arrivals = ArrivalClock(clock)
    first = arrivals.stamp()

    clock.step(-1.0)
    clock.advance(5.0)
    slowed = arrivals.stamp()
    clock.advance(6.0)
    caught_up = arrivals.stamp()

    assert slowed.at - first.at == timedelta(seconds=4.5)
    assert caught_up.at == clock.now()


def test_arrivals_say_when_the_clock_was_set_forward():
    clock = SteppingClock()
    arrivals = ArrivalClock(clock)
    first = arrivals.stamp()

    clock.step(3600.0)
    clock.advance(1.0)
    second = arrivals.stamp()

    assert second.skipped
    assert second.at - first.at == timedelta(seconds=3601)
