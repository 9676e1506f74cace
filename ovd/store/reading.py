"""The statements that read counts, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    String,
    exists,
    func,
    select,
    true,
)

from ovd.domain.records import CountExtent, CountSelection, CountTotal
from ovd.store.tables import CameraRow, FrameCountRow, GapRow, QueryRow, RunRow

# Characters of a stored time that name its second or minute.
_STRETCH_CHARACTERS = {1: len("2026-03-01 12:00:00"), 60: len("2026-03-01 12:00")}
_ROWS_PER_FETCH = 1000


@dataclass(frozen=True)
class _Pair:
    """A camera and a query text, with the rows that stand for them."""

    camera: str
    query: str
    camera_id: int
    query_ids: tuple[int, ...]


def read_totals(
    connection: Connection, selection: CountSelection, step_s: int
) -> Iterator[CountTotal]:
    """Sum counts per camera, query text and UTC stretch; see `CountStore.totals`.

    One statement per camera and query: each follows an index and none sorts all counts at once.

    Raises:
        ValueError: If `step_s` is not 1 or 60.
    """
    if step_s not in _STRETCH_CHARACTERS:
        raise ValueError(f"step_s must be 1 or 60, got {step_s}")
    streaming = connection.execution_options(yield_per=_ROWS_PER_FETCH)
    for pair in _counted_pairs(connection, selection):
        for row in streaming.execute(_totals_statement(pair, selection, step_s)):
            yield CountTotal(
                camera=pair.camera,
                query=pair.query,
                start_at=datetime.fromisoformat(row.stretch).replace(tzinfo=UTC),
                observed_s=row.observed_s,
                samples=row.samples,
                count_sum=row.count_sum,
                count_max=row.count_max,
            )


def read_extents(connection: Connection, selection: CountSelection) -> tuple[CountExtent, ...]:
    """First and last count of every camera and query text; see `CountStore.extents`."""
    rows = connection.execute(
        _pairs_statement(
            selection,
            _edge(selection, FrameCountRow.captured_at.asc()).label("first_at"),
            _edge(selection, FrameCountRow.captured_at.desc()).label("last_at"),
        )
    ).all()
    times: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for row in rows:
        times.setdefault((row.name, row.text), []).append((row.first_at, row.last_at))
    return tuple(
        CountExtent(camera, query, min(first for first, _ in edges), max(last for _, last in edges))
        for (camera, query), edges in sorted(times.items())
    )


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


def _in_range(selection: CountSelection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selection.start_at is not None:
        conditions.append(FrameCountRow.captured_at >= selection.start_at)
    if selection.end_at is not None:
        conditions.append(FrameCountRow.captured_at < selection.end_at)
    return conditions


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
    return [owner, FrameCountRow.query_id == QueryRow.id, *_in_range(selection)]


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
    selection: CountSelection, *columns: ColumnElement[datetime]
) -> Select[int, str, int, str]:
    """Cameras and queries that were counted together, found by looking up, not by scanning."""
    statement = (
        select(CameraRow.id, CameraRow.name, QueryRow.id.label("query_id"), QueryRow.text)
        .add_columns(*columns)
        .join_from(CameraRow, QueryRow, true())
        .where(exists().where(*_matches(selection)).correlate(CameraRow, QueryRow, RunRow))
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


def _counted_pairs(connection: Connection, selection: CountSelection) -> list[_Pair]:
    rows = connection.execute(_pairs_statement(selection)).all()
    ids: dict[tuple[str, str, int], set[int]] = {}
    for row in rows:
        ids.setdefault((row.name, row.text, row.id), set()).add(row.query_id)
    return [
        _Pair(camera, query, camera_id, tuple(sorted(query_ids)))
        for (camera, query, camera_id), query_ids in sorted(ids.items())
    ]


def _totals_statement(
    pair: _Pair, selection: CountSelection, step_s: int
) -> Select[str, float, int, int, int]:
    characters = _STRETCH_CHARACTERS[step_s]
    stretch = func.substr(FrameCountRow.captured_at, 1, characters, type_=String())
    statement = (
        select(
            stretch.label("stretch"),
            func.sum(FrameCountRow.observed_s).label("observed_s"),
            func.count().label("samples"),
            func.sum(FrameCountRow.count).label("count_sum"),
            func.max(FrameCountRow.count).label("count_max"),
        )
        .where(FrameCountRow.query_id.in_(pair.query_ids), *_in_range(selection))
        .group_by(stretch)
        .order_by(stretch)
    )
    if selection.run_ids:
        runs = select(RunRow.id).where(
            RunRow.camera_id == pair.camera_id, RunRow.id.in_(selection.run_ids)
        )
        return statement.where(FrameCountRow.run_id.in_(runs))
    return statement.where(FrameCountRow.camera_id == pair.camera_id)
