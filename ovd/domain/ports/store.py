"""Ports of the store: one repository for each kind of record, all on one database.

A repository raises `StoreError` from every method when the database cannot be used. Every method
may be called from any thread; what is written goes through one writer.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from ovd.domain.cameras import Camera, CameraRepository
from ovd.domain.events import FrameResult, Gap
from ovd.domain.ports.access import AccessStore
from ovd.domain.ports.alerts import AlertRepository, CameraViews, Outbox, TargetRepository
from ovd.domain.ports.detector import UNKNOWN_COMPUTATION, Computation
from ovd.domain.ports.jobs import JobRepository
from ovd.domain.ports.mqtt import TopicNameRepository
from ovd.domain.ports.schedules import ScheduleRepository
from ovd.domain.query import Query
from ovd.domain.records import (
    CountedFrame,
    CountExtent,
    CountSelection,
    CountTotal,
    Erased,
    Erasure,
    Recording,
    RetentionPolicy,
    Run,
    RunStatus,
    StoreHealth,
    TrackRecord,
    TrackSummary,
)
from ovd.domain.sites import DisplayRepository, SiteRepository
from ovd.domain.sites.records import SiteRecords
from ovd.domain.spelling import SavedQueries
from ovd.domain.teaching.taught_names import TaughtNames
from ovd.domain.tracking import ZoneRepository
from ovd.threads import ThreadHealth


class RunRepository(Protocol):
    """Counting runs: when a camera was counted, by what, and how that ended."""

    def start(
        self,
        camera: Camera,
        detector: str,
        weights_sha256: str,
        started_at: datetime,
        computation: Computation = UNKNOWN_COMPUTATION,
        recording: Recording | None = None,
    ) -> Run:
        """Open a run.

        What it counts in a recording takes the place of what earlier runs of the camera counted
        there for the same query: nothing is deleted, but only the newest is read.
        """
        ...

    def end(self, run_id: int, status: RunStatus, ended_at: datetime, error: str = "") -> None:
        """Write what is queued for the run, then close it."""
        ...

    def close_stale(self, now: datetime) -> tuple[int, ...]:
        """Mark runs as interrupted whose process died; returns their keys."""
        ...

    def all(self, camera: str | None = None) -> tuple[Run, ...]:
        """Return the runs of one camera or of all, newest first."""
        ...


class CountRepository(Protocol):
    """Counts per frame, gaps and tracks, and the sums that reports are made of."""

    def add_result(self, run: Run, result: FrameResult) -> None:
        """Queue the counts of one frame; blocks when the writer is far behind, drops nothing."""
        ...

    def add_gap(self, run: Run, gap: Gap) -> None:
        """Queue one gap."""
        ...

    def query_id(self, query: Query) -> int | None:
        """Return the key of a query that this process counted; None for others."""
        ...

    def add_track(self, run: Run, query: Query, track: TrackSummary) -> None:
        """Queue a track, or what is new about one of the same run, query and id.

        Its times widen those known before; the better score and its box stay.
        """
        ...

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        """Sum counts per camera, query and interval of `step_s` seconds, which divide a day.

        Intervals begin where a clock `offset_s` seconds ahead of UTC shows a multiple of
        `step_s`. The coarser, the faster; one that the selection cuts is summed from what is left
        of it. Ordered by camera, query, time; intervals without a counted frame are absent.
        """
        ...

    def frames(self, selection: CountSelection, limit: int) -> tuple[CountedFrame, ...]:
        """Return the newest counts per frame of the selection, by camera and time.

        Where queries are selected, those of one typed text, or else of one reading, are taken.
        """
        ...

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        """Yield tracks that were seen in the selected time, by camera, query and first sight.

        One that lasts is given once, however long: count it in every interval it touches.
        """
        ...

    def extents(self, selection: CountSelection) -> tuple[CountExtent, ...]:
        """Return every camera and query that were counted together, in the order of `totals`."""
        ...

    def readings(self) -> Mapping[str, str]:
        """Return how each query text that was counted was read last."""
        ...

    def gaps(self, selection: CountSelection) -> tuple[tuple[Camera, Gap], ...]:
        """Return gaps that touch the selected time range and cameras, oldest first."""
        ...


class CountStore(Protocol):
    """An open database by its repositories."""

    @property
    def cameras(self) -> CameraRepository:
        """Cameras."""
        ...

    @property
    def runs(self) -> RunRepository:
        """Counting runs."""
        ...

    @property
    def counts(self) -> CountRepository:
        """Counts per frame, gaps and tracks."""
        ...

    @property
    def zones(self) -> ZoneRepository:
        """Zones, what happened at them, and when objects were followed."""
        ...

    @property
    def access(self) -> AccessStore:
        """Users, sessions, API tokens and the audit log."""
        ...

    @property
    def jobs(self) -> JobRepository:
        """Long work that people asked for."""
        ...

    @property
    def schedules(self) -> ScheduleRepository:
        """Reports that people want made repeatedly."""
        ...

    @property
    def topic_names(self) -> TopicNameRepository:
        """Levels of MQTT topics."""
        ...

    @property
    def alerts(self) -> AlertRepository:
        """Alert rules, how they stand, and the log of their messages."""
        ...

    @property
    def targets(self) -> TargetRepository:
        """Targets of alerts."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages on their way to targets."""
        ...

    @property
    def views(self) -> CameraViews:
        """Reference views of cameras."""
        ...

    @property
    def saved_queries(self) -> SavedQueries:
        """The user's list of queries."""
        ...

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Health of its own threads."""
        ...

    @property
    def displays(self) -> DisplayRepository:
        """The screens that show sites."""
        ...

    @property
    def sites(self) -> SiteRepository:
        """Sites, and the numbers of people inside that were set by hand."""
        ...

    @property
    def site_records(self) -> SiteRecords:
        """Sales, imported counts and kept days of sites."""
        ...

    @property
    def taught_names(self) -> TaughtNames:
        """Names taught by example."""
        ...

    def flush(self) -> None:
        """Return once everything queued so far is durable."""
        ...

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int]) -> int:
        """Remove what a policy no longer keeps; never blocks other writes for long.

        Args:
            policy: What is kept.
            make_room: Asked for bytes when room runs out, before counts are removed early;
                returns how many it freed.

        Returns:
            How many rows were removed.
        """
        ...

    def erase(self, erasure: Erasure) -> Erased:
        """Erase counts, tracks and zone events of a period, and note that they were."""
        ...

    def health(self) -> StoreHealth:
        """Return how the store stands."""
        ...

    def claim(self) -> None:
        """Claim the database for the server that this process is, until the store is closed.

        Raises:
            ServerRunningError: If another server has it.
        """
        ...

    def close(self) -> None:
        """Write what is queued and release the database. Calling it twice is harmless."""
        ...
