"""What one moment of one camera gave: counts and what crossed its zones, or a gap."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ovd.domain.detections import Detections, Tracks
from ovd.domain.frame import Frame, require_aware
from ovd.domain.query import Query
from ovd.domain.zones import Zone


@dataclass(frozen=True)
class Gap:
    """A stretch of time in which a camera was not observed; never a count of 0.

    Attributes:
        camera: Name of the camera.
        started_at: Last moment that was seen, aware UTC.
        ended_at: First moment that is seen again, aware UTC.
        reason: Short cause for people, such as "truncated file" or "stream stalled".
    """

    camera: str
    started_at: datetime
    ended_at: datetime
    reason: str

    def __post_init__(self) -> None:
        require_aware(self.started_at, "started_at")
        require_aware(self.ended_at, "ended_at")
        if self.ended_at < self.started_at:
            raise ValueError(f"a gap cannot end before it starts: {self}")

    @property
    def duration_s(self) -> float:
        """Return length in seconds."""
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class QueryCount:
    """How many objects of one query were visible in one frame.

    Attributes:
        query: The query that was counted.
        count: Visible objects, 0 when the frame was looked at and held none.
        max_score: Best score in [0, 1]; 0 when the count is 0.
        unique: Different objects of the run so far; None where nothing is followed.
    """

    query: Query
    count: int
    max_score: float
    unique: int | None = None


class Passage(StrEnum):
    """What an object did at a zone: crossed a line, or entered or left a polygon."""

    IN = "in"
    OUT = "out"
    ENTER = "enter"
    EXIT = "exit"


@dataclass(frozen=True)
class CountEvent:
    """A confirmed track crossed a line, or entered or left a polygon.

    Attributes:
        zone: The line or polygon.
        query: Text of the query that the track answers to.
        track_id: The object, unique in its run.
        passage: What it did.
        frame_index: Index of the first frame that shows it done.
        at: When that frame was taken, aware UTC.
        score: Score in [0, 1] of the detection in it.
        xyxy: Its box in frame pixels.
        dwell_s: Seconds spent inside, for an exit; None for the others.
    """

    zone: Zone
    query: str
    track_id: int
    passage: Passage
    frame_index: int
    at: datetime
    score: float
    xyxy: tuple[float, float, float, float]
    dwell_s: float | None = None

    def __post_init__(self) -> None:
        require_aware(self.at, "at")
        if (self.dwell_s is not None) != (self.passage is Passage.EXIT):
            raise ValueError(f"an exit has a dwell time and nothing else has one: {self}")


@dataclass(frozen=True)
class ZoneTally:
    """What one query did at one zone since the run began.

    Attributes:
        zone: The line or polygon.
        query: Text of the query.
        passages: How often each passage happened; those of the other kind of zone are absent.
        inside: Objects inside a polygon now; None for a line.
        mean_dwell_s: Mean seconds spent inside by those that left; None when none has.
    """

    zone: Zone
    query: str
    passages: dict[Passage, int]
    inside: int | None
    mean_dwell_s: float | None


@dataclass(frozen=True, eq=False)
class FrameResult:
    """One counted frame.

    Attributes:
        frame: The picture.
        detections: What was found in it.
        counts: One entry per supported query, zeros included.
        observed_s: Seconds of the camera's time that this frame stands for: since the frame
            counted before it, or one sampling interval at the start and after a gap.
        tracks: Which objects the detections are; none where nothing is tracked.
        events: What confirmed tracks did at zones. One that was confirmed only now may report
            what it did in an earlier frame.
        zones: How the zones stand, one entry per zone and supported query.
        repeated: Whether the scene stood still, so that what was found last was taken over
            without another look.
    """

    frame: Frame
    detections: Detections
    counts: tuple[QueryCount, ...]
    observed_s: float
    tracks: Tracks = field(default_factory=Tracks.none)
    events: tuple[CountEvent, ...] = ()
    zones: tuple[ZoneTally, ...] = ()
    repeated: bool = False
