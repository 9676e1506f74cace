"""Rollups: counts summed per minute, hour and day of UTC, kept in step with what they sum."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Integer,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from ovd.store.schema.tables import FrameCountRow, RollupRow, TrackRow
from ovd.store.statements.time_grid import BUCKETS, ceil_time, floor_time, start_of, starts_between
from ovd.store.writing.queued_rows import CountEntry

_SUMMED = ("observed_s", "samples", "count_sum", "uniques", "pending_sum", "unknown_sum")
_COUNTED = ("observed_s", "samples", "count_sum", "count_max", "pending_sum", "unknown_sum")
_KEY = ("camera_id", "query_id", "bucket", "bucket_start")

# camera_id, query_id, start of an interval
Place = tuple[int, int, datetime]
# First and last moment, both included.
Period = tuple[datetime, datetime]


@dataclass
class Amounts:
    """The sums of a rollup row, or an addition to them."""

    observed_s: float = 0.0
    samples: int = 0
    count_sum: int = 0
    count_max: int = 0
    uniques: int = 0
    pending_sum: int = 0
    unknown_sum: int = 0

    def add(self, other: "Amounts") -> None:
        """Add what was seen at other moments of the same interval."""
        self.observed_s += other.observed_s
        self.samples += other.samples
        self.count_sum += other.count_sum
        self.count_max = max(self.count_max, other.count_max)
        self.uniques += other.uniques
        self.pending_sum += other.pending_sum
        self.unknown_sum += other.unknown_sum


def add_counts(connection: Connection, entries: Iterable[CountEntry]) -> None:
    """Add counts that were just inserted, however late or out of order they come."""
    sums = _coarsen(
        (
            (entry.camera_id, entry.query_id, entry.captured_at),
            Amounts(
                *(entry.observed_s, 1, entry.count, entry.count),
                pending_sum=entry.pending,
                unknown_sum=entry.unknown,
            ),
        )
        for entry in entries
    )
    _add(connection, sums)


def add_track(
    connection: Connection, camera_id: int, query_id: int, before: Period | None, after: Period
) -> None:
    """Count a track in every interval that it touches now and did not touch before."""
    sums: dict[str, dict[Place, Amounts]] = {}
    for bucket, step_s in BUCKETS.items():
        starts = set(starts_between(*after, step_s))
        if before is not None:
            starts -= set(starts_between(*before, step_s))
        sums[bucket] = {(camera_id, query_id, start): Amounts(uniques=1) for start in starts}
    _add(connection, sums)


def forget_tracks(
    connection: Connection, camera_id: int, query_id: int, periods: Iterable[Period]
) -> None:
    """Count tracks no longer in the intervals that they touched."""
    gone = Counter(
        (bucket, start)
        for first_at, last_at in periods
        for bucket, step_s in BUCKETS.items()
        for start in starts_between(first_at, last_at, step_s)
    )
    if not gone:
        return
    left = RollupRow.uniques - bindparam("gone", type_=Integer())
    statement = (
        update(RollupRow)
        .where(
            *_of_pair(camera_id, query_id),
            RollupRow.bucket == bindparam("in_bucket"),
            RollupRow.bucket_start == bindparam("at", type_=RollupRow.bucket_start.type),
        )
        .values(uniques=case((left > 0, left), else_=0))
    )
    connection.execute(
        statement,
        [{"in_bucket": bucket, "at": at, "gone": count} for (bucket, at), count in gone.items()],
        execution_options={"synchronize_session": False},
    )
    connection.execute(
        delete(RollupRow).where(
            *_of_pair(camera_id, query_id), RollupRow.samples == 0, RollupRow.uniques == 0
        )
    )


def erase(
    connection: Connection,
    camera_id: int,
    query_id: int,
    start_at: datetime | None,
    end_at: datetime,
) -> None:
    """Remove the sums of a period, and from those of the hours and days that it cuts.

    Args:
        connection: A write transaction, after the period's tracks were forgotten.
        camera_id: Key of the camera.
        query_id: Key of the query.
        start_at: First moment, a whole minute; None from the beginning.
        end_at: Moment after the last, a whole minute.
    """
    for bucket, step_s in BUCKETS.items():
        whole = [*_of_pair(camera_id, query_id), RollupRow.bucket == bucket]
        whole.append(RollupRow.bucket_start < floor_time(end_at, step_s))
        if start_at is not None:
            whole.append(RollupRow.bucket_start >= ceil_time(start_at, step_s))
        connection.execute(delete(RollupRow).where(*whole))
        cut = {floor_time(edge, step_s) for edge in (start_at, end_at) if edge is not None}
        for start in cut - {end_at} if step_s > BUCKETS["minute"] else ():
            _sum_minutes(connection, (camera_id, query_id, start), bucket, step_s)


def _sum_minutes(connection: Connection, place: Place, bucket: str, step_s: int) -> None:
    """Sum one interval again from its minutes; its tracks stay counted as they are."""
    camera_id, query_id, start = place
    pair = _of_pair(camera_id, query_id)
    names = [name for name in _SUMMED if name != "uniques"]
    sums = select(
        *(func.coalesce(func.sum(getattr(RollupRow, name)), 0).label(name) for name in names),
        func.coalesce(func.max(RollupRow.count_max), 0).label("count_max"),
    ).where(
        *pair,
        RollupRow.bucket == "minute",
        RollupRow.bucket_start >= start,
        RollupRow.bucket_start < start + timedelta(seconds=step_s),
    )
    values = connection.execute(sums).mappings().one()
    there = [*pair, RollupRow.bucket == bucket, RollupRow.bucket_start == start]
    connection.execute(update(RollupRow).where(*there).values(**values))
    connection.execute(
        delete(RollupRow).where(*there, RollupRow.samples == 0, RollupRow.uniques == 0)
    )


def sum_again(connection: Connection, camera_id: int, query_id: int, period: Period) -> None:
    """Sum the intervals of a period anew from counts; its tracks stay counted as they are."""
    for start in starts_between(*period, BUCKETS["minute"]):
        _set_minute(connection, (camera_id, query_id, start), _count_sums)
    _sum_coarser(connection, camera_id, query_id, period)


def empty(connection: Connection, camera_id: int, query_id: int, period: Period) -> None:
    """Take the counts of a period out of the sums, whose rows are gone already."""
    for start in starts_between(*period, BUCKETS["minute"]):
        _set_minute(connection, (camera_id, query_id, start), lambda *_: dict.fromkeys(_COUNTED, 0))
    _sum_coarser(connection, camera_id, query_id, period)


def _sum_coarser(connection: Connection, camera_id: int, query_id: int, period: Period) -> None:
    for bucket, step_s in BUCKETS.items():
        for start in starts_between(*period, step_s) if bucket != "minute" else ():
            _sum_minutes(connection, (camera_id, query_id, start), bucket, step_s)


def _count_sums(connection: Connection, place: Place) -> dict[str, Any]:
    camera_id, query_id, start = place
    row, none = FrameCountRow, literal(0)
    sums = select(
        func.coalesce(func.sum(row.observed_s), none).label("observed_s"),
        func.count().label("samples"),
        func.coalesce(func.sum(row.count), none).label("count_sum"),
        func.coalesce(func.max(row.count), none).label("count_max"),
        func.coalesce(func.sum(row.pending), none).label("pending_sum"),
        func.coalesce(func.sum(row.unknown), none).label("unknown_sum"),
    ).where(
        row.camera_id == camera_id,
        row.query_id == query_id,
        row.captured_at >= start,
        row.captured_at < start + timedelta(minutes=1),
        row.superseded.is_(False),
    )
    return {str(k): v for k, v in connection.execute(sums).mappings().one().items()}


def _set_minute(
    connection: Connection,
    place: Place,
    read_values: Callable[[Connection, Place], dict[str, Any]],
) -> None:
    there = [
        *_of_pair(*place[:2]),
        RollupRow.bucket == "minute",
        RollupRow.bucket_start == place[2],
    ]
    values = read_values(connection, place)
    connection.execute(update(RollupRow).where(*there).values(**values))
    connection.execute(
        delete(RollupRow).where(*there, RollupRow.samples == 0, RollupRow.uniques == 0)
    )


def _of_pair(camera_id: int, query_id: int) -> list[ColumnElement[bool]]:
    return [RollupRow.camera_id == camera_id, RollupRow.query_id == query_id]


def rebuild(
    connection: Connection, camera_id: int, query_id: int, kept_from: datetime | None
) -> None:
    """Sum the rollups of one camera and query anew from counts and tracks.

    Args:
        connection: A write transaction.
        camera_id: Key of the camera.
        query_id: Key of the query.
        kept_from: Intervals that began before this are left as they are, because not all that
            they sum is still there; None when nothing was removed.
    """
    finer = None
    for bucket, step_s in BUCKETS.items():
        since = None if kept_from is None else ceil_time(kept_from, step_s)
        old = delete(RollupRow).where(
            RollupRow.camera_id == camera_id,
            RollupRow.query_id == query_id,
            RollupRow.bucket == bucket,
        )
        connection.execute(old if since is None else old.where(RollupRow.bucket_start >= since))
        statement = _sums(bucket, finer, since, connection.dialect.name)
        connection.execute(
            insert(RollupRow).from_select([*_KEY, *_SUMMED, "count_max"], statement),
            {"camera": camera_id, "query": query_id},
        )
        finer = bucket
    _rebuild_uniques(connection, camera_id, query_id, kept_from)


def _sums(
    bucket: str, finer: str | None, since: datetime | None, dialect: str
) -> Select[*tuple[Any, ...]]:
    """Rollup rows of one bucket, summed from the next finer one, or from counts without one."""
    source: type[FrameCountRow] | type[RollupRow]
    samples: ColumnElement[int]
    if finer is None:
        source, moment = FrameCountRow, FrameCountRow.captured_at
        samples, count_sum, count_max = func.count(), FrameCountRow.count, FrameCountRow.count
        unjudged = (FrameCountRow.pending, FrameCountRow.unknown)
    else:
        source, moment = RollupRow, RollupRow.bucket_start
        samples = func.sum(RollupRow.samples)
        count_sum, count_max = RollupRow.count_sum, RollupRow.count_max
        unjudged = (RollupRow.pending_sum, RollupRow.unknown_sum)
    start = start_of(moment, BUCKETS[bucket], dialect)
    statement = (
        select(source.camera_id, source.query_id, literal(bucket).label("bucket"), start)
        .add_columns(func.sum(source.observed_s), samples, func.sum(count_sum), literal(0))
        .add_columns(*map(func.sum, unjudged), func.max(count_max))
        .where(
            source.camera_id == bindparam("camera", type_=Integer()),
            source.query_id == bindparam("query", type_=Integer()),
        )
        .group_by(source.camera_id, source.query_id, start)
    )
    if finer is None:
        statement = statement.where(FrameCountRow.superseded.is_(False))
    else:
        statement = statement.where(RollupRow.bucket == finer)
    return statement if since is None else statement.where(moment >= since)


def _rebuild_uniques(
    connection: Connection, camera_id: int, query_id: int, kept_from: datetime | None
) -> None:
    tracks = select(TrackRow.first_seen_at, TrackRow.last_seen_at).where(
        TrackRow.camera_id == camera_id,
        TrackRow.query_id == query_id,
        TrackRow.superseded.is_(False),
    )
    if kept_from is not None:
        tracks = tracks.where(TrackRow.last_seen_at >= kept_from)
    since = {
        bucket: None if kept_from is None else ceil_time(kept_from, step_s)
        for bucket, step_s in BUCKETS.items()
    }
    sums: dict[str, dict[Place, Amounts]] = {bucket: {} for bucket in BUCKETS}
    for first_at, last_at in connection.execute(tracks):
        for bucket, step_s in BUCKETS.items():
            edge = since[bucket]
            for start in starts_between(first_at, last_at, step_s):
                if edge is None or start >= edge:
                    place = (camera_id, query_id, start)
                    sums[bucket].setdefault(place, Amounts()).uniques += 1
    _add(connection, sums)


def _coarsen(counts: Iterable[tuple[Place, Amounts]]) -> dict[str, dict[Place, Amounts]]:
    """Sum counts at their moments into every bucket; each from the one before it."""
    sums: dict[str, dict[Place, Amounts]] = {}
    for bucket, step_s in BUCKETS.items():
        sums[bucket] = {}
        for (camera_id, query_id, moment), amounts in counts:
            place = (camera_id, query_id, floor_time(moment, step_s))
            sums[bucket].setdefault(place, Amounts()).add(amounts)
        counts = sums[bucket].items()
    return sums


def _add(connection: Connection, sums: Mapping[str, Mapping[Place, Amounts]]) -> None:
    values = [
        dict(zip(_KEY, (camera_id, query_id, bucket, start), strict=True)) | vars(amounts)
        for bucket, places in sums.items()
        for (camera_id, query_id, start), amounts in places.items()
    ]
    if values:
        connection.execute(_upsert(connection.dialect.name), values)


def _upsert(dialect: str) -> Insert:
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    added = into(RollupRow)
    higher = case(
        (added.excluded.count_max > RollupRow.count_max, added.excluded.count_max),
        else_=RollupRow.count_max,
    )
    summed = {name: getattr(RollupRow, name) + added.excluded[name] for name in _SUMMED}
    return added.on_conflict_do_update(
        index_elements=list(_KEY), set_={**summed, "count_max": higher}
    )
