"""Moments on the command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ovd.errors import TimeRangeError
from ovd.video import RECORDED_YEARS


def parse_moment(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Read an ISO 8601 moment.

    Args:
        text: Such as `2026-03-01T08:00` or `2026-03-01T08:00:00+09:00`.
        zone: What a moment without an offset means; None is the machine's own zone.

    Raises:
        TimeRangeError: If it is no such moment, or beyond what a calendar holds.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TimeRangeError(
            f"cannot read {text!r} as a time; write ISO 8601 such as 2026-03-01T08:00:00+09:00"
        ) from error
    if moment.tzinfo is None and zone is not None:
        return moment.replace(tzinfo=zone)
    try:
        return moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise TimeRangeError(
            f"the time {text!r} does not lie in the years {RECORDED_YEARS[0]} to "
            f"{RECORDED_YEARS[-1]}"
        ) from error
