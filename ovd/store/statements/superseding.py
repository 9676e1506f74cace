"""Footage that is counted again: what was counted in it before gives way, and is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, update
from sqlalchemy.orm import aliased

from ovd.store.schema.tables import (
    FrameCountRow,
    QueryRow,
    RunRow,
    TrackedIntervalRow,
    TrackRow,
    ZoneEventRow,
    ZoneRow,
)
from ovd.store.statements import rollups
from ovd.store.statements.reading import read_kept_from
from ovd.store.statements.time_grid import floor_time
from ovd.store.writing.queued_rows import CountEntry

# Two starts of one recording that differ by less are the same one.
_SAME_START = timedelta(seconds=2)
_MINUTE_S = 60


@dataclass(frozen=True)
class Superseded:
    """A part of an earlier run that is counted again.

    Attributes:
        run_id: The earlier run.
        camera_id: Its camera.
        query_ids: All readings of the query that is counted again.
        start_at: First moment, as the earlier run has it.
        end_at: Moment after the last, likewise.
    """

    run_id: int
    camera_id: int
    query_ids: tuple[int, ...]
    start_at: datetime
    end_at: datetime


def find(connection: Connection, counts: Sequence[CountEntry]) -> list[Superseded]:
    """Return what counts supersede that are about to be inserted; none for those of cameras."""
    earlier = _earlier_runs(connection, {entry.run_id for entry in counts})
    if not earlier:
        return []
    groups: dict[tuple[int, int], list[CountEntry]] = {}
    for entry in counts:
        if entry.run_id in earlier:
            groups.setdefault((entry.run_id, entry.query_id), []).append(entry)
    found = []
    for (run_id, query_id), entries in groups.items():
        last = max(entries, key=lambda entry: entry.captured_at)
        end_at = last.captured_at + timedelta(seconds=last.observed_s)
        until = _counted_until(connection, run_id, query_id)
        start_at = min(entry.captured_at for entry in entries) if until is None else until
        query_ids = _same_query(connection, query_id)
        parts = [
            Superseded(old, last.camera_id, query_ids, start_at + shift, end_at + shift)
            for old, shift in earlier[run_id]
        ]
        for part, (_, shift) in zip(parts, earlier[run_id], strict=True):
            _empty_removed(connection, part, None if until is None else until + shift)
        found += parts
    return found


def apply(connection: Connection, parts: Iterable[Superseded]) -> None:
    """Mark what is superseded, and take it out of the sums."""
    for part in parts:
        for query_id in part.query_ids:
            _mark_counts(connection, part, query_id)
            _mark_tracks(connection, part, query_id)
            _mark_events(connection, part, query_id)
            _cut_intervals(connection, part, query_id)


def _earlier_runs(
    connection: Connection, run_ids: Iterable[int]
) -> dict[int, list[tuple[int, timedelta]]]:
    """Return the earlier runs of each run's recording, and how much earlier they place it."""
    old = aliased(RunRow)
    statement = (
        select(RunRow.id, RunRow.recorded_at, RunRow.start_given)
        .add_columns(old.id, old.recorded_at, old.start_given)
        .join(old, old.camera_id == RunRow.camera_id)
        .where(
            RunRow.id.in_(run_ids),
            RunRow.recording.is_not(None),
            old.recording == RunRow.recording,
            old.id < RunRow.id,
        )
    )
    found: dict[int, list[tuple[int, timedelta]]] = {}
    for run_id, start_at, given, old_id, old_start_at, old_given in connection.execute(statement):
        shift = old_start_at - start_at
        if abs(shift) <= _SAME_START or not (given and old_given):
            found.setdefault(run_id, []).append((old_id, shift))
    return found


def _counted_until(connection: Connection, run_id: int, query_id: int) -> datetime | None:
    statement = (
        select(FrameCountRow.captured_at)
        .where(FrameCountRow.run_id == run_id, FrameCountRow.query_id == query_id)
        .order_by(FrameCountRow.frame_index.desc())
        .limit(1)
    )
    return connection.scalar(statement)


