"""When scheduled reports are due, and which stretch of time they tell about. Pure planning."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from ovd.domain.frame import require_aware

_ONE_DAY = timedelta(days=1)
# Days to look back and ahead for a weekly report, with room for skipped days.
_REACH = {"daily": 3, "weekly": 10}
_SECOND = timedelta(seconds=1)


class Every(StrEnum):
    """How often a report is made."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Schedule:
    """A report that is made again and again.

    Attributes:
        name: Unique; part of the file's name.
        every: Daily tells about the day before, weekly about the seven days before.
        at: Local time at which it is made.
        zone: Whose clock `at` and the days follow.
        weekday: Day on which a weekly report is made, Monday is 0.
        cameras: Camera names; empty means all.
        queries: Query texts; empty means all.
        bucket: Length of the report's rows.
        format: A format of the report.
        folder: Where the file is put; None for mail only.
        to: Addresses it is mailed to.
        language: Language of its words, a name of `ovd.texts.report.TEXTS`.
        title: Headline; empty takes the language's own.
        compares: Whether it is compared with the period before.
    """

    name: str
    every: Every
    at: time
    zone: ZoneInfo
    weekday: int = 0
    cameras: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    bucket: str = "1h"
    format: str = "csv"
    folder: Path | None = None
    to: tuple[str, ...] = ()
    language: str = "en"
    title: str = ""
    compares: bool = False


@dataclass(frozen=True)
class Due:
    """One report to be made.

    Attributes:
        at: When, aware UTC.
        start_at: First moment it tells about, aware, in the schedule's zone.
        end_at: Last moment, exclusive, likewise.
        every: How often such a report is made.
    """

    at: datetime
    start_at: datetime
    end_at: datetime
    every: Every

    @property
    def period(self) -> str:
        """Name of the stretch: its first day, as in `2026-03-01` or `2026-03-01_week`."""
        suffix = "_week" if self.every is Every.WEEKLY else ""
        return f"{self.start_at.date().isoformat()}{suffix}"


def next_due(schedule: Schedule, after: datetime) -> Due:
    """The first report that is due later than a moment."""
    return min((due for due in _around(schedule, after) if due.at > after), key=lambda due: due.at)


def last_due(schedule: Schedule, until: datetime) -> Due:
    """The last report that was due at or before a moment."""
    return max(
        (due for due in _around(schedule, until) if due.at <= until),
        key=lambda due: (due.at, due.end_at),
    )


def local_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When a local clock shows a time on a day, aware UTC.

    A time that clocks skip is the next moment that exists, one they repeat is the first.
    """
    local = datetime.combine(day, at)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # Skipped: with fold 1 the offset after the change is taken, which lies before the change.
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            before = middle
        else:
            after = middle
    return after


def _around(schedule: Schedule, moment: datetime) -> list[Due]:
    require_aware(moment, "moment")
    today = moment.astimezone(schedule.zone).date()
    reach = _REACH[schedule.every]
    days = [today + offset * _ONE_DAY for offset in range(-reach, reach + 1)]
    if schedule.every is Every.WEEKLY:
        days = [day for day in days if day.weekday() == schedule.weekday]
    dues = [_due(schedule, day) for day in days]
    # A calendar day that a place skipped, to change sides of the date line, has nothing to tell.
    return [due for due in dues if due.start_at.astimezone(UTC) < due.end_at.astimezone(UTC)]


def _due(schedule: Schedule, day: date) -> Due:
    first = day - (7 if schedule.every is Every.WEEKLY else 1) * _ONE_DAY
    zone = schedule.zone
    return Due(
        at=local_moment(day, schedule.at, zone),
        start_at=local_moment(first, time(), zone).astimezone(zone),
        end_at=local_moment(day, time(), zone).astimezone(zone),
        every=schedule.every,
    )
