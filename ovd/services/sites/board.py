"""The board of a site, for displays: a number, and whether there is room."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ovd.services.sites.service import OccupancyNow

# Share of the capacity from which it is nearly full.
BUSY_FROM = 0.85
_LOOK_AHEAD = timedelta(days=8)


class Level(StrEnum):
    """Room that is left in a site."""

    FREE = "free"
    BUSY = "busy"
    FULL = "full"
    UNLIMITED = "unlimited"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Board:
    """The content of a display.

    Attributes:
        level: Whether there is room; unlimited where the site has no capacity.
        people: People inside; None while that is not known.
        capacity: How many may be inside; None without a limit.
        opens_at: When a closed site opens next, in its own zone; None if it is open, or not soon.
    """

    level: Level
    people: int | None
    capacity: int | None
    opens_at: datetime | None = None


def make_board(now: OccupancyNow) -> Board:
    """Return what a display shows.

    While a door is not observed the number is not known, however narrow its band: whoever stands
    at the entrance must be able to trust it.
    """
    point, capacity = now.point, now.site.capacity
    if not now.is_open:
        return Board(Level.CLOSED, None, capacity, _opens_at(now))
    if point.people is None or not point.observed:
        return Board(Level.UNKNOWN, None, capacity)
    people = round(point.people)
    if capacity is None:
        return Board(Level.UNLIMITED, people, None)
    if people >= capacity:
        return Board(Level.FULL, people, capacity)
    level = Level.BUSY if people >= BUSY_FROM * capacity else Level.FREE
    return Board(level, people, capacity)


def _opens_at(now: OccupancyNow) -> datetime | None:
    hours, at = now.site.hours, now.point.at
    spans = hours.open_spans(at, at + _LOOK_AHEAD)
    return spans[0][0].astimezone(hours.zone) if spans else None
