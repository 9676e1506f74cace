"""What the use cases need from the outside, as protocols; `ovd.bootstrap` picks the classes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, Gap
from ovd.domain.frame import Frame, Image
from ovd.domain.live import Patience, Transport
from ovd.domain.query import AttributeKind, Query, Vocabulary
from ovd.domain.records import (
    Camera,
    CountExtent,
    CountSelection,
    CountTotal,
    EvidencePicture,
    EvidenceStatus,
    RetentionPolicy,
    Run,
    RunStatus,
    StoreHealth,
    Track,
    TrackRecord,
)
from ovd.domain.tracking import FollowingStore


class Clock(Protocol):
    """Wall clock and pacing."""

    def now(self) -> datetime:
        """Current time, aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        ...


@dataclass(frozen=True)
class DetectorInfo:
    """What is known about a detector before it sees an image.

    Attributes:
        name: Name by which users choose it.
        weights_sha256: Checksum of the network's weights, hexadecimal.
        known_names: Names it was trained to find, lower case, in the order of training.
        default_min_score: Threshold in [0, 1] at which its counts are meant to be read.
        open_vocabulary: Whether it may be asked for names beyond `known_names`.
        judged_attributes: What it can tell about an object beside its name, so that "red car" may
            be one of its prompts.
        independent_scores: Whether the score of a query is the same whatever else is asked for.
    """

    name: str
    weights_sha256: str
    known_names: tuple[str, ...]
    default_min_score: float
    open_vocabulary: bool = False
    judged_attributes: frozenset[AttributeKind] = frozenset()
    independent_scores: bool = True

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a detector needs a name")
        if not 0.0 <= self.default_min_score <= 1.0:
            raise ValueError(f"default_min_score must be in [0, 1], got {self.default_min_score}")

    @property
    def detector_id(self) -> str:
        """Return the name and the start of the checksum: which detector with which weights."""
        return f"{self.name}@{self.weights_sha256[:12]}"


