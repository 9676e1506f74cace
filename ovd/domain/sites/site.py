"""Site: doors, hours and resets of a place whose visitors are counted, and its repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from ovd.domain.frame import require_aware
from ovd.domain.names import name_key, normalise_name
from ovd.domain.sites.hours import OpeningHours, SpecialDay
from ovd.errors import SiteError

MAX_SITE_NAME = 200
MOST_PEOPLE = 1_000_000
# People still leave when a site has just closed.
AFTER_CLOSING = timedelta(hours=1)
_ONE_DAY = timedelta(days=1)


def check_name(text: str, of: str) -> str:
    """Return a name as it is kept.

    Raises:
        SiteError: If it is blank, too long or holds control characters.
    """
    name = normalise_name(text)
    if not name or len(name) > MAX_SITE_NAME or not name.isprintable():
        raise SiteError(
            f"a {of} needs a printable name of 1 to {MAX_SITE_NAME} characters, got {text[:40]!r}"
        )
    return name


@dataclass(frozen=True)
class Door:
    """A line of a camera through which a site is entered and left.

    Attributes:
        camera: Name of the camera.
        line: Name of the line zone.
        enters: Whether a crossing "in" enters the site; otherwise it leaves it.
        name: Name for people; empty takes that of the line.
    """

    camera: str
    line: str
    enters: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "camera", normalise_name(self.camera))
        object.__setattr__(self, "line", check_name(self.line, "door's line"))
        object.__setattr__(self, "name", check_name(self.name or self.line, "door"))


@dataclass(frozen=True)
class Room:
    """A camera that sees the whole site, whose count corrects the occupancy.

    Attributes:
        camera: Name of the camera.
        query: What is counted there; empty takes the site's query.
    """

    camera: str
    query: str = ""


@dataclass(frozen=True)
class ResetAt:
    """The time of day at which a site is taken to be empty.

    Attributes:
        local: A local time; None is one hour after closing, where the site closes.
    """

    local: time | None = time(4)

    def between(
        self, start_at: datetime, end_at: datetime, hours: OpeningHours
    ) -> tuple[datetime, ...]:
        """Return the resets in a range, aware UTC, in order."""
        if self.local is None:
            closings = hours.closings(start_at - AFTER_CLOSING, end_at)
            resets = [closes_at + AFTER_CLOSING for closes_at in closings]
            resets = [at for at in resets if not hours.is_open(at)]
        else:
            day = start_at.astimezone(hours.zone).date() - _ONE_DAY
            last = end_at.astimezone(hours.zone).date()
            days = [day + count * _ONE_DAY for count in range((last - day).days + 1)]
            resets = [datetime.combine(day, self.local, hours.zone).astimezone(UTC) for day in days]
        return tuple(at for at in resets if start_at <= at < end_at)


@dataclass(frozen=True)
class Site:
    """A place whose visitors are counted at its doors.

    Attributes:
        name: Unique name.
        doors: The lines through which it is entered and left.
        hours: When it is open.
        query: What is counted, as typed at the cameras.
        room: A camera that sees all of it; None where there is none.
        capacity: Most people that may be inside; None where it does not matter.
        reset: When it is taken to be empty.
        area_m2: Its size in square metres, for comparisons; None if unknown.

    Raises:
        SiteError: If it has no door, a line twice, or a value out of range.
    """

    name: str
    doors: tuple[Door, ...]
    hours: OpeningHours
    query: str = "person"
    room: Room | None = None
    capacity: int | None = None
    reset: ResetAt = ResetAt()
    area_m2: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name, "site"))
        if "/" in self.name:
            raise SiteError(f"a site's name holds no slash, got {self.name[:40]!r}; use a dash")
        object.__setattr__(self, "query", check_name(self.query, "site's query"))
        if not self.doors:
            raise SiteError(
                f"site {self.name!r} has no door; name a line of a camera, such as "
                '{"camera": "gate", "line": "door"}'
            )
        self._refuse_doubles()
        for value, what in ((self.capacity, "capacity"), (self.area_m2, "area_m2")):
            if value is not None and not 0 < value <= MOST_PEOPLE:
                raise SiteError(
                    f"{what} of site {self.name!r} is {value}; 1 to {MOST_PEOPLE} is wanted"
                )
        if self.reset.local is None and not self.hours.weekly:
            raise SiteError(
                f'site {self.name!r} is to be reset after "closing" but never closes; give it '
                'opening hours, or a time such as "04:00"'
            )

    @property
    def cameras(self) -> frozenset[str]:
        """Return the names of the cameras that it needs."""
        rooms = () if self.room is None else (self.room.camera,)
        return frozenset((*(door.camera for door in self.doors), *rooms))

    def with_special_days(self, days: Iterable[SpecialDay]) -> "Site":
        """Return the site with more days of their own; those that it has stay as they are."""
        known = {special.day for special in self.hours.special}
        added = [special for special in days if special.day not in known]
        special = sorted([*self.hours.special, *added], key=lambda special: special.day)
        return replace(self, hours=OpeningHours(self.hours.zone, self.hours.weekly, tuple(special)))

    def _refuse_doubles(self) -> None:
        lines: dict[tuple[str, str], Door] = {}
        names: set[str] = set()
        for door in self.doors:
            key = (name_key(door.camera), name_key(door.line))
            if key in lines:
                opposite = lines[key].enters is not door.enters
                sense = " with opposite senses" if opposite else ""
                raise SiteError(
                    f"line {door.line!r} of camera {door.camera!r} is used by two doors{sense}; "
                    "name it once"
                )
            if name_key(door.name) in names:
                raise SiteError(f"two doors are named {door.name!r}; give one another name")
            lines[key] = door
            names.add(name_key(door.name))


@dataclass(frozen=True)
class SiteReset:
    """A correction by hand: the number of people who were inside at a time.

    Attributes:
        at: When, aware UTC.
        people: How many were inside.
        by: Who corrected it.
    """

    at: datetime
    people: int
    by: str = ""

    def __post_init__(self) -> None:
        require_aware(self.at, "a reset")
        if not 0 <= self.people <= MOST_PEOPLE:
            raise SiteError(
                f"the number of people inside is {self.people}; 0 to {MOST_PEOPLE} is wanted"
            )


class SiteRepository(Protocol):
    """Sites and their corrections. Names are compared without case.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def add(self, site: Site) -> None:
        """Add a site.

        Raises:
            ConflictError: If there is one of that name.
        """
        ...

    def replace(self, name: str, site: Site) -> None:
        """Replace what is set for a site; its corrections stay.

        Raises:
            UnknownSiteError: If there is none of that name.
            ConflictError: If another has the new name.
        """
        ...

    def all(self) -> Sequence[Site]:
        """Return the sites by name."""
        ...

    def find(self, name: str) -> Site:
        """Return a site.

        Raises:
            UnknownSiteError: If there is none of that name.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a site and its corrections; what its doors counted stays.

        Raises:
            UnknownSiteError: If there is none of that name.
        """
        ...

    def add_reset(self, name: str, reset: SiteReset) -> None:
        """Keep a correction; one of the same time is replaced.

        Raises:
            UnknownSiteError: If there is none of that name.
        """
        ...

    def resets(self, name: str, start_at: datetime, end_at: datetime) -> Sequence[SiteReset]:
        """Return the corrections from `start_at` to before `end_at`, oldest first.

        Raises:
            UnknownSiteError: If there is none of that name.
        """
        ...
