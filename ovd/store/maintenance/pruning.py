"""Removing old rows: by age, by size, and when the disk is nearly full."""

import math
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, exists, func, insert, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from ovd.domain.records import Keep, RetentionPolicy
from ovd.store.schema.tables import (
    CameraRow,
    FrameCountRow,
    QueryRow,
    RetentionRow,
    TrackRow,
    ZoneEventRow,
    ZoneRow,
)
from ovd.store.statements.reading import read_kept_from
from ovd.store.statements.time_grid import floor_time

BATCH_ROWS = 2000
# Removal ends at full hours, so that most rollups before it are whole.
_EDGE_S = 3600

# Key of a camera or zone, key of a query.
Place = tuple[int, int]


@dataclass(frozen=True)
class _Kind:
    """A table that may lose rows; an index starts with place, query and moment."""

    row: type[FrameCountRow] | type[TrackRow] | type[ZoneEventRow]
    places: type[CameraRow] | type[ZoneRow]
    place_id: InstrumentedAttribute[int]
    moment: InstrumentedAttribute[datetime]
    row_bytes: int

    @property
    def name(self) -> str:
        return self.row.__tablename__


# Bytes of a row with its indexes as measured in SQLite.
COUNTS = _Kind(FrameCountRow, CameraRow, FrameCountRow.camera_id, FrameCountRow.captured_at, 170)
TRACKS = _Kind(TrackRow, CameraRow, TrackRow.camera_id, TrackRow.last_seen_at, 250)
EVENTS = _Kind(ZoneEventRow, ZoneRow, ZoneEventRow.zone_id, ZoneEventRow.at, 150)


@dataclass(frozen=True)
class Removal:
    """Rows of one table that shall go.

    Attributes:
        kind: The table.
        before: Moment before which its rows go.
    """

    kind: _Kind
    before: datetime


def plan(connection: Connection, policy: RetentionPolicy, now: datetime) -> list[Removal]:
    """Return the removals that a policy requires now; tables within their limits are left out."""
    limits = ((COUNTS, policy.frame_counts), (TRACKS, policy.tracks), (EVENTS, policy.zone_events))
    edges = ((kind, _find_edge(connection, kind, keep, now)) for kind, keep in limits)
    return [Removal(kind, edge) for kind, edge in edges if edge is not None]


def plan_room(connection: Connection, missing_bytes: int) -> Removal | None:
    """The oldest counts per frame that take up so many bytes; None if there are none."""
    edge = _edge_after(connection, COUNTS, math.ceil(missing_bytes / COUNTS.row_bytes))
    return None if edge is None else Removal(COUNTS, edge)


def mark(connection: Connection, removal: Removal) -> None:
    """Note that a table no longer holds everything; comes before the first row goes."""
    name = removal.kind.name
    known = read_kept_from(connection, name)
    if known is None:
        values = {"table_name": name, "kept_from": removal.before}
        connection.execute(insert(RetentionRow), values)
    elif known < removal.before:
        connection.execute(
            update(RetentionRow)
            .where(RetentionRow.table_name == name)
            .values(kept_from=removal.before)
        )


def find_places(connection: Connection, removal: Removal) -> list[Place]:
    """Cameras or zones, with queries, that have rows to remove; found by looking up."""
    kind = removal.kind
    old = exists().where(
        kind.place_id == kind.places.id,
        kind.row.query_id == QueryRow.id,
        kind.moment < removal.before,
    )
    pairs = select(kind.places.id, QueryRow.id).join_from(kind.places, QueryRow, true())
    rows = connection.execute(pairs.where(old.correlate(kind.places, QueryRow)))
    return [(place, query) for place, query in rows]


def remove_batch(connection: Connection, removal: Removal, place: Place) -> int:
    """Remove at most `BATCH_ROWS` rows of one place and query; returns how many went."""
    kind = removal.kind
    oldest = (
        select(kind.row.id)
        .where(
            kind.place_id == place[0],
            kind.row.query_id == place[1],
            kind.moment < removal.before,
        )
        .limit(BATCH_ROWS)
    )
    return connection.execute(delete(kind.row).where(kind.row.id.in_(oldest))).rowcount


def disk_bytes(folder: Path) -> int:
    """Free bytes on the disk of a folder."""
    return shutil.disk_usage(folder).free


def unused_bytes(connection: Connection) -> int:
    """Room inside the file, where rows were removed."""
    pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0
    size = connection.exec_driver_sql("PRAGMA page_size").scalar() or 0
    return int(pages) * int(size)


def warn(free_bytes: int, wanted_bytes: int) -> str:
    """Return the warning about a disk that is nearly full."""
    return (
        f"the disk of the database is nearly full ({free_bytes / 1e6:,.0f} MB free, "
        f"{wanted_bytes / 1e6:,.0f} MB wanted): the oldest images, then the oldest counts per "
        "frame are removed early; free some space"
    )


def _find_edge(connection: Connection, kind: _Kind, keep: Keep, now: datetime) -> datetime | None:
    edges = []
    if keep.days is not None:
        edges.append(floor_time(now - timedelta(days=keep.days), _EDGE_S))
    if keep.max_bytes is not None:
        rows = connection.scalar(select(func.count()).select_from(kind.row)) or 0
        too_many = rows - keep.max_bytes // kind.row_bytes
        edge = _edge_after(connection, kind, too_many) if too_many > 0 else None
        if edge is not None:
            edges.append(edge)
    return max(edges, default=None)


def _edge_after(connection: Connection, kind: _Kind, rows: int) -> datetime | None:
    """Full hour before which at least so many rows lie; None for an empty table."""
    last = select(kind.moment).order_by(kind.moment).offset(max(rows - 1, 0)).limit(1)
    moment = connection.scalar(last)
    if moment is None:
        moment = connection.scalar(select(func.max(kind.moment)))
    if moment is None:
        return None
    return floor_time(moment, _EDGE_S) + timedelta(seconds=_EDGE_S)
