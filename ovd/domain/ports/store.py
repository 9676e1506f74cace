"""What keeps counts."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from ovd.domain.cameras import Camera
from ovd.domain.events import FrameResult, Gap
from ovd.domain.query import Query
from ovd.domain.records import (
    CountExtent,
    CountSelection,
    CountTotal,
    RetentionPolicy,
    Run,
    RunStatus,
    StoreHealth,
    Track,
    TrackRecord,
)
from ovd.domain.tracking import FollowingStore


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
