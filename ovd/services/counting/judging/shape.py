"""The shape and movement of one track, and the heights of upright people in the scene."""

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median

Box = tuple[float, float, float, float]

# Height over width from which a person stands upright.
UPRIGHT_ASPECT = 1.9
_EDGE = 0.01
_SMOOTHED_OVER = 3
_SPEED_OVER_S = 0.9
_LEAST_SPEED_OVER_S = 0.3
_BAND = 0.12
_LEAST_SAMPLES = 5
_SAMPLES = 400
_OWN_SAMPLES = 15


@dataclass(frozen=True)
class Sample:
    """One box of a track.

    Attributes:
        time_s: Media time.
        xyxy: Corners in frame pixels.
        cut: Whether the upper or lower edge of the frame may cut the object.
        cut_beside: Whether the left or right edge may.
    """

    time_s: float
    xyxy: Box
    cut: bool
    cut_beside: bool = False

    @property
    def width(self) -> float:
        """Return the width, at least a pixel."""
        return max(self.xyxy[2] - self.xyxy[0], 1.0)

    @property
    def height(self) -> float:
        """Return the height, at least a pixel."""
        return max(self.xyxy[3] - self.xyxy[1], 1.0)

    @property
    def aspect(self) -> float:
        """Return height over width."""
        return self.height / self.width

    @property
    def foot(self) -> tuple[float, float]:
        """Return the middle of the lower edge."""
        return (self.xyxy[0] + self.xyxy[2]) / 2, self.xyxy[3]


def make_sample(time_s: float, xyxy: Box, size_hw: tuple[int, int]) -> Sample:
    """Return a sample of a box in a frame of a size."""
    margin_y, margin_x = (_EDGE * side for side in size_hw)
    cut = xyxy[1] <= margin_y or xyxy[3] >= size_hw[0] - margin_y
    cut_beside = xyxy[0] <= margin_x or xyxy[2] >= size_hw[1] - margin_x
    return Sample(time_s, xyxy, cut, cut_beside)


class SceneHeights:
    """Heights of upright people by how far down in the frame their feet are."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._samples: deque[tuple[float, float]] = deque(maxlen=_SAMPLES)

    def add(self, sample: Sample) -> None:
        """Take note of a person who stands upright and whole in the frame."""
        if not sample.cut and sample.aspect >= UPRIGHT_ASPECT:
            self._samples.append((sample.foot[1], sample.height))

    def expected(self, foot_y: float, frame_height: int) -> float | None:
        """Return the median height of upright people near a place; None where too few were seen."""
        near = [height for y, height in self._samples if abs(y - foot_y) <= _BAND * frame_height]
        return median(near) if len(near) >= _LEAST_SAMPLES else None

    def greatest(self, foot_y: float) -> float:
        """Return the greatest height that a person can have at a place: nobody nearer is taller.

        Infinite where too few people were seen at or below it.
        """
        nearer = [height for y, height in self._samples if y >= foot_y]
        return max(nearer) if len(nearer) >= _LEAST_SAMPLES else math.inf


@dataclass
class TrackShape:
    """Shape and movement of one track over time.

    Attributes:
        samples: The newest boxes, oldest first.
        own_heights: Heights at which it stood upright.
        rest_since_s: Media time since which it has stayed near `anchor`.
        anchor: Where it rested first.
    """

    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=64))
    own_heights: deque[float] = field(default_factory=lambda: deque(maxlen=_OWN_SAMPLES))
    rest_since_s: float = math.inf
    anchor: tuple[float, float] = (0.0, 0.0)

    def add(self, sample: Sample, rest_radius: float) -> None:
        """Take note of the next box.

        Args:
            sample: The box.
            rest_radius: Pixels that it may move and still rests.
        """
        self.samples.append(sample)
        if not sample.cut and sample.aspect >= UPRIGHT_ASPECT:
            self.own_heights.append(sample.height)
        x, y = self._smoothed_centre()
        if math.hypot(x - self.anchor[0], y - self.anchor[1]) > rest_radius or math.isinf(
            self.rest_since_s
        ):
            self.anchor, self.rest_since_s = (x, y), sample.time_s

    @property
    def last(self) -> Sample:
        """Return the newest box."""
        return self.samples[-1]

    @property
    def rested_s(self) -> float:
        """Return for how long it has rested."""
        return self.last.time_s - self.rest_since_s

    @property
    def own_height(self) -> float | None:
        """Return the height at which it stood; None if it was never seen upright."""
        return median(self.own_heights) if len(self.own_heights) >= 3 else None

    def speed(self) -> float | None:
        """Return pixels per second of the foot point over the last second; None if too short."""
        now = self.last
        for sample in self.samples:
            step_s = now.time_s - sample.time_s
            if step_s <= _SPEED_OVER_S:
                if step_s < _LEAST_SPEED_OVER_S:
                    return None
                dx, dy = now.foot[0] - sample.foot[0], now.foot[1] - sample.foot[1]
                return math.hypot(dx, dy) / step_s
        return None

    def _smoothed_centre(self) -> tuple[float, float]:
        newest = list(self.samples)[-_SMOOTHED_OVER:]
        xs = [(item.xyxy[0] + item.xyxy[2]) / 2 for item in newest]
        ys = [(item.xyxy[1] + item.xyxy[3]) / 2 for item in newest]
        return median(xs), median(ys)
