"""Site: doors, hours and resets of a place whose visitors are counted, and its repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from ovd.domain.frame import require_aware
from ovd.domain.names import name_key
from ovd.domain.sites.door import NO_STAFF, Door, Staff, check_name
from ovd.domain.sites.hours import OpeningHours, SpecialDay
from ovd.domain.sites.queue import Queue
from ovd.errors import SiteError

MOST_PEOPLE = 1_000_000
# People still leave when a site has just closed.
AFTER_CLOSING = timedelta(hours=1)
_ONE_DAY = timedelta(days=1)


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
        queues: Areas in which people wait.
        staff: Who is not counted at the doors.
        currency: Of its sales, as an ISO 4217 code; empty if unknown.

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
    queues: tuple[Queue, ...] = ()
    staff: Staff = NO_STAFF
    currency: str = ""

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
        if self.currency and not (len(self.currency) == 3 and self.currency.isalpha()):
            raise SiteError(
                f"the currency of site {self.name!r} is {self.currency[:20]!r}; three letters such "
                'as "EUR" are wanted'
            )
        object.__setattr__(self, "currency", self.currency.upper())
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
        lines = [line.camera for door in self.doors for line in (*door.lines, *door.passing)]
        queues = [queue.camera for queue in self.queues]
        areas = [area.camera for area in self.staff.areas]
        rooms = () if self.room is None else (self.room.camera,)
        return frozenset((*lines, *queues, *areas, *rooms))

    def with_special_days(self, days: Iterable[SpecialDay]) -> "Site":
        """Return the site with more days of their own; those that it has stay as they are."""
        known = {special.day for special in self.hours.special}
        added = [special for special in days if special.day not in known]
        special = sorted([*self.hours.special, *added], key=lambda special: special.day)
        return replace(self, hours=OpeningHours(self.hours.zone, self.hours.weekly, tuple(special)))

    def _refuse_doubles(self) -> None:
        senses: dict[tuple[str, str], bool] = {}
        names: set[str] = set()
        for door in self.doors:
            for line in door.lines:
                if line.key in senses:
                    opposite = senses[line.key] is not line.enters
                    sense = " with opposite senses" if opposite else ""
                    raise SiteError(
                        f"line {line.line!r} of camera {line.camera!r} is used by two doors"
                        f"{sense}; name it once"
                    )
                senses[line.key] = line.enters
            if name_key(door.name) in names:
                raise SiteError(
                    f"two doors are named {door.name!r}; give one another name, or name both lines "
                    'in one door with "more"'
                )
            names.add(name_key(door.name))
        queues = [name_key(queue.name) for queue in self.queues]
        if len(set(queues)) < len(queues):
            raise SiteError(f"two queues of site {self.name!r} have the same name; rename one")


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
