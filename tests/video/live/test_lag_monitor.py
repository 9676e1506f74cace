import pytest

from ovd.video.live.lag_monitor import LagMonitor
from tests.fakes import FixedClock


class Stream:
    """Packets of ten a second, a key frame every fifth, read when the test says so."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.watch = LagMonitor(self.clock)
        self.number = 0

    def read(self, packets: int, takes_s: float = 0.1) -> list[bool]:
        wanted = []
        for _ in range(packets):
            wanted.append(self.watch.wants(100 + self.number / 10, self.number % 5 == 0))
            self.number += 1
            self.clock.advance(takes_s)
        return wanted


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_stream_that_is_read_on_time_is_decoded_whole(stream):
    assert all(stream.read(2000))


def test_stream_that_is_read_late_is_caught_up_by_key_frames(stream):
    stream.read(20)
    stream.clock.advance(3.0)

    catching_up = stream.read(60, takes_s=0.02)
    on_time = stream.read(20)

    assert catching_up[:30].count(True) <= 2
    assert all(on_time[5:])
    assert stream.watch.skipped > 20


def test_slow_drift_of_the_cameras_clock_is_no_lag(stream):
    assert all(stream.read(5000, takes_s=0.1002))


def test_time_stamps_that_begin_anew_are_no_lag(stream):
    stream.read(20)
    stream.number = -3000

    assert all(stream.read(20)[1:])


def test_packets_without_a_time_stamp_are_decoded():
    watch = LagMonitor(FixedClock())

    assert watch.wants(None, False)