class Detector(Protocol):
    """Finds the objects of a vocabulary in images. Safe to share between threads."""

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about it; the same for as long as it lives."""
        ...

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries; repeated prompts come from a cache.

        Raises:
            QueryError: If a query is unsupported or there is none.
        """
        ...

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` RGB images; one result per image, in order.

        Only detections at or above the `min_score` of their query are returned, after
        duplicates of the same object and query were removed.
        """
        ...


class QueryReader(Protocol):
    """Reads what a user typed."""

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Understand one query; `min_score` None takes the detector's default.

        A thing the detector has not learned gives a query with `supported` False and a note
        that names the nearest supported names.

        Raises:
            QueryError: If the text is empty, too long or holds control characters, or the
                threshold is outside [0, 1].
        """
        ...

    def read_many(self, text: str, min_score: float | None = None) -> tuple[Query, ...]:
        """Understand queries separated by commas, semicolons or lines; repetitions are dropped.

        Raises:
            QueryError: As `read`; also if there are too many.
        """
        ...

    def suggest(self, prefix: str, limit: int = 8) -> tuple[str, ...]:
        """Texts that would be supported and begin like `prefix`, slips allowed; best first."""
        ...


@dataclass(frozen=True)
class SourceInfo:
    """What a source says about itself when it is opened.

    Attributes:
        uri: Where it is read from, credentials removed.
        size_hw: Height and width of its first frame in pixels.
        fps: Frames per second the source delivers, as declared or measured.
        frame_count: Frames in a file as its header declares, None for a live source.
        sample_interval_s: Media time between two yielded frames.
        live: Whether waiting loses frames, as with a camera.
        length_s: Media seconds that a recording declares, None if it does not or is live.
    """

    uri: str
    size_hw: tuple[int, int]
    fps: float
    frame_count: int | None
    sample_interval_s: float
    live: bool
    length_s: float | None = None


class FrameSource(Protocol):
    """A video being read; open until `close`, which may be called from another thread."""

    @property
    def info(self) -> SourceInfo:
        """Facts known since opening."""
        ...

    @property
    def frames_read(self) -> int:
        """Frames decoded so far, those skipped by sampling included."""
        ...

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield sampled frames in order, and a gap where time passed unseen.

        Raises:
            SourceLostError: If a live source stops for good.
        """
        ...

    def close(self) -> None:
        """Release the source; a running iteration ends. Calling it twice is harmless."""
        ...


@dataclass(frozen=True)
class SourceOptions:
    """How a source is read.

    Attributes:
        sample_fps: Frames to count per second of media time; None counts every frame.
        realtime: Pace a file like a camera.
        loop: Start a file again at its end, until stopped.
        start_at: When the first frame of a file was taken, aware; None derives it from the file.
        transport: How an RTSP camera sends; None takes what the settings say.
        patience: What a camera that does not answer at first means.
        give_up_s: Seconds that a camera may be away before it is lost; None waits for ever.
    """

    sample_fps: float | None = None
    realtime: bool = False
    loop: bool = False
    start_at: datetime | None = None
    transport: Transport | None = None
    patience: Patience = Patience.NONE
    give_up_s: float | None = None


class SourceOpener(Protocol):
    """Opens a source by its URI, which may hold credentials."""

    def __call__(self, uri: str, camera: str, options: SourceOptions) -> FrameSource:
        """Open it.

        Raises:
            SourceOpenError: If it cannot be read.
            InputError: If the URI or an option makes no sense.
        """
        ...


class CountStore(Protocol):
    """Keeps counts. Every method is safe to call from any thread; writes go through one writer.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def save_camera(self, name: str, uri: str) -> Camera:
        """Create the camera, or update the URI of the one with this name.

        `uri` must be free of credentials.
        """
        ...

    def cameras(self) -> tuple[Camera, ...]:
        """All cameras by name."""
        ...

    def start_run(
        self, camera: Camera, detector: str, weights_sha256: str, started_at: datetime
    ) -> Run:
        """Open a run."""
        ...

    def end_run(self, run_id: int, status: RunStatus, ended_at: datetime, error: str = "") -> None:
        """Write what is queued for the run, then close it."""
        ...

    def runs(self, camera: str | None = None) -> tuple[Run, ...]:
        """Runs, newest first."""
        ...

    def add_result(self, run: Run, result: FrameResult) -> None:
        """Queue the counts of one frame; blocks when the writer is far behind, drops nothing."""
        ...

    def add_gap(self, run: Run, gap: Gap) -> None:
        """Queue one gap."""
        ...

    def add_track(self, run: Run, query: Query, track: Track) -> None:
        """Queue a track, or what is new about one of the same run, query and id.

        Its times widen those known before; the better score and its box stay.
        """
        ...

    @property
    def following(self) -> FollowingStore:
        """Zones, what happened at them, and when anything was followed."""
        ...

    def flush(self) -> None:
        """Return once everything queued so far is durable."""
        ...

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        """Sum counts per camera, query and stretch of `step_s` seconds, which divide a day.

        Stretches begin where a clock `offset_s` seconds ahead of UTC shows a multiple of
        `step_s`. The coarser, the faster; one that the selection cuts is summed from what is left
        of it. Ordered by camera, query, time; stretches without a counted frame are absent.
        """
        ...

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        """Tracks that were seen in the selected time, by camera, query and first sight.

        One that lasts is given once, however long: count it in every stretch it touches.
        """
        ...

    def extents(self, selection: CountSelection) -> tuple[CountExtent, ...]:
        """Every camera and query that were counted together, in the order of `totals`."""
        ...

    def gaps(self, selection: CountSelection) -> tuple[tuple[Camera, Gap], ...]:
        """Gaps that touch the selected time range and cameras, oldest first."""
        ...

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        """Remove what a policy no longer keeps; never blocks other writes for long.

        Args:
            policy: What is kept.
            make_room: Asked for bytes when room runs out, before counts are removed early; says
                how many it freed.

        Returns:
            How many rows were removed.
        """
        ...

    def health(self) -> StoreHealth:
        """How the store stands."""
        ...

    def close(self) -> None:
        """Write what is queued and release the database."""
        ...


class EvidenceKeeper(Protocol):
    """Keeps pictures of what is counted. Safe to share between the threads of many runs."""

    def keep(self, run: Run, result: FrameResult) -> None:
        """Consider a counted frame; what the disk refuses is dropped, never raised."""
        ...

    def end(self, run: Run) -> None:
        """Write what is pending of a run that ends, and forget it."""
        ...


class EvidenceSink(Protocol):
    """Takes finished pictures."""

    def put(self, picture: EvidencePicture, jpeg: bytes) -> None:
        """Hand over a picture; it is dropped when it cannot be written, never waited for."""
        ...


class EvidenceArchive(EvidenceSink, Protocol):
    """Pictures of what was counted, as they lie on the disk."""

    def find(
        self, camera: str, query: str, start_at: datetime, end_at: datetime
    ) -> tuple[EvidencePicture, ...]:
        """Pictures of one query at one camera from `start_at` until before `end_at`, by time."""
        ...

    def may_have(self, camera: str, query: str, start_at: datetime, end_at: datetime) -> bool:
        """Whether it is worth to look with `find`; quick, and sure only when it says no."""
        ...

    def of_count(self, run_id: int, frame_index: int, query: str) -> tuple[EvidencePicture, ...]:
        """Pictures behind one count: a query in a frame of a run, best object first."""
        ...

    def series(self) -> tuple[tuple[str, str], ...]:
        """Camera and query of everything there are pictures of."""
        ...

    def path_of(self, picture: EvidencePicture) -> Path:
        """The JPEG file of a picture that was found; it may have been removed meanwhile."""
        ...

    def status(self) -> EvidenceStatus:
        """What became of the pictures handed over so far."""
        ...

    def make_room(self, size: int) -> int:
        """Remove the oldest pictures until about `size` bytes are freed; says how many were."""
        ...

    def close(self) -> None:
        """Write what was handed over. Calling it twice is harmless."""
        ...
