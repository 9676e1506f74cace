"""Periods by name, such as today and the last seven days, on the clock of a time zone."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ovd.services.reports.buckets import Interval, elapsed_s, next_edge

_DAY_S = 86400
_HOUR = timedelta(hours=1)
# The longest interval that each bucket divides into some 200 points, an hour of clock change more.
_LONGEST_S = (("1m", 4 * 3600), ("15m", 2 * _DAY_S + 3600), ("1h", 15 * _DAY_S))


class Period(StrEnum):
    """A period that ends now or today; `CUSTOM` is given by its start and end."""

    HOUR = "1h"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "7d"
    MONTH = "30d"
    CUSTOM = "custom"


# Local days before today that a period starts and ends at.
_DAYS = {
    Period.TODAY: (0, -1),
    Period.YESTERDAY: (1, 0),
    Period.WEEK: (6, -1),
    Period.MONTH: (29, -1),
}


def find_interval(period: Period, now: datetime, zone: ZoneInfo) -> Interval:
    """Return the last hour, or the local days of a named period, today with the bucket of `now`.

    Args:
        period: Any but `CUSTOM`.
        now: The present, aware.
        zone: Time zone whose midnights begin days.

    Returns:
        Start and end, aware UTC.
    """
    if period is Period.HOUR:
        end_at = next_edge(now, "1m", zone)
        return Interval(end_at - _HOUR, end_at)
    first, last = _DAYS[period]
    start_at, end_at = _midnight(now, first, zone), _midnight(now, last, zone)
    if end_at > now:
        end_at = next_edge(now, choose_bucket(Interval(start_at, end_at)), zone)
    return Interval(start_at, end_at)


def choose_bucket(interval: Interval) -> str:
    """Return the bucket that divides an interval into at most a few hundred points."""
    length_s = elapsed_s(*interval)
    return next((bucket for bucket, longest_s in _LONGEST_S if length_s <= longest_s), "1d")


def shift_back(interval: Interval, by: timedelta, zone: ZoneInfo) -> Interval:
    """Return the interval of the same clock times before; days of 23 hours stay days.

    Args:
        interval: Start and end.
        by: How far back on the local clock.
        zone: Time zone of the clock.
    """
    start_at, end_at = (
        (at.astimezone(zone).replace(tzinfo=None) - by).replace(tzinfo=zone).astimezone(UTC)
        for at in interval
    )
    return Interval(start_at, end_at)


def previous_of(interval: Interval, zone: ZoneInfo) -> Interval:
    """Return the interval just before: as many local days, or as many seconds where it is shorter.

    Args:
        interval: Start and end.
        zone: Time zone whose midnights begin days.
    """
    start, end = (at.astimezone(zone).replace(tzinfo=None) for at in interval)
    if start.time() != time():
        start_at = interval.start_at - (interval.end_at - interval.start_at)
        return Interval(start_at, interval.start_at)
    days = -((start - end) // timedelta(days=1))
    return shift_back(interval, timedelta(days=days), zone)


def _midnight(now: datetime, days_ago: int, zone: ZoneInfo) -> datetime:
    day = now.astimezone(zone).date() - timedelta(days=days_ago)
    return datetime.combine(day, time(), zone).astimezone(UTC)
