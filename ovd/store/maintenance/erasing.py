"""Erasing counts, tracks, zone events and alerts of a period, in short transactions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from ovd.domain.records import Erased, ErasedPair, Erasure
from ovd.store.alerts.removal import MessageErasure, erase_messages
from ovd.store.schema.access_tables import ErasureRow
from ovd.store.schema.tables import (
    CameraRow,
    FrameCountRow,
    QueryRow,
    RollupRow,
    TrackedIntervalRow,
    TrackRow,
    ZoneEventRow,
    ZoneRow,
)
from ovd.store.statements import rollups, site_days
from ovd.store.statements.time_grid import ceil_time, floor_time

BATCH_ROWS = 2000
_MINUTE_S = 60
Result = TypeVar("Result")


class Transactions(Protocol):
    """Runs changes of a database, each in a transaction of its own."""

    def __call__(self, change: Callable[[Connection], Result], /) -> Result:
        """Run one and keep it."""
        ...


@dataclass(frozen=True)
class _Part:
    """One camera and one query in a period of whole minutes."""

    camera_id: int
    query_id: int
    start_at: datetime | None
    end_at: datetime

    def within(
        self, first: InstrumentedAttribute[datetime], last: InstrumentedAttribute[datetime]
    ) -> list[ColumnElement[bool]]:
        """Return the conditions of what touches the period."""
        conditions: list[ColumnElement[bool]] = [first < self.end_at]
        return conditions if self.start_at is None else [*conditions, last >= self.start_at]


def erase(transactions: Transactions, erasure: Erasure) -> Erased:
    """Erase a period, and note that it was; sums of what is left stay right.

    A track that touches the period goes as a whole. Gaps and runs stay. Erasing the same period
    again is harmless, and completes what a crash interrupted.

    Args:
        transactions: Runs changes of the database.
        erasure: What goes.

    Raises:
        StoreError: If rows could not be removed; what was removed before stays removed.
    """
    transactions(partial(note, erasure=erasure))
    found = transactions(partial(_find_pairs, erasure=erasure))
    start_at = None if erasure.start_at is None else floor_time(erasure.start_at, _MINUTE_S)
    end_at = ceil_time(erasure.end_at, _MINUTE_S)
    counts = tracks = events = 0
    for camera_id, query_id, _, _ in found:
        part = _Part(camera_id, query_id, start_at, end_at)
        tracks += _repeat(transactions, partial(_erase_tracks, part=part))
        transactions(partial(_cut_intervals, part=part))
        transactions(
            lambda to, part=part: rollups.erase(  # type: ignore[misc]
                to, part.camera_id, part.query_id, part.start_at, part.end_at
            )
        )
        counts += _repeat(transactions, partial(_erase_counts, part=part))
        events += _repeat(transactions, partial(_erase_events, part=part))
    pairs = tuple(ErasedPair(camera, text) for _, _, camera, text in found)
    transactions(partial(site_days.forget_erased, erasure=erasure))
    texts = frozenset((*erasure.queries, *(pair.query for pair in pairs)))
    alerts = transactions(partial(erase_messages, wanted=MessageErasure(erasure, texts)))
    return Erased(counts, tracks, events, pairs, alerts)


def note(connection: Connection, erasure: Erasure) -> None:
    """Store that a period was erased, so that a backup that still has it loses it too."""
    values = {
        "asked_at": erasure.asked_at,
        "cameras": list(erasure.cameras),
        "queries": list(erasure.queries),
        "start_at": erasure.start_at,
        "end_at": erasure.end_at,
    }
    connection.execute(insert(ErasureRow), values)


def read_erasures(connection: Connection) -> tuple[Erasure, ...]:
    """Return all that was erased, oldest first."""
    columns = (
        ErasureRow.cameras,
        ErasureRow.queries,
        ErasureRow.start_at,
        ErasureRow.end_at,
        ErasureRow.asked_at,
    )
    rows = connection.execute(select(*columns).order_by(ErasureRow.id))
    return tuple(
        Erasure(tuple(cameras), tuple(queries), start_at, end_at, asked_at)
        for cameras, queries, start_at, end_at, asked_at in rows
    )


def _repeat(transactions: Transactions, erase_batch: Callable[[Connection], int]) -> int:
    erased = 0
    while batch := transactions(erase_batch):
        erased += batch
    return erased


def _find_pairs(connection: Connection, erasure: Erasure) -> list[tuple[int, int, str, str]]:
    counted = [
        exists().where(table.camera_id == CameraRow.id, table.query_id == QueryRow.id)
        for table in (FrameCountRow, TrackRow, RollupRow)
    ]
    statement = (
        select(CameraRow.id, QueryRow.id, CameraRow.name, QueryRow.text)
        .join_from(CameraRow, QueryRow, true())
        .where(or_(*counted))
    )
    if erasure.cameras:
        statement = statement.where(CameraRow.name.in_(erasure.cameras))
    if erasure.queries:
        texts = erasure.queries
        statement = statement.where(or_(QueryRow.text.in_(texts), QueryRow.read_as.in_(texts)))
    rows = connection.execute(statement.order_by(CameraRow.id, QueryRow.id))
    return [(camera_id, query_id, name, text) for camera_id, query_id, name, text in rows]


def _erase_tracks(connection: Connection, part: _Part) -> int:
    statement = (
        select(TrackRow.id, TrackRow.first_seen_at, TrackRow.last_seen_at, TrackRow.superseded)
        .where(TrackRow.camera_id == part.camera_id, TrackRow.query_id == part.query_id)
        .where(*part.within(TrackRow.first_seen_at, TrackRow.last_seen_at))
        .limit(BATCH_ROWS)
    )
    rows = connection.execute(statement).all()
    periods = [(first_at, last_at) for _, first_at, last_at, superseded in rows if not superseded]
    rollups.forget_tracks(connection, part.camera_id, part.query_id, periods)
    connection.execute(delete(TrackRow).where(TrackRow.id.in_([row[0] for row in rows])))
    return len(rows)


def _erase_counts(connection: Connection, part: _Part) -> int:
    moment = FrameCountRow.captured_at
    oldest = (
        select(FrameCountRow.id)
        .where(FrameCountRow.camera_id == part.camera_id, FrameCountRow.query_id == part.query_id)
        .where(*part.within(moment, moment))
        .limit(BATCH_ROWS)
    )
    return connection.execute(delete(FrameCountRow).where(FrameCountRow.id.in_(oldest))).rowcount


def _erase_events(connection: Connection, part: _Part) -> int:
    zones = select(ZoneRow.id).where(ZoneRow.camera_id == part.camera_id)
    oldest = (
        select(ZoneEventRow.id)
        .where(ZoneEventRow.zone_id.in_(zones), ZoneEventRow.query_id == part.query_id)
        .where(*part.within(ZoneEventRow.at, ZoneEventRow.at))
        .limit(BATCH_ROWS)
    )
    return connection.execute(delete(ZoneEventRow).where(ZoneEventRow.id.in_(oldest))).rowcount


def _cut_intervals(connection: Connection, part: _Part) -> None:
    """Let the erased period be one in which nothing was tracked, not one without tracks."""
    row = TrackedIntervalRow
    statement = select(row.id, row.run_id, row.zone_id, row.first_at, row.last_at).where(
        row.camera_id == part.camera_id,
        row.query_id == part.query_id,
        row.superseded.is_(False),
        *part.within(row.first_at, row.last_at),
    )
    for key, run_id, zone_id, first_at, last_at in connection.execute(statement).all():
        if last_at >= part.end_at:
            values = {
                "run_id": run_id,
                "camera_id": part.camera_id,
                "query_id": part.query_id,
                "zone_id": zone_id,
                "first_at": part.end_at,
                "last_at": last_at,
            }
            connection.execute(insert(row), values)
        if part.start_at is not None and first_at < part.start_at:
            connection.execute(update(row).where(row.id == key).values(last_at=part.start_at))
        else:
            connection.execute(delete(row).where(row.id == key))
