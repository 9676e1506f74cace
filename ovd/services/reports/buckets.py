"""Time zones and the stretches that a report sums: aligned to local clocks, DST included."""

import difflib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ovd.errors import TimeRangeError

# Name -> length in seconds; a day is as long as its local day is.
BUCKETS = {"1s": 1, "1m": 60, "15m": 900, "1h": 3600, "1d": 86400}
FIRST_YEAR, LAST_YEAR = 1900, 2200

_DAY_S = 86400
_LOCAL_EPOCH = datetime(1970, 1, 1)  # read off a local clock
_SECOND = timedelta(seconds=1)
# No zone changed its clock twice within six days since 1973.
_PROBE = timedelta(days=3)


def elapsed_s(start_at: datetime, end_at: datetime) -> float:
    """Seconds between two moments; Python alone would compare times of one zone by their clock."""
    return end_at.timestamp() - start_at.timestamp()


def load_zone(name: str) -> ZoneInfo:
    """Find a time zone such as `Asia/Seoul`.

    Raises:
        TimeRangeError: If there is none of that name; near names are listed.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, available_timezones(), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ", such as Asia/Seoul or UTC"
        raise TimeRangeError(
            f"unknown time zone {name!r}: a name of the IANA database is wanted{hint}"
        ) from None


def split_range(
    start_at: datetime, end_at: datetime, bucket: str, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """Cut a range at the local clock's bucket edges.

    The stretches touch, and the first and last are shorter where the range starts or ends
    inside a bucket. A local day has 23 or 25 hours when clocks change; an hour that clocks repeat
    is there twice, one that they skip is not there.

    Args:
        start_at: First moment, aware.
        end_at: Last moment, exclusive, aware.
        bucket: A name of `BUCKETS`.
        zone: Whose clock the edges follow.

    Yields:
        Start and end of each stretch, aware UTC.
    """
    edge, end = start_at.astimezone(UTC), end_at.astimezone(UTC)
    while edge < end:
        following = min(next_edge(edge, bucket, zone), end)
        yield edge, following
        edge = following


def split_by_offset(
    start_at: datetime, end_at: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime, int]]:
    """Cut a range where the zone's offset from UTC changes.

    Args:
        start_at: First moment, aware; not before 1973, when changes came closer together.
        end_at: Last moment, exclusive, aware.
        zone: Whose offset it is.

    Yields:
        Start and end of each stretch, aware UTC, and the seconds that its clock is ahead of UTC.
    """
    since, end = start_at.astimezone(UTC), end_at.astimezone(UTC)
    probe = since
    while since < end:
        following = min(probe + _PROBE, end)
        change = _offset_change(probe, following, zone)
        probe = change or following
        if change is not None or probe == end:
            offset = since.astimezone(zone).utcoffset() or timedelta()
            if since < probe:
                yield since, probe, round(offset.total_seconds())
            since = probe


def next_edge(moment: datetime, bucket: str, zone: ZoneInfo) -> datetime:
    """First bucket edge after `moment`, aware UTC."""
    moment = moment.astimezone(UTC)
    if BUCKETS[bucket] == _DAY_S:
        return min(edge for edge in _midnights(moment, zone) if edge > moment)
    edge = moment + timedelta(seconds=BUCKETS[bucket]) - _since_edge(moment, bucket, zone)
    return _offset_change(moment, edge, zone) or edge


def floor_edge(moment: datetime, bucket: str, zone: ZoneInfo) -> datetime:
    """Last bucket edge at or before `moment`, aware UTC."""
    moment = moment.astimezone(UTC)
    if BUCKETS[bucket] == _DAY_S:
        return max(edge for edge in _midnights(moment, zone) if edge <= moment)
    edge = moment - _since_edge(moment, bucket, zone)
    return _offset_change(edge, moment, zone) or edge


def _midnights(moment: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where the local days around `moment` begin; a day that was skipped begins with the next."""
    today = moment.astimezone(zone).date()
    return [_midnight(today + timedelta(days=days), zone) for days in range(-1, 4)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _since_edge(moment: datetime, bucket: str, zone: ZoneInfo) -> timedelta:
    """How far the local clock is past its last multiple of the bucket."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    return (local - _LOCAL_EPOCH) % timedelta(seconds=BUCKETS[bucket])


def _differs(a: datetime, b: datetime, zone: ZoneInfo) -> bool:
    return a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()


def _offset_change(after: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
    """First moment in (`after`, `until`] with the offset of `until`; None if it is the same.

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
