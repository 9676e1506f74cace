"""Weekly hours in which an alert rule is active, by the local clock."""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ovd.errors import AlertRuleError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KOREAN_WEEKDAYS = "월화수목금토일"
_EVERY_DAY = ("daily", "every day", "매일")
_DAY_MINUTES = 24 * 60
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_WANTED = "days, hours or both are wanted, as in mon-fri 22:00-06:00, sat,sun or daily 08:00-18:30"


@dataclass(frozen=True)
class WeeklyHours:
    """Hours on some days of the week; those that end before they begin last into the next day.

    Attributes:
        weekdays: The days on which they begin, Monday is 0.
        start_minute: Minute of the local day at which they begin.
        end_minute: Minute at which they end, exclusive; 1440 is midnight.
    """

    weekdays: frozenset[int]
    start_minute: int
    end_minute: int

    @classmethod
    def parse(cls, text: str) -> "WeeklyHours":
        """Read hours such as `mon-fri 22:00-06:00` or `월-금 22:00-06:00`.

        Without hours they are whole days, without days every day.

        Raises:
            AlertRuleError: If they cannot be read, or cover no time.
        """
        cleaned = text.strip().casefold().replace("\N{EN DASH}", "-")
        found = _HOURS.search(cleaned)
        days = (cleaned[: found.start()] + cleaned[found.end() :]).strip() if found else cleaned
        if not cleaned or (found and cleaned[found.end() :].strip()):
            raise AlertRuleError(f"schedule {text!r} cannot be read; {_WANTED}")
        start, end = _minutes(found, text) if found else (0, _DAY_MINUTES)
        return cls(_weekdays(days, text), start, end)

    def contains(self, local: datetime) -> bool:
        """Return whether a local time lies within them; minutes that a clock skips do not occur."""
        minute, today = 60 * local.hour + local.minute, local.weekday()
        if self.start_minute < self.end_minute:
            return today in self.weekdays and self.start_minute <= minute < self.end_minute
        begun = today in self.weekdays and minute >= self.start_minute
        return begun or ((today - 1) % 7 in self.weekdays and minute < self.end_minute)


@dataclass(frozen=True)
class WeeklySchedule:
    """The times at which a rule is active.

    Attributes:
        hours: Hours that add up; none means always.
        zone: The time zone whose clock they are read from.
    """

    hours: tuple[WeeklyHours, ...]
    zone: ZoneInfo

    def contains(self, at: datetime) -> bool:
        """Return whether the rule is active at a time, which is aware."""
        if not self.hours:
            return True
        local = at.astimezone(self.zone)
        return any(hours.contains(local) for hours in self.hours)


def _minutes(found: re.Match[str], text: str) -> tuple[int, int]:
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    start, end = 60 * start_hour + start_minute, 60 * end_hour + end_minute
    if max(start_minute, end_minute) > 59 or start >= _DAY_MINUTES or end > _DAY_MINUTES:
        raise AlertRuleError(f"schedule {text!r} has hours beyond 00:00-24:00; {_WANTED}")
    if start == end:
        raise AlertRuleError(f"schedule {text!r} covers no time; whole days are 00:00-24:00")
    return start, end


def _weekdays(days: str, text: str) -> frozenset[int]:
    if not days or days in _EVERY_DAY:
        return frozenset(range(7))
    found: set[int] = set()
    for part in re.split(r"\s*,\s*", days):
        names = re.split(r"\s*-\s*", part)
        indexes = [_weekday_of(name) for name in names]
        unknown = [name for name, index in zip(names, indexes, strict=True) if index is None]
        if unknown or len(names) > 2:
            raise AlertRuleError(
                f"schedule {text!r} has the day {(unknown or names)[0]!r}; known: "
                f"{', '.join(WEEKDAYS)}; {_WANTED}"
            )
        first, last = (index or 0 for index in (indexes[0], indexes[-1]))
        found.update((first + offset) % 7 for offset in range((last - first) % 7 + 1))
    return frozenset(found)


def _weekday_of(name: str) -> int | None:
    """Return the index of a day such as `mon`, `Monday` or `월요일`; None for another word."""
    if name.removesuffix("요일") in tuple(_KOREAN_WEEKDAYS):
        return _KOREAN_WEEKDAYS.index(name[0])
    return WEEKDAYS.index(name[:3]) if name[:3] in WEEKDAYS else None
