"""What one moment of one camera gave: counts, or a gap."""

from dataclasses import dataclass
from datetime import datetime

from ovd.domain.detections import Detections
from ovd.domain.frame import Frame, require_aware
from ovd.domain.query import Query


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
        """Length in seconds."""
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class QueryCount:
    """How many objects of one query were visible in one frame.

    Attributes:
        query: The query that was counted.
        count: Visible objects, 0 when the frame was looked at and held none.
        max_score: Best score in [0, 1]; 0 when the count is 0.
    """

    query: Query
    count: int
    max_score: float


@dataclass(frozen=True, eq=False)
class FrameResult:
    """One counted frame.

    Attributes:
        frame: The picture.
        detections: What was found in it.
        counts: One entry per supported query, zeros included.
        observed_s: Seconds of the camera's time that this frame stands for: since the frame
            counted before it, or one sampling interval at the start and after a gap.
    """

    frame: Frame
    detections: Detections
    counts: tuple[QueryCount, ...]
    observed_s: float
