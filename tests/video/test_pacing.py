import threading

import pytest

from ovd.video.pacing import RealtimePacer
from tests.fakes import FixedClock


class AdvancingEvent(threading.Event):
    """Lets the clock's time pass instead of waiting."""

    def __init__(self, clock):
        super().__init__()
        self._clock = clock

    def wait(self, timeout=None):
        self._clock.advance(timeout)
        return self.is_set()


@pytest.fixture
def clock():
    return FixedClock()


def test_pacer_waits_until_each_frame_is_due(clock):
    pacer = RealtimePacer(clock, 0.1, AdvancingEvent(clock))

    shown_at = []
    for time_s in (0.0, 0.1, 0.5):
        assert pacer.admits(time_s)
        shown_at.append(clock.monotonic())

    assert shown_at == pytest.approx([0.0, 0.1, 0.5])


def test_pacer_skips_to_the_newest_frame_when_late(clock):
    pacer = RealtimePacer(clock, 0.1, AdvancingEvent(clock))
    pacer.admits(0.0)

    clock.advance(0.35)
    admitted = [pacer.admits(time_s) for time_s in (0.1, 0.2, 0.3)]

    assert admitted == [False, False, True]


def test_pacer_shows_something_though_the_file_decodes_slower_than_real_time(clock):
    pacer = RealtimePacer(clock, 0.1, AdvancingEvent(clock))
    shown = 0

    for index in range(100):
        clock.advance(0.3)
        shown += pacer.admits(index / 10)

    assert shown >= 20


def test_pacer_stops_waiting_when_closed():
    closed = threading.Event()
    closed.set()
    pacer = RealtimePacer(FixedClock(), 0.1, closed)
    pacer.admits(0.0)

    assert pacer.admits(3600.0)
