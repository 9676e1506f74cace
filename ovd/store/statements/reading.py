"""Statements that read counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    Label,
    ScalarSelect,
    Select,
    exists,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from ovd.domain.records import CountExtent, CountSelection, TrackRecord
from ovd.store.schema.tables import (
    CameraRow,
    FrameCountRow,
    GapRow,
    QueryRow,
    RetentionRow,
    RollupRow,
    RunRow,
    TrackRow,
)
from ovd.store.statements.time_grid import floor_time


@dataclass(frozen=True)
class CountedPair:
    """A camera and a query text, with the rows that stand for them."""

    camera: str
    query: str
    camera_id: int
    query_ids: tuple[int, ...]


def read_extents(connection: Connection, selection: CountSelection) -> tuple[CountExtent, ...]:
    """First and last count of every camera and query text; see `CountStore.extents`.

    What retention removed is known by its minute.
    """
    counts = _pairs_statement(
        selection,
        exists().where(*_matches(selection)),
        _edge(selection, FrameCountRow.captured_at.asc()).label("first_at"),
        _edge(selection, FrameCountRow.captured_at.desc()).label("last_at"),
    )
    rows = list(connection.execute(counts))
    kept_from = read_kept_from(connection, FrameCountRow.__tablename__)
    if kept_from is not None and not selection.run_ids:
        rows += connection.execute(_removed_statement(selection, kept_from))
    times: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for row in rows:
        times.setdefault((row.name, row.text), []).append((row.first_at, row.last_at))
    return tuple(
        CountExtent(camera, query, min(first for first, _ in edges), max(last for _, last in edges))
        for (camera, query), edges in sorted(times.items())
    )


def read_readings(connection: Connection) -> dict[str, str]:
    """Return the reading of each query text, that of its newest row."""
    rows = connection.execute(select(QueryRow.text, QueryRow.read_as).order_by(QueryRow.id))
    return {row.text: row.read_as for row in rows}


def read_kept_from(connection: Connection, table: str) -> datetime | None:
    """Moment from which on a table still holds everything; None if nothing was removed."""
    return connection.scalar(select(RetentionRow.kept_from).where(RetentionRow.table_name == table))


def _removed_statement(selection: CountSelection, kept_from: datetime) -> Select[*tuple[Any, ...]]:
    """Extents of the minutes that began before `kept_from`."""
    edge = (
        select(RollupRow.bucket_start)
        .where(
            *_rolled_up(selection),
            RollupRow.samples > 0,
            RollupRow.bucket_start < floor_time(kept_from, 60),
        )
        .limit(1)
        .correlate(CameraRow, QueryRow)
    )
    first_at = edge.order_by(RollupRow.bucket_start.asc()).scalar_subquery()
    last_at = edge.order_by(RollupRow.bucket_start.desc()).scalar_subquery()
    return _pairs_statement(
        selection, first_at.is_not(None), first_at.label("first_at"), last_at.label("last_at")
    )


def _rolled_up(selection: CountSelection) -> list[ColumnElement[bool]]:
    """Tie the minutes that touch the selected range to the statement around them."""
    conditions = [
        RollupRow.camera_id == CameraRow.id,
        RollupRow.query_id == QueryRow.id,
        RollupRow.bucket == "minute",
    ]
    if selection.start_at is not None:
        conditions.append(RollupRow.bucket_start >= floor_time(selection.start_at, 60))
    if selection.end_at is not None:
        conditions.append(RollupRow.bucket_start < selection.end_at)
    return conditions


def gaps_statement(selection: CountSelection) -> Select[GapRow, CameraRow]:
    """Gaps that touch the selection, with their camera, oldest first."""
    statement = select(GapRow, CameraRow).join(CameraRow, CameraRow.id == GapRow.camera_id)
    if selection.cameras:
        statement = statement.where(CameraRow.name.in_(selection.cameras))
    if selection.run_ids:
        statement = statement.where(GapRow.run_id.in_(selection.run_ids))
    if selection.start_at is not None:
        statement = statement.where(GapRow.ended_at > selection.start_at)
    if selection.end_at is not None:
        statement = statement.where(GapRow.started_at < selection.end_at)
    return statement.order_by(GapRow.started_at, GapRow.id)


def in_range(selection: CountSelection) -> list[ColumnElement[bool]]:
    """Conditions that keep counts to the selected time, and to those that still hold.

    A run keeps what it counted, also where a later one counted the same footage again.
    """
    conditions: list[ColumnElement[bool]] = []
    if not selection.run_ids:
        conditions.append(FrameCountRow.superseded.is_(False))
    if selection.start_at is not None:
        conditions.append(FrameCountRow.captured_at >= selection.start_at)
    if selection.end_at is not None:
        conditions.append(FrameCountRow.captured_at < selection.end_at)
    return conditions


def read_tracks(connection: Connection, selection: CountSelection) -> Iterator[TrackRecord]:
    """Tracks that were seen in the selected time; see `CountStore.tracks`."""
    statement = (
        select(TrackRow, CameraRow.name, QueryRow.text)
        .join(CameraRow, CameraRow.id == TrackRow.camera_id)
        .join(QueryRow, QueryRow.id == TrackRow.query_id)
    )
    seen = (TrackRow.run_id, TrackRow.first_seen_at, TrackRow.last_seen_at)
    statement = statement.where(*selected(selection, *seen), TrackRow.superseded.is_(False))
    names = by_code_point(connection, CameraRow.name, QueryRow.text)
    ordered = statement.order_by(*names, TrackRow.first_seen_at, TrackRow.id)
    streaming = ordered.execution_options(yield_per=1000)
    with Session(connection) as session, session.execute(streaming) as rows:
        for row, camera, query in rows:
            yield TrackRecord(camera, query, row.run_id, row.record())


def selected(
    selection: CountSelection,
    run_id: InstrumentedAttribute[int],
    first_at: InstrumentedAttribute[datetime],
    last_at: InstrumentedAttribute[datetime],
) -> list[ColumnElement[bool]]:
    """Keep what belongs to the selected cameras, queries and runs and touches its time.

    The statement must join `CameraRow` and `QueryRow`.
    """
    conditions: list[ColumnElement[bool]] = []
    if selection.cameras:
        conditions.append(CameraRow.name.in_(selection.cameras))
    if selection.queries:
        conditions.append(QueryRow.text.in_(selection.queries))
    if selection.run_ids:
        conditions.append(run_id.in_(selection.run_ids))
    if selection.start_at is not None:
        conditions.append(last_at >= selection.start_at)
    if selection.end_at is not None:
        conditions.append(first_at < selection.end_at)
    return conditions


def by_code_point(
    connection: Connection, *names: InstrumentedAttribute[str]
) -> tuple[ColumnElement[str], ...]:
    """Columns to order by as Python orders text, whatever the database's language."""
    collation = "C" if connection.dialect.name == "postgresql" else "BINARY"
    return tuple(name.collate(collation) for name in names)


