"""Moments in requests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query

from ovd.errors import TimeRangeError

From = Annotated[
    str | None,
    Query(
        alias="from",
        max_length=64,
        description="First moment, ISO 8601; without an offset in `tz`, or UTC.",
        examples=["2026-03-01T08:00:00+09:00"],
    ),
]
To = Annotated[
    str | None, Query(alias="to", max_length=64, description="Moment after the last, ISO 8601.")
]


@dataclass(frozen=True)
class RecordFilter:
    """Which records are wanted."""

    camera: Annotated[str | None, Query(max_length=200, description="Only this camera.")] = None
    query: Annotated[str | None, Query(max_length=200, description="Only this query.")] = None
    start: From = None
    end: To = None


Filter = Annotated[RecordFilter, Depends()]


def parse_moment(text: str | None, zone: ZoneInfo | None = None) -> datetime | None:
    """Return a moment, aware; None where none was given.

    Raises:
        TimeRangeError: If it is no ISO 8601 moment, or beyond what a calendar holds.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)
        aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise TimeRangeError(
            f"cannot read {text[:64]!r} as a time; write ISO 8601 such as 2026-03-01T08:00:00+09:00"
        ) from error
    return aware
