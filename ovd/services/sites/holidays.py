"""Holidays from iCalendar files (RFC 5545): whole days, once or yearly."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ovd.domain.sites import SpecialDay
from ovd.errors import SiteError

# Yearly days are written out this far ahead.
YEARS_AHEAD = 5
LONGEST_HOLIDAY = timedelta(days=31)
_ONE_DAY = timedelta(days=1)
_ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass
class _Event:
    starts: date | None = None
    ends: date | None = None
    name: str = ""
    rule: dict[str, str] = field(default_factory=dict)


def read_holidays(text: str, zone: ZoneInfo, today: date | None = None) -> tuple[SpecialDay, ...]:
    """Return the whole days of an iCalendar file as days on which a site is closed.

    Events that take only part of a day are left out.

    Args:
        text: The file.
        zone: The site's time zone, for events with a time in UTC.
        today: Yearly days are written out from this year on; None takes today.

    Raises:
        SiteError: If it is no iCalendar file, or holds no whole day, or repeats other than yearly.
    """
    if "BEGIN:VCALENDAR" not in text.upper():
        raise SiteError(
            "this is no iCalendar file: BEGIN:VCALENDAR is missing; export the holidays as .ics"
        )
    year = (today or datetime.now(UTC).astimezone(zone).date()).year
    found: dict[date, SpecialDay] = {}
    for event in _events(text):
        for day in _days(event, year):
            found.setdefault(day, SpecialDay(day, event.name))
    if not found:
        raise SiteError("the iCalendar file holds no whole day; export it with all-day events")
    return tuple(found[day] for day in sorted(found))


def _events(text: str) -> Iterator[_Event]:
    event: _Event | None = None
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        key, _, value = line.partition(":")
        name, _, parameters = key.partition(";")
        if line.strip().upper() == "BEGIN:VEVENT":
            event = _Event()
        elif line.strip().upper() == "END:VEVENT" and event is not None:
            yield event
            event = None
        elif event is not None:
            _take(event, name.strip().upper(), parameters.upper(), value.strip())


def _take(event: _Event, name: str, parameters: str, value: str) -> None:
    is_day = "VALUE=DATE-TIME" not in parameters and len(value) == 8
    if name == "DTSTART" and is_day:
        event.starts = _date(value)
    elif name == "DTEND" and is_day:
        event.ends = _date(value)
    elif name == "SUMMARY":
        plain = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value)
        event.name = "".join(letter for letter in plain if letter.isprintable())[:200]
    elif name == "RRULE":
        pairs = (part.partition("=") for part in value.upper().split(";"))
        event.rule = {key: content for key, _, content in pairs}


def _date(value: str) -> date:
    try:
        return datetime.strptime(value, "%Y%m%d").date()
    except ValueError:
        raise SiteError(
            f"the iCalendar file holds the day {value[:40]!r}; YYYYMMDD is wanted"
        ) from None


def _days(event: _Event, year: int) -> Iterator[date]:
    if event.starts is None:
        return
    length = (event.ends or event.starts + _ONE_DAY) - event.starts
    if not timedelta() < length <= LONGEST_HOLIDAY:
        raise SiteError(
            f"{event.name[:60]!r} of the iCalendar file lasts {length.days} days; 1 to "
            f"{LONGEST_HOLIDAY.days} are wanted"
        )
    for start in _starts(event, event.starts, year):
        for offset in range(length.days):
            yield start + offset * _ONE_DAY


def _starts(event: _Event, first: date, year: int) -> Iterator[date]:
    if not event.rule:
        yield first
        return
    unknown = set(event.rule) - {"FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST"}
    if event.rule.get("FREQ") != "YEARLY" or unknown or event.rule.get("INTERVAL", "1") != "1":
        raise SiteError(
            f"{event.name[:60]!r} of the iCalendar file repeats in another way than every year on "
            "the same date; export the days one by one"
        )
    last = year + YEARS_AHEAD
    if event.rule.get("COUNT", "").isdigit():
        last = min(last, first.year + int(event.rule["COUNT"]) - 1)
    until = _date(event.rule["UNTIL"][:8]) if "UNTIL" in event.rule else date.max
    for current in range(max(first.year, year - 1), last + 1):
        try:
            day = first.replace(year=current)
        except ValueError:  # the 29th of February
            continue
        if day <= until:
            yield day
