"""Records of the count store, independent of any database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ovd.domain.cameras import Camera
from ovd.domain.frame import require_aware
from ovd.domain.names import normalise_name


class RunStatus(StrEnum):
    """The status of a counting run."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    LOST = "lost"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Recording:
    """Footage that can be counted again: which it is, and when it was taken.

    Attributes:
        id: The same for the same footage, also after the file was copied or renamed.
        start_at: When its first frame was taken, aware UTC.
        start_given: Whether the user gave the start; else it was derived from the file.
    """

    id: str
    start_at: datetime
    start_given: bool


@dataclass(frozen=True)
class Run:
    """One interval of counting one camera with one detector.

    Attributes:
        id: Key in the store.
        camera: The camera counted.
        detector: Name of the detector.
        weights_sha256: Checksum of the weights that did the looking.
        started_at: Aware UTC, wall clock.
        ended_at: Aware UTC, or None while the run goes on.
        status: How it stands.
        error: Why it failed or was lost, else empty.
        runtime: Library that computed the network; empty before ovd 0.3.
        precision: Type of the numbers in it; likewise.
        recording: The footage that was counted; None for a camera, and before ovd 0.3.
    """

    id: int
    camera: Camera
    detector: str
    weights_sha256: str
    started_at: datetime
    ended_at: datetime | None
    status: RunStatus
    error: str = ""
    runtime: str = ""
    precision: str = ""
    recording: Recording | None = None


@dataclass(frozen=True)
class CountSelection:
    """Which counts to read. Empty tuples mean all; None means no bound.

    Names are taken in the form of `ovd.domain.names.normalise_name`.

    Attributes:
        cameras: Camera names.
        queries: Query texts as typed.
        start_at: First moment, inclusive, aware.
        end_at: Last moment, exclusive, aware.
        run_ids: Only these runs.
    """

    cameras: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    start_at: datetime | None = None
    end_at: datetime | None = None
    run_ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for names in ("cameras", "queries"):
            object.__setattr__(self, names, tuple(map(normalise_name, getattr(self, names))))
        for name in ("start_at", "end_at"):
            moment = getattr(self, name)
            if moment is not None:
                require_aware(moment, name)


@dataclass(frozen=True)
class CountTotal:
    """Counts of one query at one camera summed over one interval of UTC time.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        start_at: Start of the interval, aware UTC; its length is what the caller asked for.
        observed_s: Seconds that counted frames stand for.
        samples: Number of counted frames.
        count_sum: Sum of their counts.
        count_max: Highest count of one frame.
        pending_sum: Sum of the objects that were not judged yet.
        unknown_sum: Sum of the objects that could not be judged.
    """

    camera: str
    query: str
    start_at: datetime
    observed_s: float
    samples: int
    count_sum: int
    count_max: int
    pending_sum: int = 0
    unknown_sum: int = 0

    def __add__(self, other: "CountTotal") -> "CountTotal":
        """Both together, with this one's names and start."""
        return CountTotal(
            self.camera,
            self.query,
            self.start_at,
            self.observed_s + other.observed_s,
            self.samples + other.samples,
            self.count_sum + other.count_sum,
            max(self.count_max, other.count_max),
            self.pending_sum + other.pending_sum,
            self.unknown_sum + other.unknown_sum,
        )


@dataclass(frozen=True)
class CountedFrame:
    """The stored count of one query in one frame.

    Attributes:
        camera: Camera name.
        at: When the frame was taken, aware UTC.
        observed_s: Seconds that it stands for.
        count: Number of visible objects.
        unjudged: Number of objects that were not or could not be judged.
    """

    camera: str
    at: datetime
    observed_s: float
    count: int
    unjudged: int = 0


@dataclass(frozen=True)
class CountExtent:
    """The period in which one query was counted at one camera.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        first_at: When the first counted frame was taken, aware UTC.
        last_at: When the last one was taken, aware UTC.
    """

    camera: str
    query: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class TrackSummary:
    """One object that matched one query in one run.

    Attributes:
        track_id: The object, unique in its run.
        first_seen_at: Aware UTC.
        last_seen_at: Aware UTC, not before `first_seen_at`.
        best_score: Highest score of its detections, in [0, 1].
        best_xyxy: Box of that detection in frame pixels.
    """

    track_id: int
    first_seen_at: datetime
    last_seen_at: datetime
    best_score: float
    best_xyxy: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        require_aware(self.first_seen_at, "first_seen_at")
        require_aware(self.last_seen_at, "last_seen_at")
        if self.last_seen_at < self.first_seen_at:
            raise ValueError(f"a track cannot end before it starts: {self}")


