"""Moments on the command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ovd.errors import TimeRangeError


def parse_moment(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Read an ISO 8601 moment.

    Args:
        text: Such as `2026-03-01T08:00` or `2026-03-01T08:00:00+09:00`.
        zone: What a moment without an offset means; None is the machine's own zone.

    Raises:
        TimeRangeError: If it is no such moment.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None and zone is not None:
            return moment.replace(tzinfo=zone)
        return moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise TimeRangeError(
            f"cannot read {text!r} as a time; write ISO 8601 such as 2026-03-01T08:00:00+09:00"
        ) from error
