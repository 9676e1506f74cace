"""MotionTracker: follows objects by where they are heading, how large they are and their colours.

Made for sampling rates of 1 to 10 frames a second, at which the boxes of one person in two frames
need not overlap: boxes are compared by their distance from the predicted place, in units of how
uncertain that place is, which grows with the time since the object was seen. The assignment is
that of the Hungarian method; the prediction is a Kalman filter of constant velocity.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ovd.domain.detections import Detections, Tracks
from ovd.domain.frame import Frame
from ovd.tracking.appearance import describe_colours, likeness

_FORBIDDEN = 1e6
_TINY_S = 1e-6


@dataclass(frozen=True)
class MotionConfig:
    """What is assumed about objects and their boxes.

    Sizes are the square root of a box's area. The values were chosen on the sample clip at 2, 5
    and 10 frames a second with two detectors; docs/tracking.md has the numbers.

    Attributes:
        place_sigma: Standard deviation of a box's centre, in sizes.
        start_speed_sigma: That of the speed of an object seen once, in sizes per second.
        acceleration: That of the change of speed, in sizes per second squared.
        height_sigma: That of the logarithm of a box's height.
        width_sigma: That of the logarithm of its width.
        farthest: Largest squared distance, in standard deviations, at which a box may belong to
            a track.
        colour_weight: How much the colours weigh against that distance.
        confirm_after: Frames in which an object must be seen to count.
        confirm_after_s: Seconds for which it must be seen to count.
        lost_after_s: Seconds unseen after which a track ends.
        lost_after_frames: It lasts at least so many sampling intervals.
        unsure_after_s: As `lost_after_s`, before it was confirmed.
        unsure_after_frames: As `lost_after_frames`, before it was confirmed.
        keep: How much of the known size stays when a box is added.
    """

    place_sigma: float = 0.2
    start_speed_sigma: float = 1.0
    acceleration: float = 0.75
    height_sigma: float = 0.2
    width_sigma: float = 0.4
    farthest: float = 30.0
    colour_weight: float = 20.0
    confirm_after: int = 3
    confirm_after_s: float = 0.8
    lost_after_s: float = 3.0
    lost_after_frames: float = 3.5
    unsure_after_s: float = 0.4
    unsure_after_frames: float = 2.5
    keep: float = 0.8


class _Object:
    """One object; the two axes share their uncertainty, so three numbers hold its covariance."""

    def __init__(self, track_id: int, box: "_Box", config: MotionConfig) -> None:
        self.track_id = track_id
        self.centre = box.centre
        self.velocity = np.zeros(2)
        self.width_height = box.width_height
        self.colours = box.colours
        self.sightings = 1
        self.first_s = self.seen_s = box.time_s
        size = self.size
        self.place_var = (config.place_sigma * size) ** 2
        self.mixed_var = 0.0
        self.speed_var = (config.start_speed_sigma * size) ** 2

    @property
    def size(self) -> float:
        return float(np.sqrt(self.width_height.prod()))

    def move_on(self, step_s: float, config: MotionConfig) -> None:
        """Predict where it is `step_s` seconds later."""
        push = (config.acceleration * self.size) ** 2
        self.centre = self.centre + step_s * self.velocity
        self.place_var += step_s * (2 * self.mixed_var + step_s * self.speed_var)
        self.place_var += push * step_s**4 / 4
        self.mixed_var += step_s * self.speed_var + push * step_s**3 / 2
        self.speed_var += push * step_s**2

    def see(self, box: "_Box", config: MotionConfig) -> None:
        """Correct the prediction by a box."""
        total = self.place_var + (config.place_sigma * self.size) ** 2
        place_gain, speed_gain = self.place_var / total, self.mixed_var / total
        surprise = box.centre - self.centre
        self.centre = self.centre + place_gain * surprise
        self.velocity = self.velocity + speed_gain * surprise
        self.speed_var -= speed_gain * self.mixed_var
        self.mixed_var *= 1 - place_gain
        self.place_var *= 1 - place_gain
        self.width_height = config.keep * self.width_height + (1 - config.keep) * box.width_height
        mixed = config.keep * self.colours + (1 - config.keep) * box.colours
        self.colours = mixed / max(float(np.linalg.norm(mixed)), 1e-9)
        self.sightings += 1
        self.seen_s = box.time_s


@dataclass(frozen=True, eq=False)
class _Box:
    """One detection as the tracker sees it."""

    centre: NDArray[np.float64]
    width_height: NDArray[np.float64]
    colours: NDArray[np.float64]
    time_s: float


class MotionTracker:
    """Follows the objects of one query through one run; implements `Tracker`."""

    def __init__(
        self, ids: Iterator[int], interval_s: float, config: MotionConfig | None = None
    ) -> None:
        """Start without objects.

        Args:
            ids: Where new ids come from; shared by the trackers of a run.
            interval_s: Seconds between two sampled frames, as far as nothing is missing.
            config: What is assumed about objects.
        """
        self._ids = ids
        self._config = config = config or MotionConfig()
        self._lost_after_s = max(config.lost_after_s, config.lost_after_frames * interval_s)
        self._unsure_after_s = max(config.unsure_after_s, config.unsure_after_frames * interval_s)
        self._objects: list[_Object] = []
        self._time_s: float | None = None

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Say which objects the detections of the next frame are."""
        step_s = 0.0 if self._time_s is None else frame.time_s - self._time_s
        self._time_s = frame.time_s
        ended = self._drop_lost(frame.time_s, step_s)
        for known in self._objects:
            known.move_on(max(step_s, 0.0), self._config)
        boxes = _to_boxes(detections, frame)
        owners: list[_Object | None] = [None] * len(boxes)
        confirmed = [known for known in self._objects if self._counts(known)]
        tentative = [known for known in self._objects if not self._counts(known)]
        for group in (confirmed, tentative):
            self._assign(group, boxes, owners)
        seen = [
            owner or _Object(next(self._ids), box, self._config)
            for owner, box in zip(owners, boxes, strict=True)
        ]
        self._objects += [known for known in seen if known.sightings == 1]
        return Tracks(
            detections,
            np.array([owner.track_id for owner in seen], dtype=np.int64),
            np.array([self._counts(owner) for owner in seen], dtype=np.bool_),
            ended,
        )

    def end_all(self) -> tuple[int, ...]:
        """Forget every object; returns their ids."""
        ended = tuple(known.track_id for known in self._objects)
        self._objects = []
        self._time_s = None
        return ended

    def _counts(self, known: _Object) -> bool:
        long_enough = known.seen_s - known.first_s >= self._config.confirm_after_s - _TINY_S
        return long_enough and known.sightings >= self._config.confirm_after

    def _drop_lost(self, time_s: float, step_s: float) -> tuple[int, ...]:
        """End tracks unseen for too long; all of them where time runs backwards."""
        lost = {
            known.track_id
            for known in self._objects
            if step_s < 0 or time_s - known.seen_s > self._patience_s(known)
        }
        self._objects = [known for known in self._objects if known.track_id not in lost]
        return tuple(sorted(lost))

    def _patience_s(self, known: _Object) -> float:
        return self._lost_after_s if self._counts(known) else self._unsure_after_s

    def _assign(
        self, group: list[_Object], boxes: list[_Box], owners: list[_Object | None]
    ) -> None:
        """Give the free boxes to the objects of a group, as likely as possible together."""
        free = [place for place, owner in enumerate(owners) if owner is None]
        if not group or not free:
            return
        cost = self._costs(group, [boxes[place] for place in free])
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            if cost[row, column] < _FORBIDDEN:
                place = free[column]
                group[row].see(boxes[place], self._config)
                owners[place] = group[row]

    def _costs(self, group: list[_Object], boxes: list[_Box]) -> NDArray[np.float64]:
        """Twice the negative log likelihood of every pair, `_FORBIDDEN` where it cannot be."""
        config = self._config
        sizes = np.array([known.size for known in group])[:, None]
        centres = np.stack([known.centre for known in group])[:, None]
        shapes = np.stack([known.width_height for known in group])[:, None]
        spread = np.array([known.place_var for known in group])[:, None]
        spread = spread + (config.place_sigma * sizes) ** 2
        offset = np.stack([box.centre for box in boxes])[None] - centres
        shape = np.log(np.stack([box.width_height for box in boxes])[None] / shapes)
        away = (offset**2).sum(axis=2) / spread
        away += (shape[..., 0] / config.width_sigma) ** 2
        away += (shape[..., 1] / config.height_sigma) ** 2
        looks = likeness(
            np.stack([known.colours for known in group]), np.stack([box.colours for box in boxes])
        )
        cost = away + 2 * np.log(spread / sizes**2) + config.colour_weight * (1 - looks)
        cost[away > config.farthest] = _FORBIDDEN
        return np.asarray(cost)


def _to_boxes(detections: Detections, frame: Frame) -> list[_Box]:
    xyxy = detections.xyxy.astype(np.float64)
    colours = describe_colours(frame.image, detections.xyxy)
    return [
        _Box(
            (box[:2] + box[2:]) / 2,
            np.maximum(box[2:] - box[:2], 1.0),
            colours[place],
            frame.time_s,
        )
        for place, box in enumerate(xyxy)
    ]
