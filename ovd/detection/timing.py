"""TimedDetector: a detector, and how long it takes."""

import bisect
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Clock, Detector, DetectorInfo
from ovd.domain.query import Query, Vocabulary

# Upper bounds of a frame's time in seconds: from an accelerator to a busy processor.
BOUNDS_S = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True)
class DurationCounts:
    """Durations counted by their length.

    Attributes:
        counts: Number of durations up to each of `BOUNDS_S`, not cumulated; the last entry is of
            longer ones.
        sum_s: All durations together, in seconds.
    """

    counts: tuple[int, ...]
    sum_s: float


class DurationHistogram:
    """Counts durations by their length; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = [0] * (len(BOUNDS_S) + 1)
        self._sum_s = 0.0

    def add(self, duration_s: float, times: int = 1) -> None:
        """Count a duration, or several of the same length."""
        with self._lock:
            self._counts[bisect.bisect_left(BOUNDS_S, duration_s)] += times
            self._sum_s += duration_s * times

    def read(self) -> DurationCounts:
        """Return what was counted so far."""
        with self._lock:
            return DurationCounts(tuple(self._counts), self._sum_s)


class TimedDetector:
    """Implements `ovd.domain.ports.Detector` by another one, and counts the time of each frame."""

    def __init__(self, inner: Detector, clock: Clock) -> None:
        """Measure a detector.

        Args:
            inner: The detector.
            clock: Measures.
        """
        self._inner = inner
        self._clock = clock
        self.times = DurationHistogram()

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the detector behind it."""
        return self._inner.info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts as the detector does."""
        return self._inner.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects as the detector does; a frame's time is its share of the call's."""
        started_s = self._clock.monotonic()
        found = self._inner.detect(images, vocabulary)
        if images:
            self.times.add((self._clock.monotonic() - started_s) / len(images), len(images))
        return found
