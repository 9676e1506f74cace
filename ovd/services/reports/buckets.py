"""The buckets of a report, aligned to local clocks, daylight saving included."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Name -> length in seconds; a day is as long as its local day is.
BUCKETS = {"1s": 1, "1m": 60, "15m": 900, "1h": 3600, "1d": 86400}
FIRST_YEAR, LAST_YEAR = 1900, 2200

_DAY_S = 86400
_LOCAL_EPOCH = datetime(1970, 1, 1)  # read off a local clock
_SECOND = timedelta(seconds=1)
# No zone changed its clock twice within six days since 1973.
_PROBE = timedelta(days=3)


class Interval(NamedTuple):
    """A half-open interval of time: `start_at` belongs to it, `end_at` does not; aware UTC."""

    start_at: datetime
    end_at: datetime


class OffsetInterval(NamedTuple):
    """An interval during which a time zone has one UTC offset; aware UTC."""

    start_at: datetime
    end_at: datetime
    offset_s: int


def elapsed_s(start_at: datetime, end_at: datetime) -> float:
    """Return the seconds between two times, across changes of the UTC offset.

    Python alone compares times of one zone by their wall clock.
    """
    return end_at.timestamp() - start_at.timestamp()


def split_range(
    start_at: datetime, end_at: datetime, bucket: str, zone: ZoneInfo
) -> Iterator[Interval]:
    """Split a range at the bucket edges of the local clock.

    The intervals are contiguous; the first and last are shorter if the range starts or ends inside
    a bucket. A local day has 23 or 25 hours when clocks change; an hour that clocks repeat occurs
    twice, one that they skip does not occur.

    Args:
        start_at: Start, aware.
        end_at: End, exclusive, aware.
        bucket: A name of `BUCKETS`.
        zone: Time zone whose clock the edges follow.

    Yields:
        Each interval, aware UTC.
    """
    edge, end = start_at.astimezone(UTC), end_at.astimezone(UTC)
    while edge < end:
        next_start = min(next_edge(edge, bucket, zone), end)
        yield Interval(edge, next_start)
        edge = next_start


def split_by_offset(
    start_at: datetime, end_at: datetime, zone: ZoneInfo
) -> Iterator[OffsetInterval]:
    """Split a range where the zone's offset from UTC changes.

    Args:
        start_at: Start, aware; not before 1973, when changes came closer together.
        end_at: End, exclusive, aware.
        zone: Time zone of the offset.

    Yields:
        Each interval, and the seconds that its clock is ahead of UTC.
    """
    interval_start, end = start_at.astimezone(UTC), end_at.astimezone(UTC)
    probed_until = interval_start
    while interval_start < end:
        next_start = min(probed_until + _PROBE, end)
        change = _offset_change(probed_until, next_start, zone)
        probed_until = change or next_start
        if change is not None or probed_until == end:
            offset = interval_start.astimezone(zone).utcoffset() or timedelta()
            if interval_start < probed_until:
                yield OffsetInterval(interval_start, probed_until, round(offset.total_seconds()))
            interval_start = probed_until


def next_edge(at: datetime, bucket: str, zone: ZoneInfo) -> datetime:
    """Return the first bucket edge after a time, aware UTC."""
    at = at.astimezone(UTC)
    if BUCKETS[bucket] == _DAY_S:
        return min(edge for edge in _midnights(at, zone) if edge > at)
    edge = at + timedelta(seconds=BUCKETS[bucket]) - _time_since_edge(at, bucket, zone)
    return _offset_change(at, edge, zone) or edge


def floor_edge(at: datetime, bucket: str, zone: ZoneInfo) -> datetime:
    """Return the last bucket edge at or before a time, aware UTC."""
    at = at.astimezone(UTC)
    if BUCKETS[bucket] == _DAY_S:
        return max(edge for edge in _midnights(at, zone) if edge <= at)
    edge = at - _time_since_edge(at, bucket, zone)
    return _offset_change(edge, at, zone) or edge


def _midnights(at: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the starts of the local days around a time; a skipped day starts with the next."""
    today = at.astimezone(zone).date()
    return [_midnight(today + timedelta(days=days), zone) for days in range(-1, 4)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _time_since_edge(at: datetime, bucket: str, zone: ZoneInfo) -> timedelta:
    """Return the time since the local clock passed a multiple of the bucket."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return (local - _LOCAL_EPOCH) % timedelta(seconds=BUCKETS[bucket])


def _differs(a: datetime, b: datetime, zone: ZoneInfo) -> bool:
    return a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()


def _offset_change(after: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first time in (`after`, `until`] with the offset of `until`, or None.

    Clocks change on whole seconds, and not twice within one bucket.
    """
    if not _differs(after, until, zone):
        return None
    old, new = after.replace(microsecond=0), until.replace(microsecond=0)
    while new - old > _SECOND:
        middle = (old + (new - old) / 2).replace(microsecond=0)
        if _differs(middle, until, zone):
            old = middle
        else:
            new = middle
    return new
