"""MotionTracker: tracks objects by predicted position, size and colours.

Made for sampling rates of 1 to 10 frames a second, at which the boxes of one person in two frames
need not overlap: boxes are compared by their Mahalanobis distance from the predicted position,
whose uncertainty grows with the time since the object was seen. The prediction is a Kalman filter
of constant velocity, the assignment the Hungarian method.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Detections, Tracks
from ovd.domain.frame import Frame
from ovd.domain.matching.assignment import assign_least_cost
from ovd.tracking.appearance import describe_colours, similarity

_FORBIDDEN = 1e6
_TIME_TOLERANCE_S = 1e-6


@dataclass(frozen=True)
class MotionConfig:
    """Assumptions about objects and their boxes.

    Sizes are the square root of a box's area. The values were chosen on the sample clip at 2, 5
    and 10 frames a second with two detectors; docs/lab/tracking.md has the numbers.

    Attributes:
        position_sigma: Standard deviation of a box's centre, in object sizes.
        initial_speed_sigma: Standard deviation of the speed after the first detection, in sizes per
            second.
        acceleration: Standard deviation of the acceleration, in sizes per second squared.
        height_sigma: Standard deviation of the logarithm of a box's height.
        width_sigma: Standard deviation of the logarithm of its width.
        max_distance: Gate: largest squared Mahalanobis distance at which a box may belong to a
            track.
        colour_weight: Weight of the colour dissimilarity against that distance.
        confirm_after_frames: Detections after which a track is confirmed, and counts.
        confirm_after_s: Seconds between its first and last detection before it is confirmed.
        lost_after_s: Seconds without a detection after which a confirmed track ends.
        lost_after_frames: The same in sampling intervals; the longer time applies.
        tentative_lost_after_s: As `lost_after_s`, for a track not yet confirmed.
        tentative_lost_after_frames: As `lost_after_frames`, for a track not yet confirmed.
        size_smoothing: Share of the previous size and colours kept at each new box.
    """

    position_sigma: float = 0.2
    initial_speed_sigma: float = 1.0
    acceleration: float = 0.75
    height_sigma: float = 0.2
    width_sigma: float = 0.4
    max_distance: float = 30.0
    colour_weight: float = 20.0
    confirm_after_frames: int = 3
    confirm_after_s: float = 0.8
    lost_after_s: float = 3.0
    lost_after_frames: float = 3.5
    tentative_lost_after_s: float = 0.4
    tentative_lost_after_frames: float = 2.5
    size_smoothing: float = 0.8


class _TrackedObject:
    """One object; both axes share their uncertainty, so its covariance has three numbers."""

    def __init__(self, track_id: int, box: "_Box", config: MotionConfig) -> None:
        self.track_id = track_id
        self.centre = box.centre
        self.velocity = np.zeros(2)
        self.width_height = box.width_height
        self.colours = box.colours
        self.hits = 1
        self.first_seen_s = self.last_seen_s = box.time_s
        size = self.size
        self.position_var = (config.position_sigma * size) ** 2
        self.covariance = 0.0
        self.speed_var = (config.initial_speed_sigma * size) ** 2

    @property
    def size(self) -> float:
        return float(np.sqrt(self.width_height.prod()))

    def predict(self, step_s: float, config: MotionConfig) -> None:
        """Predict the state `step_s` seconds later."""
        acceleration_var = (config.acceleration * self.size) ** 2
        self.centre = self.centre + step_s * self.velocity
        self.position_var += step_s * (2 * self.covariance + step_s * self.speed_var)
        self.position_var += acceleration_var * step_s**4 / 4
        self.covariance += step_s * self.speed_var + acceleration_var * step_s**3 / 2
        self.speed_var += acceleration_var * step_s**2

    def update_with(self, box: "_Box", config: MotionConfig) -> None:
        """Correct the prediction with a detected box."""
        total = self.position_var + (config.position_sigma * self.size) ** 2
        position_gain, speed_gain = self.position_var / total, self.covariance / total
        innovation = box.centre - self.centre
        self.centre = self.centre + position_gain * innovation
        self.velocity = self.velocity + speed_gain * innovation
        self.speed_var -= speed_gain * self.covariance
        self.covariance *= 1 - position_gain
        self.position_var *= 1 - position_gain
        self.width_height = (
            config.size_smoothing * self.width_height
            + (1 - config.size_smoothing) * box.width_height
        )
        blended = config.size_smoothing * self.colours + (1 - config.size_smoothing) * box.colours
        self.colours = blended / max(float(np.linalg.norm(blended)), 1e-9)
        self.hits += 1
        self.last_seen_s = box.time_s


@dataclass(frozen=True, eq=False)
class _Box:
    """One detection in the form the tracker uses."""

    centre: NDArray[np.float64]
    width_height: NDArray[np.float64]
    colours: NDArray[np.float64]
    time_s: float


class MotionTracker:
    """Tracks the objects of one query through one run; implements `Tracker`."""

    def __init__(
        self, ids: Iterator[int], interval_s: float, config: MotionConfig | None = None
    ) -> None:
        """Start without objects.

        Args:
            ids: Source of new ids, shared by the trackers of a run.
            interval_s: Seconds between two sampled frames without a gap.
            config: Assumptions about objects.
        """
        self._ids = ids
        self._config = config = config or MotionConfig()
        self._lost_after_s = max(config.lost_after_s, config.lost_after_frames * interval_s)
        self._tentative_lost_after_s = max(
            config.tentative_lost_after_s, config.tentative_lost_after_frames * interval_s
        )
        self._objects: list[_TrackedObject] = []
        self._time_s: float | None = None

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Assign the detections of the next frame to objects."""
        step_s = 0.0 if self._time_s is None else frame.time_s - self._time_s
        self._time_s = frame.time_s
        ended = self._drop_lost(frame.time_s, step_s)
        for tracked in self._objects:
            tracked.predict(max(step_s, 0.0), self._config)
        boxes = _to_boxes(detections, frame)
        matches: list[_TrackedObject | None] = [None] * len(boxes)
        confirmed = [tracked for tracked in self._objects if self._is_confirmed(tracked)]
        tentative = [tracked for tracked in self._objects if not self._is_confirmed(tracked)]
        for group in (confirmed, tentative):
            self._assign(group, boxes, matches)
        matched = [
            match or _TrackedObject(next(self._ids), box, self._config)
            for match, box in zip(matches, boxes, strict=True)
        ]
        self._objects += [tracked for tracked in matched if tracked.hits == 1]
        return Tracks(
            detections,
            np.array([match.track_id for match in matched], dtype=np.int64),
            np.array([self._is_confirmed(match) for match in matched], dtype=np.bool_),
            ended,
        )

    def end_all(self) -> tuple[int, ...]:
        """End every track; return their ids."""
        ended = tuple(tracked.track_id for tracked in self._objects)
        self._objects = []
        self._time_s = None
        return ended

    def _is_confirmed(self, tracked: _TrackedObject) -> bool:
        long_enough = (
            tracked.last_seen_s - tracked.first_seen_s
            >= self._config.confirm_after_s - _TIME_TOLERANCE_S
        )
        return long_enough and tracked.hits >= self._config.confirm_after_frames

    def _drop_lost(self, time_s: float, step_s: float) -> tuple[int, ...]:
        """End tracks that were unseen for too long; all of them if time runs backwards."""
        lost = {
            tracked.track_id
            for tracked in self._objects
            if step_s < 0 or time_s - tracked.last_seen_s > self._max_unseen_s(tracked)
        }
        self._objects = [tracked for tracked in self._objects if tracked.track_id not in lost]
        return tuple(sorted(lost))

    def _max_unseen_s(self, tracked: _TrackedObject) -> float:
        return self._lost_after_s if self._is_confirmed(tracked) else self._tentative_lost_after_s

    def _assign(
        self, group: list[_TrackedObject], boxes: list[_Box], matches: list[_TrackedObject | None]
    ) -> None:
        """Assign the free boxes to the objects of a group at the least total cost."""
        free = [index for index, match in enumerate(matches) if match is None]
        if not group or not free:
            return
        cost = self._costs(group, [boxes[index] for index in free])
        for row, column in zip(*assign_least_cost(cost), strict=True):
            if cost[row, column] < _FORBIDDEN:
                index = free[column]
                group[row].update_with(boxes[index], self._config)
                matches[index] = group[row]

    def _costs(self, group: list[_TrackedObject], boxes: list[_Box]) -> NDArray[np.float64]:
        """Return twice the negative log likelihood of every pair; `_FORBIDDEN` if impossible."""
        config = self._config
        sizes = np.array([tracked.size for tracked in group])[:, None]
        centres = np.stack([tracked.centre for tracked in group])[:, None]
        shapes = np.stack([tracked.width_height for tracked in group])[:, None]
        variance = np.array([tracked.position_var for tracked in group])[:, None]
        variance = variance + (config.position_sigma * sizes) ** 2
        offset = np.stack([box.centre for box in boxes])[None] - centres
        shape = np.log(np.stack([box.width_height for box in boxes])[None] / shapes)
        distance = (offset**2).sum(axis=2) / variance
        distance += (shape[..., 0] / config.width_sigma) ** 2
        distance += (shape[..., 1] / config.height_sigma) ** 2
        similarities = similarity(
            np.stack([tracked.colours for tracked in group]),
            np.stack([box.colours for box in boxes]),
        )
        cost = (
            distance + 2 * np.log(variance / sizes**2) + config.colour_weight * (1 - similarities)
        )
        cost[distance > config.max_distance] = _FORBIDDEN
        return np.asarray(cost)


def _to_boxes(detections: Detections, frame: Frame) -> list[_Box]:
    xyxy = detections.xyxy.astype(np.float64)
    colours = describe_colours(frame.image, detections.xyxy)
    return [
        _Box(
            (box[:2] + box[2:]) / 2,
            np.maximum(box[2:] - box[:2], 1.0),
            colours[index],
            frame.time_s,
        )
        for index, box in enumerate(xyxy)
    ]
