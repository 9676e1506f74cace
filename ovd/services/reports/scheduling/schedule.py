"""Due times and periods of scheduled reports; pure computation."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from ovd.domain.frame import require_aware

_ONE_DAY = timedelta(days=1)
# Days to look back and ahead for a weekly report, with room for skipped days.
_SEARCH_DAYS = {"daily": 3, "weekly": 10}
_SECOND = timedelta(seconds=1)


class Recurrence(StrEnum):
    """The interval at which a report is made."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Schedule:
    """A report that is made repeatedly.

    Attributes:
        name: Unique; part of the file's name.
        every: A daily report covers the day before, a weekly one the seven days before.
        at: Local time at which it is made.
        zone: Time zone of `at` and of the days.
        weekday: Day on which a weekly report is made, Monday is 0.
        cameras: Camera names; empty means all.
        queries: Query texts; empty means all.
        bucket: Length of the report's rows.
        format: A format of the report.
        folder: Folder of the file; None for mail only.
        to: Recipients of the mail.
        targets: Names of targets that get it, too.
        language: Language of its words, a name of `ovd.texts.report.TEXTS`.
        title: Headline; empty takes the language's own.
        compares: Whether it includes a comparison with the period before.
        logo: PNG beside the title; empty shows none.
        fixed: Whether the settings name it; then it cannot be changed elsewhere.
    """

    name: str
    every: Recurrence
    at: time
    zone: ZoneInfo
    weekday: int = 0
    cameras: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    bucket: str = "1h"
    format: str = "csv"
    folder: Path | None = None
    to: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    language: str = "en"
    title: str = ""
    compares: bool = False
    logo: bytes = field(default=b"", repr=False)
    fixed: bool = False


@dataclass(frozen=True)
class DueReport:
    """One report to be made.

    Attributes:
        at: Due time, aware UTC.
        start_at: Start of its period, aware, in the schedule's zone.
        end_at: End, exclusive, likewise.
        every: Its recurrence.
    """

    at: datetime
    start_at: datetime
    end_at: datetime
    every: Recurrence

    @property
    def period(self) -> str:
        """Return the name of the period: its first day, as in `2026-03-01` or `2026-03-01_week`."""
        suffix = "_week" if self.every is Recurrence.WEEKLY else ""
        return f"{self.start_at.date().isoformat()}{suffix}"


def next_due(schedule: Schedule, after: datetime) -> DueReport:
    """Return the first report that is due after a time."""
    return min(
        (due for due in _due_around(schedule, after) if due.at > after), key=lambda due: due.at
    )


def last_due(schedule: Schedule, until: datetime) -> DueReport:
    """Return the last report that was due at or before a time."""
    return max(
        (due for due in _due_around(schedule, until) if due.at <= until),
        key=lambda due: (due.at, due.end_at),
    )


def local_time_to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Convert a local time on a day to aware UTC.

    A skipped local time becomes the next one that exists; of a repeated one the first is taken.
    """
    local = datetime.combine(day, at)
    at_utc = local.replace(tzinfo=zone).astimezone(UTC)
    if at_utc.astimezone(zone).replace(tzinfo=None) == local:
        return at_utc
    # Skipped: with fold 1 the offset after the change is taken, which lies before the change.
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), at_utc
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            before = middle
        else:
            after = middle
    return after


def _due_around(schedule: Schedule, at_utc: datetime) -> list[DueReport]:
    require_aware(at_utc, "moment")
    today = at_utc.astimezone(schedule.zone).date()
    days_around = _SEARCH_DAYS[schedule.every]
    days = [today + offset * _ONE_DAY for offset in range(-days_around, days_around + 1)]
    if schedule.every is Recurrence.WEEKLY:
        days = [day for day in days if day.weekday() == schedule.weekday]
    due_reports = [_due(schedule, day) for day in days]
    # A calendar day that a place skipped, to change sides of the date line, has nothing to tell.
    return [due for due in due_reports if due.start_at.astimezone(UTC) < due.end_at.astimezone(UTC)]


def _due(schedule: Schedule, day: date) -> DueReport:
    first = day - (7 if schedule.every is Recurrence.WEEKLY else 1) * _ONE_DAY
    zone = schedule.zone
    return DueReport(
        at=local_time_to_utc(day, schedule.at, zone),
        start_at=local_time_to_utc(first, time(), zone).astimezone(zone),
        end_at=local_time_to_utc(day, time(), zone).astimezone(zone),
        every=schedule.every,
    )
