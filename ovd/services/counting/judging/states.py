"""States of one track: what each frame says of it, and for how long it has held.

Thresholds are in the person's own upright height, or that of other people at the same place, so
that they hold near and far. docs/queries.md explains them to users, docs/lab/relations.md has what
was measured.
"""

import math
from dataclasses import dataclass, field

from ovd.domain.query import RequiredState, StateKind
from ovd.services.counting.judging.evidence import Evidence, Verdict
from ovd.services.counting.judging.shape import Sample, SceneHeights, TrackShape


@dataclass(frozen=True)
class StateConfig:
    """Limits of the states; lengths in heights of an upright person unless said otherwise.

    Attributes:
        lying_aspect: Height over width at most.
        lying_aspect_known: The same of one at least `lying_width` wide.
        lying_width: Width at least of who lies across the line of sight.
        lying_height: Height at most of who lies.
        lying_height_sure: Height at most of who lies along the line of sight, whatever the shape.
        lying_length: Width at most of who lies, in heights of the tallest who stood nearer.
        lying_area: Area at least of who lies, in squares of that height; smaller things are none.
        sitting_heights: Least and greatest height of who sits.
        sitting_aspect: Least height over width of who sits.
        calm_speed: Heights per second at most of who lies or sits.
        running_speed: Heights per second from which a person runs.
        still_radius: Movement that is still rest.
        loitering_radius: Movement of who loiters.
        vehicle_radius: Movement of a vehicle or bag at rest, in square roots of its area.
        jitter_px: Movement in pixels that is never any.
    """

    lying_aspect: float = 0.8
    lying_aspect_known: float = 1.1
    lying_width: float = 0.7
    lying_height: float = 0.62
    lying_height_sure: float = 0.33
    lying_length: float = 1.25
    lying_area: float = 0.1
    sitting_heights: tuple[float, float] = (0.45, 0.8)
    sitting_aspect: float = 0.9
    calm_speed: float = 0.5
    running_speed: float = 1.4
    still_radius: float = 0.25
    loitering_radius: float = 2.5
    vehicle_radius: float = 0.2
    jitter_px: float = 3.0


@dataclass
class TrackState:
    """Judges one state of one track; holds for `required.for_s` or is pending.

    Attributes:
        required: The state and its duration.
        evidence: What single frames say of the shape.
        config: Limits.
        shape: Shape and movement.
        since_s: Media time since which the state has held; infinite while it does not.
        alone_since_s: The same of nobody being near, for a bag.
    """

    required: RequiredState
    evidence: Evidence
    config: StateConfig = field(default_factory=StateConfig)
    shape: TrackShape = field(default_factory=TrackShape)
    since_s: float = math.inf
    alone_since_s: float = math.inf

    def add(self, sample: Sample, alone: bool, scene: SceneHeights, frame_height: int) -> Verdict:
        """Return the verdict after a frame.

        Args:
            sample: The box of the track in it.
            alone: Whether nobody is near.
            scene: Heights of other people.
            frame_height: Height of the frame in pixels.
        """
        self.shape.add(sample, self._rest_radius(sample))
        if not alone:
            self.alone_since_s = math.inf
        elif math.isinf(self.alone_since_s):
            self.alone_since_s = sample.time_s
        upright = self.shape.own_height or scene.expected(sample.foot[1], frame_height)
        longest = self.config.lying_length * scene.greatest(sample.foot[1])
        if self.required.kind is StateKind.LYING and sample.width > longest:
            return Verdict.NO
        lasted_s = self._lasted_s(sample, upright)
        if lasted_s is None:
            return Verdict.UNKNOWN
        if lasted_s < 0.0:
            return Verdict.NO
        return Verdict.YES if lasted_s >= self.required.for_s else Verdict.PENDING

    def _lasted_s(self, sample: Sample, upright: float | None) -> float | None:
        """Return for how long the state holds; negative if it does not, None if unknown."""
        kind = self.required.kind
        if kind is StateKind.ABANDONED:
            return min(self.shape.rested_s, sample.time_s - self.alone_since_s)
        if kind not in (StateKind.LYING, StateKind.SITTING, StateKind.RUNNING):
            return self.shape.rested_s
        belief = self._shape_belief(kind, sample, upright)
        if self.evidence.add(sample.time_s, belief) is Verdict.UNKNOWN:
            self.since_s = math.inf
            return None
        if not self.evidence.holds:
            self.since_s = math.inf
            return -1.0
        if math.isinf(self.since_s):
            self.since_s = sample.time_s
        return sample.time_s - self.since_s

    def _shape_belief(self, kind: StateKind, sample: Sample, upright: float | None) -> float:
        """Return what one frame says; NaN where the frame cuts the person."""
        if sample.cut or (sample.cut_beside and kind is StateKind.LYING):
            return math.nan
        speed = self.shape.speed()
        height = upright or max(sample.height, sample.width)
        if kind is StateKind.RUNNING:
            return math.nan if speed is None else float(speed >= self.config.running_speed * height)
        calm = speed is None or speed <= self.config.calm_speed * height
        fits = self._lies(sample, upright) if kind is StateKind.LYING else (
            self._sits(sample, upright)
        )  # fmt: skip
        return float(calm and fits)

    def _lies(self, sample: Sample, upright: float | None) -> bool:
        config = self.config
        if upright is None:
            return sample.aspect <= config.lying_aspect
        height = sample.height / upright
        if sample.width * sample.height < config.lying_area * upright**2:
            return False
        long = sample.width >= config.lying_width * upright
        longest = config.lying_aspect_known if long else config.lying_aspect
        flat = sample.aspect <= longest and height <= config.lying_height
        return flat or (height <= config.lying_height_sure and sample.width < 1.5 * upright)

    def _sits(self, sample: Sample, upright: float | None) -> bool:
        if upright is None:
            return False
        least, greatest = self.config.sitting_heights
        return (
            least <= sample.height / upright <= greatest
            and sample.aspect >= self.config.sitting_aspect
        )

    def _rest_radius(self, sample: Sample) -> float:
        kind, config = self.required.kind, self.config
        if kind in (StateKind.STOPPED, StateKind.PARKED, StateKind.ABANDONED):
            radius = config.vehicle_radius * math.sqrt(sample.width * sample.height)
        else:
            loiters = kind is StateKind.LOITERING
            height = self.shape.own_height or max(sample.height, sample.width)
            radius = (config.loitering_radius if loiters else config.still_radius) * height
        return max(radius, config.jitter_px)
