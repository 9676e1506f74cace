"""Results of counting one frame of one camera: counts, zone events, or a gap."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ovd.domain.detections import Detections, Tracks
from ovd.domain.frame import Frame, require_aware
from ovd.domain.query import Query
from ovd.domain.zones import Zone


@dataclass(frozen=True)
class Gap:
    """An interval in which a camera was not observed; never a count of 0.

    Attributes:
        camera: Name of the camera.
        started_at: Last observed time, aware UTC.
        ended_at: First time that is observed again, aware UTC.
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
        """Return the length in seconds."""
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class QueryCount:
    """The number of objects of one query that are visible in one frame.

    Attributes:
        query: The query that was counted.
        count: Number of visible objects; 0 if the frame was processed and held none.
        max_score: Best score in [0, 1]; 0 when the count is 0.
        unique: Distinct objects of the run so far; None without tracking.
        pending: Objects that may come to match and are not judged yet, such as a person who has
            not lain long enough; not in `count`.
        unknown: Objects of which it cannot be judged whether they match: too small, or cut off;
            not in `count`.
    """

    query: Query
    count: int
    max_score: float
    unique: int | None = None
    pending: int = 0
    unknown: int = 0


class ZoneEventKind(StrEnum):
    """The kind of a zone event: a line is crossed in or out, a polygon entered or left."""

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
        track_id: Id of the object, unique in its run.
        kind: The kind of event.
        frame_index: Index of the first frame after the event.
        at: When that frame was taken, aware UTC.
        score: Score in [0, 1] of the detection in it.
        xyxy: Its box in frame pixels.
        dwell_s: Seconds spent inside, for an exit; None for the others.
    """

    zone: Zone
    query: str
    track_id: int
    kind: ZoneEventKind
    frame_index: int
    at: datetime
    score: float
    xyxy: tuple[float, float, float, float]
    dwell_s: float | None = None

    def __post_init__(self) -> None:
        require_aware(self.at, "at")
        if (self.dwell_s is not None) != (self.kind is ZoneEventKind.EXIT):
            raise ValueError(f"an exit has a dwell time and nothing else has one: {self}")


@dataclass(frozen=True)
class ZoneTally:
    """The events of one query at one zone since the start of the run.

    Attributes:
        zone: The line or polygon.
        query: Text of the query.
        event_counts: Number of events by kind; kinds of the other type of zone are absent.
        inside: Objects inside a polygon now; None for a line.
        mean_dwell_s: Mean dwell time of the objects that left, in seconds; None if none has.
    """

    zone: Zone
    query: str
    event_counts: dict[ZoneEventKind, int]
    inside: int | None
    mean_dwell_s: float | None


@dataclass(frozen=True, eq=False)
class FrameResult:
    """One counted frame.

    Attributes:
        frame: The frame.
        detections: The detections in it.
        counts: One entry per supported query, zeros included.
        observed_s: Seconds that this frame represents: since the frame counted before it, or one
            sampling interval at the start and after a gap.
        tracks: The objects of the detections; empty without tracking.
        events: Zone events of confirmed tracks. A track that was confirmed in this frame may report
            an event of an earlier one.
        zones: Counts of the zones, one entry per zone and supported query.
        repeated: Whether the scene was still, so that the last detections were repeated without
            running the detector.
    """

    frame: Frame
    detections: Detections
    counts: tuple[QueryCount, ...]
    observed_s: float
    tracks: Tracks = field(default_factory=Tracks.none)
    events: tuple[CountEvent, ...] = ()
    zones: tuple[ZoneTally, ...] = ()
    repeated: bool = False
