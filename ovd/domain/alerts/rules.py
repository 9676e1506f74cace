"""AlertRule: a condition at cameras that somebody is told of."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from ovd.domain.alerts.schedules import WeeklyHours, WeeklySchedule
from ovd.domain.frame import require_aware
from ovd.domain.names import normalise_name
from ovd.domain.time_zones import load_zone
from ovd.errors import AlertRuleError

MAX_RULE_NAME = 200
LONGEST_S = 7 * 86400.0
DEFAULT_STALE_S = 60.0


class Condition(StrEnum):
    """The kind of condition of a rule."""

    ABOVE = "above"
    BELOW = "below"
    PRESENT = "present"
    ABSENT = "absent"
    CROSSED = "crossed"
    LOST = "lost"
    STALE = "stale"
    OCCUPANCY_ABOVE = "occupancy_above"
    OCCUPANCY_BELOW = "occupancy_below"
    DISK_LOW = "disk_low"
    MOVED = "moved"

    @property
    def counts_objects(self) -> bool:
        """Return whether it concerns the objects of a query."""
        return self in _COUNTING

    @property
    def is_about_site(self) -> bool:
        """Return whether it concerns the people inside a site."""
        return self in _OCCUPANCY


_COUNTING = frozenset(
    (Condition.ABOVE, Condition.BELOW, Condition.PRESENT, Condition.ABSENT, Condition.CROSSED)
)
_OCCUPANCY = (Condition.OCCUPANCY_ABOVE, Condition.OCCUPANCY_BELOW)
_UPPER = (Condition.ABOVE, Condition.OCCUPANCY_ABOVE)
_LIMITS = (*_UPPER, Condition.BELOW, Condition.OCCUPANCY_BELOW)
_COUNT_WANTED = (*_LIMITS, Condition.CROSSED)


class Direction(StrEnum):
    """The direction in which a line is crossed; of a polygon, entered or left."""

    IN = "in"
    OUT = "out"
    ANY = "any"


class Severity(StrEnum):
    """The urgency of an alert."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Clearing:
    """The condition that ends an alert; without it, that the rule's own holds no longer.

    Attributes:
        count: `above`: the alert ends at this count or below; `below`: at this count or above.
            None takes the rule's own count.
        for_s: Observed seconds for which this must hold.
    """

    count: int | None = None
    for_s: float = 0.0