def _matches(selection: CountSelection) -> list[ColumnElement[bool]]:
    """Tie a count to the camera, run and query rows of the statement around it.

    With runs given the camera is left out, because it follows from the run and SQLite would
    otherwise read all counts of the camera.
    """
    owner = (
        FrameCountRow.run_id == RunRow.id
        if selection.run_ids
        else FrameCountRow.camera_id == CameraRow.id
    )
    return [owner, FrameCountRow.query_id == QueryRow.id, *in_range(selection)]


def _edge(selection: CountSelection, order: ColumnElement[datetime]) -> ScalarSelect[datetime]:
    return (
        select(FrameCountRow.captured_at)
        .where(*_matches(selection))
        .order_by(order)
        .limit(1)
        .correlate(CameraRow, QueryRow, RunRow)
        .scalar_subquery()
    )


def _pairs_statement(
    selection: CountSelection, was_counted: ColumnElement[bool] | Exists, *columns: Label[datetime]
) -> Select[*tuple[Any, ...]]:
    """Cameras and queries that were counted together, found by looking up, not by scanning."""
    if isinstance(was_counted, Exists):
        was_counted = was_counted.correlate(CameraRow, QueryRow, RunRow)
    statement = (
        select(CameraRow.id, CameraRow.name, QueryRow.id.label("query_id"), QueryRow.text)
        .add_columns(*columns)
        .join_from(CameraRow, QueryRow, true())
        .where(was_counted)
    )
    if selection.run_ids:
        statement = statement.join(RunRow, RunRow.camera_id == CameraRow.id).where(
            RunRow.id.in_(selection.run_ids)
        )
    if selection.cameras:
        statement = statement.where(CameraRow.name.in_(selection.cameras))
    if selection.queries:
        statement = statement.where(QueryRow.text.in_(selection.queries))
    return statement


def counted_pairs(connection: Connection, selection: CountSelection) -> list[CountedPair]:
    """Cameras and query texts of a selection, in the order of `CountStore.totals`.

    Those that were counted only in another part of a minute at the edge may be among them.
    """
    counted = _matches(selection) if selection.run_ids else _rolled_up(selection)
    rows = connection.execute(_pairs_statement(selection, exists().where(*counted))).all()
    ids: dict[tuple[str, str, int], set[int]] = {}
    for row in rows:
        ids.setdefault((row.name, row.text, row.id), set()).add(row.query_id)
    return [
        CountedPair(camera, query, camera_id, tuple(sorted(query_ids)))
        for (camera, query, camera_id), query_ids in sorted(ids.items())
    ]
