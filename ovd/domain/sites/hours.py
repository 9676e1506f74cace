"""Opening hours of a site: weekly hours, and days with hours of their own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ovd.domain.alerts.schedules import WEEKDAYS, WeeklyHours
from ovd.errors import AlertRuleError, SiteError

_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_ONE_DAY = timedelta(days=1)
_ALWAYS = WeeklyHours(frozenset(range(7)), 0, _DAY_MINUTES)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class SpecialDay:
    """A day whose hours differ from those of its weekday, such as a holiday.

    Attributes:
        day: The local date.
        name: Its name, for people; may be empty.
        hours: Its hours; none means closed.
    """

    day: date
    name: str = ""
    hours: tuple[WeeklyHours, ...] = ()

    def __post_init__(self) -> None:
        _refuse_overlaps(self.hours, f"{self.day.isoformat()} {self.name}".strip())


@dataclass(frozen=True)
class OpeningHours:
    """The times at which a site is open.

    Attributes:
        zone: The time zone whose clock they are read from.
        weekly: Hours on days of the week; none means always open.
        special: Days with hours of their own, each once.

    Raises:
        SiteError: If hours overlap, or a day has hours of its own twice.
    """

    zone: ZoneInfo
    weekly: tuple[WeeklyHours, ...] = ()
    special: tuple[SpecialDay, ...] = ()
    _by_day: dict[date, SpecialDay] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _refuse_overlaps(self.weekly, "the week")
        by_day: dict[date, SpecialDay] = {}
        for special in self.special:
            if special.day in by_day:
                raise SiteError(
                    f"{special.day.isoformat()} has hours of its own twice "
                    f"({by_day[special.day].name!r}, {special.name!r}); keep one"
                )
            by_day[special.day] = special
        object.__setattr__(self, "_by_day", by_day)

    def open_spans(self, start_at: datetime, end_at: datetime) -> tuple[Span, ...]:
        """Return the parts of a range in which the site is open.

        Args:
            start_at: Start, aware.
            end_at: End, exclusive, aware.

        Returns:
            Start and end of each part, aware UTC, in order, none touching the next.
        """
        start, end = start_at.astimezone(UTC), end_at.astimezone(UTC)
        found: list[Span] = []
        for opens_at, closes_at in sorted(self._spans_around(start, end)):
            opens_at, closes_at = max(opens_at, start), min(closes_at, end)
            if opens_at >= closes_at:
                continue
            if found and opens_at <= found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], closes_at))
            else:
                found.append((opens_at, closes_at))
        return tuple(found)

    def is_open(self, at: datetime) -> bool:
        """Return whether the site is open at a time, which is aware."""
        return bool(self.open_spans(at, at + timedelta(microseconds=1)))

    def closings(self, start_at: datetime, end_at: datetime) -> tuple[datetime, ...]:
        """Return when the site closes in a range, aware UTC; nothing where it never does."""
        spans = self.open_spans(start_at - _ONE_DAY, end_at + _ONE_DAY)
        return tuple(closes_at for _, closes_at in spans if start_at <= closes_at < end_at)

    def special_day(self, day: date) -> SpecialDay | None:
        """Return the hours of a day of its own, None where it is a day as any other."""
        return self._by_day.get(day)

    def _spans_around(self, start: datetime, end: datetime) -> Iterator[Span]:
        day = start.astimezone(self.zone).date() - _ONE_DAY
        last = end.astimezone(self.zone).date()
        while day <= last:
            for hours in self._hours_on(day):
                yield _span(day, hours, self.zone)
            day += _ONE_DAY

    def _hours_on(self, day: date) -> tuple[WeeklyHours, ...]:
        special = self._by_day.get(day)
        if special is not None:
            return special.hours
        return tuple(
            hours for hours in self.weekly or (_ALWAYS,) if day.weekday() in hours.weekdays
        )


def parse_hours(text: str) -> WeeklyHours:
    """Read hours such as `mon-fri 09:00-18:00`.

    Raises:
        SiteError: If they cannot be read.
    """
    try:
        return WeeklyHours.parse(text)
    except AlertRuleError as error:
        raise SiteError(str(error).replace("schedule", "opening hours", 1)) from None


def _span(day: date, hours: WeeklyHours, zone: ZoneInfo) -> Span:
    """Return when the hours of a day begin and end; where clocks go back, the later end."""
    ends_on = day if hours.start_minute < hours.end_minute else day + _ONE_DAY
    opens_at = _local(day, hours.start_minute, zone)
    closes_at = _local(ends_on, hours.end_minute, zone).replace(fold=1)
    return opens_at.astimezone(UTC), closes_at.astimezone(UTC)


def _local(day: date, minute: int, zone: ZoneInfo) -> datetime:
    days, minute = divmod(minute, _DAY_MINUTES)
    return datetime.combine(day + days * _ONE_DAY, time(*divmod(minute, 60)), zone)


def _refuse_overlaps(weekly: tuple[WeeklyHours, ...], where: str) -> None:
    spans = sorted(
        (start, start + ((hours.end_minute - hours.start_minute) % _DAY_MINUTES or _DAY_MINUTES))
        for hours in weekly
        for start in (day * _DAY_MINUTES + hours.start_minute for day in hours.weekdays)
    )
    if not spans:
        return
    around = [*spans, (spans[0][0] + _WEEK_MINUTES, spans[0][1] + _WEEK_MINUTES)]
    for (_, ends), (begins, _) in pairwise(around):
        if begins < ends:
            day, minute = divmod(begins % _WEEK_MINUTES, _DAY_MINUTES)
            raise SiteError(
                f"the opening hours of {where} overlap at {WEEKDAYS[day]} {minute // 60:02}:"
                f"{minute % 60:02}; write each time once"
            )