@dataclass(frozen=True)
class AlertRule:
    """A condition, when it matters, and which targets are told.

    Attributes:
        name: Unique, in the form of `ovd.domain.names.normalise_name`.
        when: The kind of condition.
        cameras: Names of cameras, each judged on its own; empty means all.
        query: Text of the query, as typed or as read; empty for conditions without objects.
        zone: Name of a zone of the cameras; empty means the whole image. Of `occupancy_above` and
            `occupancy_below`: name of the site.
        count: `above`, `occupancy_above`: fires above this count; `below`, `occupancy_below`: below
            it; `crossed`: at this number of crossings; `present`: at this count, 1 unless given;
            `disk_low`: below these gigabytes, the limit of the settings unless given. None for the
            others.
        direction: Of crossings.
        within_s: `crossed`: interval in which crossings are summed; `stale`: greatest age of the
            newest counted frame, 60 s unless given.
        for_s: Observed seconds for which the condition must hold.
        clear: What ends the alert.
        cooldown_s: Seconds after an alert in which no other begins.
        schedule: Weekly hours such as `mon-fri 22:00-06:00`; none means always.
        tz: Time zone of the schedule.
        severity: How urgent it is.
        to: Names of the targets that are told.
        enabled: Whether it is judged at all.
        snoozed_until: Until when no alert begins, aware; None means it is not snoozed.

    Raises:
        AlertRuleError: If a value cannot be, or does not go with the condition.
        TimeRangeError: If there is no such time zone.
    """

    name: str
    when: Condition
    cameras: tuple[str, ...] = ()
    query: str = ""
    zone: str = ""
    count: int | None = None
    direction: Direction = Direction.ANY
    within_s: float | None = None
    for_s: float = 0.0
    clear: Clearing = Clearing()
    cooldown_s: float = 0.0
    schedule: tuple[str, ...] = ()
    tz: str = "UTC"
    severity: Severity = Severity.WARNING
    to: tuple[str, ...] = ()
    enabled: bool = True
    snoozed_until: datetime | None = None

    def __post_init__(self) -> None:
        for field in ("name", "query", "zone"):
            object.__setattr__(self, field, normalise_name(getattr(self, field)))
        for field in ("cameras", "to"):
            names = tuple(dict.fromkeys(map(normalise_name, getattr(self, field))))
            object.__setattr__(self, field, names)
        if not self.name or len(self.name) > MAX_RULE_NAME or not self.name.isprintable():
            raise AlertRuleError(
                f"an alert rule needs a printable name of 1 to {MAX_RULE_NAME} characters, got "
                f"{self.name[:40]!r}"
            )
        if self.snoozed_until is not None:
            require_aware(self.snoozed_until, "snoozed_until")
        self._check_condition()
        self._check_counts()
        self._check_times()
        _ = self.hours  # read now, so that a schedule that cannot be is refused

    @cached_property
    def hours(self) -> WeeklySchedule:
        """Return when the rule is active."""
        return WeeklySchedule(tuple(map(WeeklyHours.parse, self.schedule)), load_zone(self.tz))

    @property
    def is_about_cameras(self) -> bool:
        """Return whether it is judged for each camera, and not once for the machine or a site."""
        return self.when is not Condition.DISK_LOW and not self.when.is_about_site

    @property
    def threshold(self) -> int | None:
        """Return the count that decides; None where none does."""
        return 1 if self.when is Condition.PRESENT and self.count is None else self.count

    @property
    def stale_after_s(self) -> float:
        """Return the greatest age of the newest counted frame, in seconds."""
        return DEFAULT_STALE_S if self.within_s is None else self.within_s

    def covers(self, camera: str) -> bool:
        """Return whether the rule is judged for a camera."""
        return self.is_about_cameras and (not self.cameras or camera in self.cameras)

    def is_active(self, at: datetime) -> bool:
        """Return whether a time lies within its schedule."""
        return self.hours.contains(at)

    def is_snoozed(self, at: datetime) -> bool:
        """Return whether no alert may begin at a time."""
        return self.snoozed_until is not None and at < self.snoozed_until

    def _refuse(self, problem: str) -> AlertRuleError:
        return AlertRuleError(f"alert rule {self.name!r}: {problem}")

    def _check_condition(self) -> None:
        if self.when.is_about_site and not self.zone:
            raise self._refuse(f"{self.when} needs a site: give its name as zone")
        if self.when.counts_objects != bool(self.query):
            wanted = "needs a query, such as person" if self.when.counts_objects else "has no query"
            raise self._refuse(f"the condition {self.when} {wanted}")
        if self.zone and not (self.when.counts_objects or self.when.is_about_site):
            raise self._refuse(f"the condition {self.when} has no zone")
        if self.when is Condition.CROSSED and not self.zone:
            raise self._refuse("crossed needs a zone: the name of a line or polygon")
        if self.cameras and not self.is_about_cameras:
            about = "a site" if self.when.is_about_site else "the machine"
            raise self._refuse(f"the condition {self.when} concerns {about} and has no cameras")
        if self.direction is not Direction.ANY and self.when is not Condition.CROSSED:
            raise self._refuse("only crossed has a direction")

    def _check_counts(self) -> None:
        if self.when in _COUNT_WANTED and self.count is None:
            raise self._refuse(f"the condition {self.when} needs a count")
        allowed = (*_COUNT_WANTED, Condition.PRESENT, Condition.DISK_LOW)
        if self.count is not None and self.when not in allowed:
            raise self._refuse(f"the condition {self.when} has no count")
        least = 0 if self.when in _UPPER else 1
        if self.count is not None and self.count < least:
            raise self._refuse(f"the count of {self.when} is {least} or more, got {self.count}")
        if self.clear.count is None:
            return
        if self.when not in _LIMITS or self.count is None:
            raise self._refuse("only above and below have a clear count")
        limit = self.count if self.when in _UPPER else -self.count
        given = self.clear.count if self.when in _UPPER else -self.clear.count
        if given > limit or self.clear.count < 0:
            side = "at most" if self.when in _UPPER else "at least"
            raise self._refuse(
                f"clear.count of {self.when} {self.count} is {side} {self.count}, got "
                f"{self.clear.count}"
            )

    def _check_times(self) -> None:
        times = {
            "for_s": self.for_s,
            "cooldown_s": self.cooldown_s,
            "clear.for_s": self.clear.for_s,
            "within_s": 1.0 if self.within_s is None else self.within_s,
        }
        for name, seconds in times.items():
            if not 0 <= seconds <= LONGEST_S:
                raise self._refuse(f"{name} is 0 to {LONGEST_S:.0f} seconds, got {seconds:g}")
        if self.within_s is None and self.when is Condition.CROSSED:
            raise self._refuse("crossed needs within_s, the seconds in which crossings are summed")
        if self.within_s is not None and self.when not in (Condition.CROSSED, Condition.STALE):
            raise self._refuse("only crossed and stale have within_s")
        if self.within_s == 0:
            raise self._refuse("within_s is more than 0 seconds")
