"""Time zones by name."""

import difflib
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ovd.errors import TimeRangeError


def load_zone(name: str) -> ZoneInfo:
    """Load a time zone such as `Asia/Seoul`.

    Raises:
        TimeRangeError: If there is none of that name; near names are listed.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        similar = difflib.get_close_matches(name, available_timezones(), n=3)
        hint = f"; did you mean {', '.join(similar)}?" if similar else ", such as Asia/Seoul or UTC"
        raise TimeRangeError(
            f"unknown time zone {name!r}: a name of the IANA database is wanted{hint}"
        ) from None
