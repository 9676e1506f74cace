"""Statements of zones, and of when objects were followed at them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, select
from sqlalchemy.orm import Session

from ovd.domain.events import ZoneEventKind
from ovd.domain.records import CountSelection
from ovd.domain.zones import Zone
from ovd.store.schema.tables import CameraRow, QueryRow, TrackedIntervalRow, ZoneEventRow, ZoneRow
from ovd.store.statements.reading import selected
from ovd.store.writing.queued_rows import TrackedIntervalEntry


def save_tracked_interval(connection: Connection, entry: TrackedIntervalEntry) -> None:
    """Insert an interval, or widen the one that is known."""
    with Session(connection) as session:
        row = session.scalar(
            select(TrackedIntervalRow).where(
                TrackedIntervalRow.run_id == entry.run_id,
                TrackedIntervalRow.query_id == entry.query_id,
                TrackedIntervalRow.zone_id == entry.zone_id
                if entry.zone_id is not None
                else TrackedIntervalRow.zone_id.is_(None),
                TrackedIntervalRow.first_at <= entry.last_at,
                TrackedIntervalRow.last_at >= entry.first_at,
            )
        )
        if row is None:
            session.add(TrackedIntervalRow(**vars(entry)))
        else:
            row.first_at = min(row.first_at, entry.first_at)
            row.last_at = max(row.last_at, entry.last_at)
        session.flush()


def visitors_statement(selection: CountSelection, start_at: datetime) -> Select[*tuple[Any, ...]]:
    """Select tracks that entered before a moment and left at or after it, or never.

    Reads no events from before the runs that tracked at that moment began to.
    """
    tracked = (
        select(TrackedIntervalRow.run_id, func.min(TrackedIntervalRow.first_at).label("first_at"))
        .join(CameraRow, CameraRow.id == TrackedIntervalRow.camera_id)
        .join(QueryRow, QueryRow.id == TrackedIntervalRow.query_id)
        .where(
            *selected(
                selection,
                TrackedIntervalRow.run_id,
                TrackedIntervalRow.first_at,
                TrackedIntervalRow.last_at,
            ),
            TrackedIntervalRow.zone_id.is_not(None),
            TrackedIntervalRow.superseded.is_(False),
            TrackedIntervalRow.first_at < start_at,
        )
        .group_by(TrackedIntervalRow.run_id)
        .subquery()
    )
    entered = ZoneEventRow.kind == ZoneEventKind.ENTER.value
    entered_at = func.max(case((entered, ZoneEventRow.at))).label("entered_at")
    track = (ZoneEventRow.run_id, CameraRow.name, QueryRow.text, ZoneEventRow.zone_id)
    names = selection.cameras, selection.queries
    return (
        select(*track, ZoneEventRow.track_id, entered_at)
        .join(tracked, tracked.c.run_id == ZoneEventRow.run_id)
        .join(ZoneRow, ZoneRow.id == ZoneEventRow.zone_id)
        .join(CameraRow, CameraRow.id == ZoneRow.camera_id)
        .join(QueryRow, QueryRow.id == ZoneEventRow.query_id)
        .where(
            *(
                column.in_(wanted)
                for column, wanted in zip((CameraRow.name, QueryRow.text), names, strict=True)
                if wanted
            ),
            ZoneEventRow.superseded.is_(False),
            ZoneEventRow.kind.in_((ZoneEventKind.ENTER.value, ZoneEventKind.EXIT.value)),
            ZoneEventRow.at >= tracked.c.first_at,
            ZoneEventRow.at < start_at,
        )
        .group_by(*track, ZoneEventRow.track_id)
        .having(func.sum(case((entered, 1), else_=-1)) > 0)
        .order_by(entered_at, ZoneEventRow.track_id)
    )


def current_zones(camera_id: int) -> Select[ZoneRow]:
    """Select the zones of a camera that are in use, the oldest first."""
    return (
        select(ZoneRow)
        .where(ZoneRow.camera_id == camera_id, ZoneRow.retired_at.is_(None))
        .order_by(ZoneRow.id)
    )


def zones_named(camera_id: int, name: str) -> Select[ZoneRow]:
    """Select all zones of a name that a camera has or had, those in use and the newest first."""
    return (
        select(ZoneRow)
        .where(ZoneRow.camera_id == camera_id, ZoneRow.name == name)
        .order_by(ZoneRow.retired_at.is_not(None), ZoneRow.id.desc())
    )


def replace_zones(
    connection: Connection, camera_id: int, zones: Sequence[Zone], now: datetime
) -> None:
    """Put zones in the place of those in use; a zone that was there before is taken up again."""
    with Session(connection) as session:
        for row in session.scalars(current_zones(camera_id)):
            if row.zone() not in zones:
                row.retired_at = now
        for zone in zones:
            known = session.scalars(zones_named(camera_id, zone.name))
            same = next((row for row in known if row.zone() == zone), None)
            if same is None:
                session.add(ZoneRow.of(camera_id, zone))
            else:
                same.retired_at = None
        session.flush()
