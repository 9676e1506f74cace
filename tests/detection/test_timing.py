from ovd.detection.timing import BOUNDS_S, DurationHistogram, TimedDetector
from tests.builders import make_frame, make_query
from tests.fakes import FakeDetector, FixedClock


class SlowDetector(FakeDetector):
    """Takes 40 ms an image."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self._clock = clock

    def detect(self, images, vocabulary):
        self._clock.advance(0.04 * len(images))
        return super().detect(images, vocabulary)


def test_time_of_a_batch_is_shared_among_its_frames():
    clock = FixedClock()
    detector = TimedDetector(SlowDetector(clock), clock)

    detector.detect([make_frame(0).image] * 3, detector.encode([make_query("person")]))

    counted = detector.times.read()
    assert counted.counts[BOUNDS_S.index(0.05)] == 3
    assert round(counted.sum_s, 6) == 0.12


def test_a_duration_counts_below_its_bound_and_a_longer_one_beyond_all():
    histogram = DurationHistogram()

    histogram.add(BOUNDS_S[0])
    histogram.add(BOUNDS_S[-1] + 1)

    assert histogram.read().counts == (1, *[0] * (len(BOUNDS_S) - 1), 1)
