"""Stretches of UTC time that counts are summed over: which there are and where each begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, func, literal_column, type_coerce

from ovd.store.schema.columns import UtcDateTime

# Name in `rollups.bucket` -> length in seconds, finest first.
BUCKETS = {"minute": 60, "hour": 3600, "day": 86400}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Length in seconds -> PostgreSQL's name for it, how many characters of a time that SQLite keeps
# name the interval, and what follows them in a time that starts one.
_UNITS = {
    1: ("second", len("2026-03-01 12:00:00"), ".000000"),
    60: ("minute", len("2026-03-01 12:00"), ":00.000000"),
    3600: ("hour", len("2026-03-01 12"), ":00:00.000000"),
    86400: ("day", len("2026-03-01"), " 00:00:00.000000"),
}
STEPS_S = tuple(_UNITS)
_DAY_S = 86400


@dataclass(frozen=True)
class Grid:
    """Stretches of equal length that follow the clock of a constant offset from UTC.

    Attributes:
        step_s: Length of an interval in whole seconds; divides a day.
        offset_s: How far the clock is ahead of UTC in whole seconds: it shows a multiple of
            `step_s` where an interval begins.
    """

    step_s: int
    offset_s: int = 0

    def __post_init__(self) -> None:
        if self.step_s < 1 or _DAY_S % self.step_s:
            raise ValueError(f"step_s must divide a day of {_DAY_S} s, got {self.step_s}")

    def is_made_of(self, length_s: int) -> bool:
        """Return whether its intervals consist of whole UTC intervals of `length_s` seconds."""
        return self.step_s % length_s == 0 and self.offset_s % length_s == 0


def from_epoch_s(seconds: int) -> datetime:
    """The moment so many seconds after the start of 1970, in UTC."""
    return _EPOCH + timedelta(seconds=seconds)


def floor_time(moment: datetime, step_s: int) -> datetime:
    """Start of the interval of `step_s` seconds that holds an aware moment, in UTC."""
    step = timedelta(seconds=step_s)
    return _EPOCH + (moment - _EPOCH) // step * step


def ceil_time(moment: datetime, step_s: int) -> datetime:
    """First start of an interval at or after an aware moment, in UTC."""
    start = floor_time(moment, step_s)
    return start if start == moment else start + timedelta(seconds=step_s)


def starts_between(first_at: datetime, last_at: datetime, step_s: int) -> Iterator[datetime]:
    """Starts of all intervals that a period touches, its last moment included."""
    start = floor_time(first_at, step_s)
    while start <= last_at:
        yield start
        start += timedelta(seconds=step_s)


def start_of(
    moment: SQLColumnExpression[datetime], step_s: int, dialect: str
) -> ColumnElement[datetime]:
    """Expression for the start of the interval that a stored time lies in.

    Args:
        moment: A column of `UtcDateTime`.
        step_s: One of `STEPS_S`.
        dialect: SQLAlchemy's name of the database.
    """
    unit, characters, rest = _UNITS[step_s]
    if dialect == "postgresql":
        truncated = func.date_trunc(literal_column(f"'{unit}'"), moment, literal_column("'UTC'"))
        return type_coerce(truncated, UtcDateTime())
    text = func.substr(moment, 1, literal_column(str(characters)))
    return type_coerce(text.op("||")(literal_column(f"'{rest}'")), UtcDateTime())
