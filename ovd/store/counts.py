"""SqlCountRepository: domain types in and out, rows in between."""

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from ovd.domain.cameras import Camera
from ovd.domain.events import FrameResult, Gap
from ovd.domain.query import Query
from ovd.domain.records import (
    CountedFrame,
    CountExtent,
    CountSelection,
    CountTotal,
    Run,
    TrackRecord,
    TrackSummary,
)
from ovd.store.database import Database
from ovd.store.queries import QueryRows
from ovd.store.statements.frames import read_frames
from ovd.store.statements.reading import (
    gaps_statement,
    read_extents,
    read_readings,
    read_tracks,
)
from ovd.store.statements.time_grid import Grid
from ovd.store.statements.totals import read_totals
from ovd.store.writing.queued_rows import CountEntry, GapEntry, TrackEntry, to_exact_s


class SqlCountRepository:
    """Implements `ovd.domain.ports.store.CountRepository`."""

    def __init__(self, database: Database, queries: QueryRows) -> None:
        """Work on an open database."""
        self._database = database
        self._queries = queries

    def add_result(self, run: Run, result: FrameResult) -> None:
        """Queue the counts of one frame; blocks when the writer is far behind, drops nothing.

        Raises:
            ValueError: If two counts have the same text, or a query is unsupported.
            StoreError: If an earlier write failed; then these counts were not queued.
        """
        if len({entry.query.text for entry in result.counts}) != len(result.counts):
            raise ValueError(f"the queries of a frame must differ in text, got {result.counts}")
        self._database.put(
            [
                CountEntry(
                    run_id=run.id,
                    camera_id=run.camera.id,
                    query_id=self._queries.id_of(entry.query),
                    frame_index=result.frame.index,
                    captured_at=result.frame.captured_at,
                    observed_s=to_exact_s(result.observed_s),
                    count=entry.count,
                    max_score=entry.max_score,
                    pending=entry.pending,
                    unknown=entry.unknown,
                )
                for entry in result.counts
            ]
        )

    def query_id(self, query: Query) -> int | None:
        """Return the key of a query that this process counted; None for others. Does no I/O."""
        return self._queries.known_id(query)

    def add_gap(self, run: Run, gap: Gap) -> None:
        """Queue one gap.

        Raises:
            StoreError: If an earlier write failed; then this gap was not queued.
        """
        entry = GapEntry(run.id, run.camera.id, gap.started_at, gap.ended_at, gap.reason)
        self._database.put([entry])

    def add_track(self, run: Run, query: Query, track: TrackSummary) -> None:
        """Queue a track, or what is new about one that was queued before.

        Raises:
            ValueError: If the query is unsupported.
            StoreError: If an earlier write failed; then this track was not queued.
        """
        entry = TrackEntry(run.id, run.camera.id, self._queries.id_of(query), **vars(track))
        self._database.put([entry])

    def totals(
        self, selection: CountSelection, step_s: int, offset_s: int = 0
    ) -> Iterator[CountTotal]:
        """Sum counts per camera, query text and interval of `step_s` seconds; see the port.

        Whole minutes, hours and days of UTC come from rollups unless runs are selected. Readings
        and thresholds of one text are summed together, as are runs of one camera that overlap:
        their samples add up. Reads one state of the database while it is iterated.

        Raises:
            ValueError: If `step_s` does not divide a day.
            StoreError: If the database cannot be read.
        """
        grid = Grid(step_s, offset_s)
        with self._database.read() as connection:
            yield from read_totals(connection, selection, grid)

    def frames(self, selection: CountSelection, limit: int) -> tuple[CountedFrame, ...]:
        """Return the newest counts per frame of the selection; see the port.

        Raises:
            StoreError: If the database cannot be read.
        """
        with self._database.read() as connection:
            return read_frames(connection, selection, limit)

    def tracks(self, selection: CountSelection) -> Iterator[TrackRecord]:
        """Yield tracks that were seen in the selected time, by camera, query and first sight.

        Raises:
            StoreError: If the database cannot be read.
        """
        with self._database.read() as connection:
            yield from read_tracks(connection, selection)

    def extents(self, selection: CountSelection) -> tuple[CountExtent, ...]:
        """Return every camera and query that were counted together, in the order of `totals`.

        Raises:
            StoreError: If the database cannot be read.
        """
        with self._database.read() as connection:
            return read_extents(connection, selection)

    def readings(self) -> Mapping[str, str]:
        """Return how each query text that was counted was read last.

        Raises:
            StoreError: If the database cannot be read.
        """
        with self._database.read() as connection:
            return read_readings(connection)

    def gaps(self, selection: CountSelection) -> tuple[tuple[Camera, Gap], ...]:
        """Return gaps that touch the selected time range and cameras, oldest first.

        Raises:
            StoreError: If the database cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            rows = session.execute(gaps_statement(selection)).all()
            return tuple(
                (owner.record(), Gap(owner.name, row.started_at, row.ended_at, row.reason))
                for row, owner in rows
            )