@dataclass(frozen=True)
class TrackRecord:
    """A stored track and what it belongs to.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        run_id: Key of the run; with `track.track_id` it names the object.
        track: What was seen.
    """

    camera: str
    query: str
    run_id: int
    track: TrackSummary


@dataclass(frozen=True)
class Keep:
    """The part of a table to keep; None means no limit.

    Attributes:
        days: Greatest age of a row.
        max_bytes: Greatest size with indexes, estimated from the number of rows.
    """

    days: float | None = None
    max_bytes: int | None = None


@dataclass(frozen=True)
class RetentionPolicy:
    """The rows that may be removed. Cameras, queries, runs, gaps and rollups always stay.

    Attributes:
        frame_counts: Counts per frame; their sums stay in the rollups.
        tracks: Objects followed.
        zone_events: Crossings, entries and exits.
        alerts: Messages about alerts: the log, and those that were given up.
        min_free_bytes: Free space below which the oldest counts per frame are removed early.
    """

    frame_counts: Keep = Keep()
    tracks: Keep = Keep()
    zone_events: Keep = Keep()
    alerts: Keep = Keep()
    min_free_bytes: int = 0


class StoreState(StrEnum):
    """The ability of the store to keep new counts."""

    GOOD = "good"
    LOW_SPACE = "low_space"
    FAILING = "failing"


@dataclass(frozen=True)
class StoreHealth:
    """The health of the store.

    Attributes:
        state: LOW_SPACE while there is less room than wanted, FAILING while nothing can be written.
        queued: Rows that wait to be written.
        free_bytes: Room left for it; None where it cannot be known, as on a server.
        detail: What is wrong, for people; empty when nothing is.
    """

    state: StoreState
    queued: int
    free_bytes: int | None
    detail: str = ""


@dataclass(frozen=True)
class EvidenceImage:
    """A small image that shows what was counted.

    Attributes:
        camera: Camera name.
        query: Query text as typed.
        captured_at: When the frame was taken, aware UTC.
        run_id: Run that counted it.
        frame_index: Index of the frame in its source.
        number: Place among the images of the same count, from 0, best score first.
        score: Score in [0, 1] of the object shown; the best one where all are shown.
    """

    camera: str
    query: str
    captured_at: datetime
    run_id: int
    frame_index: int
    number: int
    score: float

    def __post_init__(self) -> None:
        require_aware(self.captured_at, "captured_at")


@dataclass(frozen=True)
class EvidenceStatus:
    """Numbers of the images handed over since the start.

    Attributes:
        written: Images on the disk.
        dropped: Images that could not be written.
        problem: Why the last one was dropped, empty once writing works again.
    """

    written: int
    dropped: int
    problem: str


@dataclass(frozen=True)
class Erasure:
    """A period of which counts, tracks, zone events and images are erased.

    Attributes:
        cameras: Names of cameras; empty takes all.
        queries: Texts of queries, as typed or as read; empty takes all.
        start_at: First moment, aware; None from the beginning. Widened to a whole minute.
        end_at: Moment after the last, aware. Widened to a whole minute.
        asked_at: When it was asked for, aware.
    """

    cameras: tuple[str, ...]
    queries: tuple[str, ...]
    start_at: datetime | None
    end_at: datetime
    asked_at: datetime

    def __post_init__(self) -> None:
        for names in ("cameras", "queries"):
            object.__setattr__(self, names, tuple(map(normalise_name, getattr(self, names))))
        require_aware(self.end_at, "end_at")
        if self.start_at is not None:
            require_aware(self.start_at, "start_at")


@dataclass(frozen=True)
class ErasedPair:
    """A camera and a query of which something was erased."""

    camera: str
    query: str


@dataclass(frozen=True)
class Erased:
    """The rows that an erasure removed.

    Attributes:
        counts: Counts per frame.
        tracks: Tracks.
        zone_events: Crossings, entries and exits.
        pairs: What was counted by them, for what is kept elsewhere.
        alerts: Messages about alerts.
    """

    counts: int
    tracks: int
    zone_events: int
    pairs: tuple[ErasedPair, ...]
    alerts: int = 0
