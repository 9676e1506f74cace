"""The statements that write, each inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from ovd.domain.query import Query
from ovd.domain.records import Recording, Run, RunStatus
from ovd.store.liveness import Owner, is_dead, this_process
from ovd.store.schema.tables import (
    FrameCountRow,
    GapRow,
    QueryRow,
    RunRow,
    TrackRow,
    ZoneEventRow,
)
from ovd.store.statements import rollups, site_days, superseding
from ovd.store.statements.zones import save_tracked_interval
from ovd.store.writing.queued_rows import (
    CountEntry,
    Entry,
    EventEntry,
    GapEntry,
    TrackedIntervalEntry,
    TrackEntry,
)
from ovd.threads import Caught, describe_failure


def save_query(connection: Connection, query: Query, now: datetime) -> int:
    """Find the row of exactly this reading and threshold, or make it; returns its key."""
    with Session(connection) as session:
        for known in session.scalars(select(QueryRow).where(QueryRow.text == query.text)):
            if known.holds(query):
                return known.id
        row = QueryRow(
            text=query.text,
            read_as=query.read_as,
            prompts=list(query.prompts),
            excluded=list(query.excluded),
            min_score=query.min_score,
            created_at=now,
        )
        session.add(row)
        session.flush()
        return row.id


def insert_run(connection: Connection, run: Run, now: datetime) -> int:
    """Open a run that belongs to this process; returns its key, whatever `run` has for one."""
    owner = this_process()
    with Session(connection) as session:
        row = RunRow(
            camera_id=run.camera.id,
            detector=run.detector,
            weights_sha256=run.weights_sha256,
            started_at=run.started_at,
            status=run.status.value,
            error="",
            runtime=run.runtime,
            precision=run.precision,
            **_recorded(run.recording),
            owner_host=owner.host,
            owner_pid=owner.pid,
            alive_at=now,
        )
        session.add(row)
        session.flush()
        return row.id


def _recorded(recording: Recording | None) -> dict[str, object]:
    if recording is None:
        return {}
    return {
        "recording": recording.id,
        "recorded_at": recording.start_at,
        "start_given": recording.start_given,
    }


@dataclass(frozen=True)
class RunEnd:
    """Hold how and when a run ended."""

    status: RunStatus
    ended_at: datetime
    error: str


def end_run(connection: Connection, run_id: int, end: RunEnd) -> None:
    """Close a run."""
    connection.execute(
        update(RunRow)
        .where(RunRow.id == run_id)
        .values(status=end.status.value, ended_at=end.ended_at, error=end.error)
    )


def write_ends(connection: Connection, ends: Mapping[int, RunEnd]) -> tuple[int, ...]:
    """Close runs; returns the keys of those that were closed so before."""
    if not ends:
        return ()
    kept = select(RunRow.id, RunRow.status).where(RunRow.id.in_(ends))
    written = [key for key, status in connection.execute(kept) if status == ends[key].status.value]
    for run_id in ends.keys() - set(written):
        end_run(connection, run_id, ends[run_id])
    return tuple(written)


def close_stale_runs(
    connection: Connection, now: datetime, own_runs: Collection[int]
) -> tuple[int, ...]:
    """Mark running runs as interrupted whose process is dead; returns their keys."""
    with Session(connection) as session:
        running = select(RunRow).where(RunRow.status == RunStatus.RUNNING.value)
        dead = [
            row
            for row in session.scalars(running)
            if row.id not in own_runs
            and is_dead(Owner(row.owner_host, row.owner_pid), row.alive_at, now)
        ]
        for row in dead:
            row.status = RunStatus.INTERRUPTED.value
            row.ended_at = row.alive_at
            row.error = "the process ended without closing the run"
        session.flush()
        return tuple(row.id for row in dead)


def show_alive(connection: Connection, run_ids: Collection[int], now: datetime) -> None:
    """Write the heartbeat of open runs; takes back an end that another process assumed."""
    if run_ids:
        connection.execute(
            update(RunRow)
            .where(RunRow.id.in_(run_ids))
            .values(alive_at=now, status=RunStatus.RUNNING.value, ended_at=None, error="")
        )


def insert_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Insert what waits and bring the rollups up to date, all or nothing."""
    counts = [entry for entry in entries if isinstance(entry, CountEntry)]
    again = superseding.find(connection, counts)
    tables = ((FrameCountRow, CountEntry), (GapRow, GapEntry), (ZoneEventRow, EventEntry))
    for table, kind in tables:
        values = [vars(entry) for entry in entries if isinstance(entry, kind)]
        if values:
            connection.execute(insert(table), values)
    rollups.add_counts(connection, counts)
    for entry in entries:
        if isinstance(entry, TrackEntry):
            save_track(connection, entry)
        elif isinstance(entry, TrackedIntervalEntry):
            save_tracked_interval(connection, entry)
    superseding.apply(connection, again)
    tracked = [entry for entry in entries if isinstance(entry, TrackedIntervalEntry)]
    site_days.forget_written(connection, tracked)


def save_track(connection: Connection, entry: TrackEntry) -> None:
    """Insert a track, or widen the one that is known by what is new about it."""
    with Session(connection) as session:
        row = session.scalar(
            select(TrackRow).where(
                TrackRow.run_id == entry.run_id,
                TrackRow.query_id == entry.query_id,
                TrackRow.track_id == entry.track_id,
            )
        )
        before = None if row is None else (row.first_seen_at, row.last_seen_at)
        if row is None:
            row = TrackRow(**vars(entry) | {"best_xyxy": list(entry.best_xyxy)})
            session.add(row)
        elif entry.best_score > row.best_score:
            row.best_score, row.best_xyxy = entry.best_score, list(entry.best_xyxy)
        row.first_seen_at = min(row.first_seen_at, entry.first_seen_at)
        row.last_seen_at = max(row.last_seen_at, entry.last_seen_at)
        after = (row.first_seen_at, row.last_seen_at)
        session.flush()
    rollups.add_track(connection, entry.camera_id, entry.query_id, before, after)


def insert_singly(connection: Connection, entries: Sequence[Entry]) -> list[str]:
    """Insert what can be; returns why each of the others could not.

    Raises:
        DBAPIError: If the database cannot be written at all at the moment.
    """
    refused: list[str] = []
    for entry in entries:
        with Caught() as caught, connection.begin_nested():
            insert_entries(connection, [entry])
        error = caught.error
        if isinstance(error, IntegrityError | DataError):
            refused.append(str(error.orig))
        elif isinstance(error, DBAPIError):
            raise error
        elif error is not None:
            refused.append(describe_failure(error))
    return refused
