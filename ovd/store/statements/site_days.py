"""Kept days of sites that no longer hold, because what was counted in them has changed."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ovd.domain.names import name_key
from ovd.domain.records import Erasure
from ovd.domain.sites import parse_site
from ovd.store.schema.site_tables import SiteDayRow, SiteRow
from ovd.store.schema.tables import CameraRow, ZoneEventRow
from ovd.store.statements.reading import read_kept_from
from ovd.store.writing.queued_rows import TrackedIntervalEntry


def forget_written(connection: Connection, tracked: Iterable[TrackedIntervalEntry]) -> None:
    """Forget the days in which a camera was counted only now, as in footage of the past.

    Days whose crossings were removed stay: they cannot be summed up anew.
    """
    last: dict[int, list[datetime]] = {}
    for entry in tracked:
        last.setdefault(entry.camera_id, []).append(entry.last_at)
    if not last:
        return
    # What cameras count now lies in no day that is over: then this is all that is asked.
    moments = [at for times in last.values() for at in times]
    if not _touched(connection, min(moments), max(moments)):
        return
    kept_from = read_kept_from(connection, ZoneEventRow.__tablename__)
    cameras = select(CameraRow.id, CameraRow.name).where(CameraRow.id.in_(last))
    names = {row.id: row.name for row in connection.execute(cameras)}
    for camera_id, times in last.items():
        since = min(times) if kept_from is None else max(min(times), kept_from)
        _forget(connection, [names[camera_id]], since, max(times))


def forget_erased(connection: Connection, erasure: Erasure) -> None:
    """Forget the days of what is erased; those that are left are summed up anew."""
    _forget(connection, erasure.cameras, erasure.start_at, erasure.end_at)


def _touched(
    connection: Connection, start_at: datetime | None, end_at: datetime
) -> dict[int, list[int]]:
    """Return the kept days that touch a period, by site."""
    row = SiteDayRow
    statement = select(row.id, row.site_id).where(row.start_at <= end_at)
    if start_at is not None:
        statement = statement.where(row.end_at > start_at)
    found: dict[int, list[int]] = {}
    for key, site_id in connection.execute(statement):
        found.setdefault(site_id, []).append(key)
    return found


def _forget(
    connection: Connection,
    cameras: Collection[str],
    start_at: datetime | None,
    end_at: datetime,
) -> None:
    """Forget the days that touch a period, of sites with one of the cameras; none means all."""
    touched = _touched(connection, start_at, end_at)
    wanted = {name_key(camera) for camera in cameras}
    statement = select(SiteRow.id, SiteRow.description).where(SiteRow.id.in_(touched))
    for site_id, description in connection.execute(statement):
        own = {name_key(camera) for camera in parse_site(description).cameras}
        if not wanted or wanted & own:
            connection.execute(delete(SiteDayRow).where(SiteDayRow.id.in_(touched[site_id])))
