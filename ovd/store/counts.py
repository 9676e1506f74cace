"""SqlCountStore: domain types in and out, rows in between, one writer."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from ovd.domain.cameras import Camera
from ovd.domain.events import FrameResult, Gap
from ovd.domain.frame import require_aware
from ovd.domain.query import Query
from ovd.domain.records import (
    CountExtent,
    CountSelection,
    CountTotal,
    RetentionPolicy,
    Run,
    RunStatus,
    StoreHealth,
    StoreState,
    Track,
    TrackRecord,
)
from ovd.store.cameras import SqlCameraRepository
from ovd.store.connection.transactions import read_transaction
from ovd.store.credentials import CredentialCipher
from ovd.store.database import MAX_QUEUED_ROWS, Database, DatabaseOptions
from ovd.store.maintenance import pruning
from ovd.store.schema.tables import CameraRow, RunRow
from ovd.store.statements import writing
from ovd.store.statements.reading import gaps_statement, read_extents, read_tracks
from ovd.store.statements.time_grid import Grid
from ovd.store.statements.totals import read_totals
from ovd.store.writing.queued_rows import CountEntry, GapEntry, TrackEntry, to_exact_s
from ovd.store.zones import SqlFollowing


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqlCountStore:
    """The `CountStore` over SQLAlchemy.

    Counts and gaps are queued and written by one thread within `flush_interval_s`; that is what
    a killed process loses at most. While the database cannot be written the queue is kept and
    tried again, and the failure is raised as `BatchWriter` says. Reading needs
    no writer and works on a read-only database.
    """

    def __init__(
        self,
        url: str,
        flush_interval_s: float = 1.0,
        must_exist: bool = False,
        max_queued_rows: int = MAX_QUEUED_ROWS,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Open the database at `url`, created and brought up to date where needed.

        Args:
            url: SQLAlchemy URL such as `sqlite:///ovd.db`.
            flush_interval_s: Longest time in seconds that a count waits to be written.
            must_exist: Whether a missing file is an error, as for a report.
            max_queued_rows: Counts that may wait before `add_result` blocks.
            now: Wall clock, aware UTC.

        Raises:
            StoreError: If the database cannot be used; see `open_engine`.
        """
        options = DatabaseOptions(flush_interval_s, must_exist, max_queued_rows)
        self.database = Database(url, options, now)
        self._engine = self.database.engine
        self._now = now
        self._wanted_bytes = 0
        self._query_ids: dict[Query, int] = {}
        self._cameras = SqlCameraRepository(self.database, CredentialCipher(Path()))
        self.following = SqlFollowing(
            self._engine, self.database.change, self.database.put, self._query_id, now
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def queued(self) -> int:
        """Counts and gaps that wait to be written."""
        return self.database.queued

    def save_camera(self, name: str, uri: str) -> Camera:
        """Create the camera, or update the URI of the one with this name.

        Raises:
            CameraError: If the name is blank, too long or holds control characters.
            ValueError: If the URI still holds a password.
            StoreError: If it cannot be written.
        """
        return self._cameras.record(name, uri)

    def cameras(self) -> tuple[Camera, ...]:
        """Return all cameras by name, removed ones included."""
        return self._cameras.all(include_removed=True)

    def start_run(
        self, camera: Camera, detector: str, weights_sha256: str, started_at: datetime
    ) -> Run:
        """Open a run that belongs to this process."""
        require_aware(started_at, "started_at")

        def start(to: Connection) -> int:
            return writing.insert_run(
                to, camera.id, detector, weights_sha256, started_at, self._now()
            )

        run_id = self.database.change(start, self.database.own_runs.add)
        return Run(run_id, camera, detector, weights_sha256, started_at, None, RunStatus.RUNNING)

    def end_run(self, run_id: int, status: RunStatus, ended_at: datetime, error: str = "") -> None:
        """Write what is queued, then close the run.

        Raises:
            StoreError: If counts or the end of the run could not be written.
        """
        require_aware(ended_at, "ended_at")
        self.database.change(
            lambda to: writing.end_run(to, run_id, status, ended_at, error),
            lambda _: self.database.own_runs.discard(run_id),
        )

    def close_stale_runs(self, now: datetime) -> tuple[int, ...]:
        """Mark runs as interrupted whose process died; call it when the app starts.

        Such a run ends with the last sign of life of its process, at most one flush interval
        or heartbeat after its last count. Runs of living processes are left alone.

        Args:
            now: Current time, aware.

        Returns:
            Ids of the runs that were closed.
        """
        require_aware(now, "now")
        return self.database.change(
            lambda to: writing.close_stale_runs(to, now, self.database.own_runs)
        )

    def runs(self, camera: str | None = None) -> tuple[Run, ...]:
        """Runs, newest first; none for an unknown camera."""
        statement = select(RunRow, CameraRow).join(CameraRow, CameraRow.id == RunRow.camera_id)
        if camera is not None:
            statement = statement.where(CameraRow.name == camera)
        statement = statement.order_by(RunRow.started_at.desc(), RunRow.id.desc())
        with read_transaction(self._engine) as connection, Session(connection) as session:
            rows = session.execute(statement).all()
            return tuple(run.record(owner.record()) for run, owner in rows)

    def add_result(self, run: Run, result: FrameResult) -> None:
        """Queue the counts of one frame; blocks when the writer is far behind, drops nothing.

        Raises:
            ValueError: If two counts have the same text, or a query is unsupported.
            StoreError: If an earlier write failed; then these counts were not queued.
        """
        if len({entry.query.text for entry in result.counts}) != len(result.counts):
            raise ValueError(f"the queries of a frame must differ in text, got {result.counts}")
        self.database.put(
            [
                CountEntry(
                    run_id=run.id,
                    camera_id=run.camera.id,
                    query_id=self._query_id(entry.query),
                    frame_index=result.frame.index,
                    captured_at=result.frame.captured_at,
                    observed_s=to_exact_s(result.observed_s),
                    count=entry.count,
                    max_score=entry.max_score,
                )
                for entry in result.counts
            ]
        )

    def _query_id(self, query: Query) -> int:
        """Key of the row that holds exactly this reading and threshold, made when it is new."""
        if not query.supported:
            raise ValueError(f"{query.text!r} is unsupported, so it cannot have been counted")
        known = self._query_ids.get(query)
        if known is None:
            known = self.database.change(lambda to: writing.save_query(to, query, self._now()))
            self._query_ids[query] = known
        return known

    def add_gap(self, run: Run, gap: Gap) -> None:
        """Queue one gap.

        Raises:
            StoreError: If an earlier write failed; then this gap was not queued.
        """
        entry = GapEntry(run.id, run.camera.id, gap.started_at, gap.ended_at, gap.reason)
        self.database.put([entry])

    def add_track(self, run: Run, query: Query, track: Track) -> None:
        """Queue a track, or what is new about one that was queued before.

        Raises:
            ValueError: If the query is unsupported.
            StoreError: If an earlier write failed; then this track was not queued.
        """
        entry = TrackEntry(run.id, run.camera.id, self._query_id(query), **vars(track))
        self.database.put([entry])

    def flush(self) -> None:
        """Return once everything queued so far is durable.

        Raises:
            StoreError: If it could not be written; it stays queued.
        """
        self.database.flush()

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        """Sum counts per camera, query text and stretch of `step_s` seconds; see `CountStore`.

        Whole minutes, hours and days of UTC come from rollups unless runs are selected. Readings
        and thresholds of one text are summed together, as are runs of one camera that overlap:
        their samples add up. Reads one state of the database while it is iterated.

        Raises:
            ValueError: If `step_s` does not divide a day.
            StoreError: If the database cannot be read.
        """
        grid = Grid(step_s, offset_s)
        with read_transaction(self._engine) as connection:
            yield from read_totals(connection, selection, grid)

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        """Tracks that were seen in the selected time, by camera, query and first sight."""
        with read_transaction(self._engine) as connection:
            yield from read_tracks(connection, selection)

    def extents(self, selection: CountSelection) -> tuple[CountExtent, ...]:
        """Every camera and query that were counted together, in the order of `totals`."""
        with read_transaction(self._engine) as connection:
            return read_extents(connection, selection)

    def gaps(self, selection: CountSelection) -> tuple[tuple[Camera, Gap], ...]:
        """Gaps that touch the selected time range and cameras, oldest first."""
        with read_transaction(self._engine) as connection, Session(connection) as session:
            rows = session.execute(gaps_statement(selection)).all()
            return tuple(
                (owner.record(), Gap(owner.name, row.started_at, row.ended_at, row.reason))
                for row, owner in rows
            )

    def trim(self, policy: RetentionPolicy, make_room: Callable[[int], int] = lambda _: 0) -> int:
        """Remove what a policy no longer keeps, in short transactions between writes.

        When room runs out, `make_room` is asked for the missing bytes first and says how many it
        freed, also while nothing can be written; only then the oldest counts per frame go.

        Returns:
            How many rows were removed.

        Raises:
            StoreError: If rows could not be removed, or what waited could not be written.
        """
        self._wanted_bytes = policy.min_free_bytes
        free = self._free_bytes()
        missing = 0 if free is None else policy.min_free_bytes - free
        if missing > 0:
            missing -= make_room(missing)
        with read_transaction(self._engine) as connection:
            removals = pruning.plan(connection, policy, self._now())
            if missing > 0 and (room := pruning.plan_room(connection, missing)) is not None:
                removals.append(room)
        return sum(self._remove(removal) for removal in removals)

    def _remove(self, removal: pruning.Removal) -> int:
        with read_transaction(self._engine) as connection:
            places = pruning.find_places(connection, removal)
        if not places:
            return 0
        self.database.change(lambda to: pruning.mark(to, removal))
        removed = 0
        for place in places:
            remove_batch = partial(pruning.remove_batch, removal=removal, place=place)
            while batch := self.database.change(remove_batch):
                removed += batch
        return removed

    @property
    def _folder(self) -> Path | None:
        """Where the database lies; None where its disk cannot be asked."""
        path = self._engine.url.database
        if self._engine.dialect.name != "sqlite" or path is None or path.startswith("file:"):
            return None
        return Path(path).parent

    def _free_bytes(self) -> int | None:
        folder = self._folder
        if folder is None:
            return None
        with read_transaction(self._engine) as connection:
            return pruning.disk_bytes(folder) + pruning.unused_bytes(connection)

    def health(self) -> StoreHealth:
        """How the store stands; cheap enough to ask every second.

        Raises:
            StoreError: If the database cannot be read.
        """
        failure, queued, free = self.database.failure, self.queued, self._free_bytes()
        if failure is not None:
            return StoreHealth(StoreState.FAILING, queued, free, str(failure))
        on_disk = None if self._folder is None else pruning.disk_bytes(self._folder)
        if on_disk is not None and on_disk < self._wanted_bytes:
            return StoreHealth(
                StoreState.LOW_SPACE, queued, free, pruning.warn(on_disk, self._wanted_bytes)
            )
        return StoreHealth(StoreState.GOOD, queued, free)

    def close(self) -> None:
        """Write what is queued and release the database. Calling it twice is harmless.

        Raises:
            StoreError: If counts could not be written; the message says how many were lost.
        """
        self.database.close()