def _same_query(connection: Connection, query_id: int) -> tuple[int, ...]:
    own = select(QueryRow.text, QueryRow.read_as).where(QueryRow.id == query_id)
    text, read_as = connection.execute(own).one()
    same = select(QueryRow.id).where(or_(QueryRow.text == text, QueryRow.read_as == read_as))
    return tuple(connection.scalars(same))


def _empty_removed(connection: Connection, part: Superseded, until: datetime | None) -> None:
    """Empty the sums of minutes whose counts were pruned, before what supersedes them is added.

    Args:
        connection: A write transaction.
        part: What is superseded.
        until: Up to where that was done before; None at the beginning.
    """
    kept_from = read_kept_from(connection, FrameCountRow.__tablename__)
    if kept_from is None or part.start_at >= kept_from:
        return
    first = part.start_at
    if until is not None:
        first = max(first, floor_time(until, _MINUTE_S) + timedelta(seconds=_MINUTE_S))
    last = min(part.end_at, kept_from - timedelta(microseconds=1))
    if first <= last:
        for query_id in part.query_ids:
            rollups.empty(connection, part.camera_id, query_id, (first, last))


def _mark_counts(connection: Connection, part: Superseded, query_id: int) -> None:
    row = FrameCountRow
    marked = connection.execute(
        update(row)
        .where(
            row.camera_id == part.camera_id,
            row.query_id == query_id,
            row.run_id == part.run_id,
            row.captured_at >= part.start_at,
            row.captured_at < part.end_at,
            row.superseded.is_(False),
        )
        .values(superseded=True)
    )
    if marked.rowcount:
        kept_from = read_kept_from(connection, row.__tablename__)
        start_at = part.start_at if kept_from is None else max(part.start_at, kept_from)
        if start_at < part.end_at:
            rollups.sum_again(connection, part.camera_id, query_id, (start_at, part.end_at))


def _mark_tracks(connection: Connection, part: Superseded, query_id: int) -> None:
    row = TrackRow
    statement = select(row.id, row.first_seen_at, row.last_seen_at).where(
        row.camera_id == part.camera_id,
        row.query_id == query_id,
        row.run_id == part.run_id,
        row.last_seen_at >= part.start_at,
        row.first_seen_at >= part.start_at,
        row.first_seen_at < part.end_at,
        row.superseded.is_(False),
    )
    found = connection.execute(statement).all()
    if found:
        ids = [key for key, _, _ in found]
        connection.execute(update(row).where(row.id.in_(ids)).values(superseded=True))
        periods = [(first_at, last_at) for _, first_at, last_at in found]
        rollups.forget_tracks(connection, part.camera_id, query_id, periods)


def _mark_events(connection: Connection, part: Superseded, query_id: int) -> None:
    row = ZoneEventRow
    zones = select(ZoneRow.id).where(ZoneRow.camera_id == part.camera_id)
    connection.execute(
        update(row)
        .where(
            row.zone_id.in_(zones),
            row.query_id == query_id,
            row.run_id == part.run_id,
            row.at >= part.start_at,
            row.at < part.end_at,
        )
        .values(superseded=True)
    )


def _cut_intervals(connection: Connection, part: Superseded, query_id: int) -> None:
    """Let tracked intervals end where the part begins, and go on where it ends."""
    row = TrackedIntervalRow
    statement = select(row.id, row.zone_id, row.first_at, row.last_at).where(
        row.run_id == part.run_id,
        row.query_id == query_id,
        row.last_at >= part.start_at,
        row.first_at < part.end_at,
        row.superseded.is_(False),
    )
    for key, zone_id, first_at, last_at in connection.execute(statement).all():
        own = update(row).where(row.id == key)
        if first_at >= part.start_at and last_at <= part.end_at:
            connection.execute(own.values(superseded=True))
        elif first_at >= part.start_at:
            connection.execute(own.values(first_at=part.end_at))
        else:
            connection.execute(own.values(last_at=part.start_at))
            if last_at > part.end_at:
                values = {
                    "run_id": part.run_id,
                    "camera_id": part.camera_id,
                    "query_id": query_id,
                    "zone_id": zone_id,
                    "first_at": part.end_at,
                    "last_at": last_at,
                }
                connection.execute(insert(row), values)
