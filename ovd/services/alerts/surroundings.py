"""Observe what frames do not tell: lost, stale and moved cameras, disk space, people in sites."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ovd.domain.alerts import AlertRule, Condition, SavedRule
from ovd.domain.live import SourceState
from ovd.domain.ports import CameraStatus, Clock
from ovd.domain.records import RunStatus, StoreHealth, StoreState
from ovd.errors import StoreError
from ovd.services.alerts.boards import Entry
from ovd.services.alerts.judging import Amount, Observation
from ovd.threads import ThreadHealth

# A camera that connects is not lost before this time.
CONNECTING_S = 10.0
DISK_EVERY_S = 15.0
# A round that comes later than this was not observed in between.
LONGEST_STEP_S = 10.0
GIGABYTE = 1e9

_NO = Amount.exactly(0)
_YES = Amount.exactly(1)
_GONE = (RunStatus.LOST, RunStatus.FAILED)
_OF_CAMERAS = frozenset((Condition.LOST, Condition.STALE, Condition.MOVED))


class SiteWatch(Protocol):
    """Tells how many people are inside sites; does no I/O in the caller's thread."""

    def people_inside(self, site: str) -> int | None:
        """Return how many people are inside; None while that is not known, or not observed."""
        ...

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its threads."""
        ...

    def close(self) -> None:
        """End them. Calling it twice is harmless."""
        ...


class ViewWatch(Protocol):
    """Compares what cameras show with their reference views, now and then."""

    def is_moved(self, camera: str) -> bool | None:
        """Return whether a camera was moved or defocused; None while that is unknown."""
        ...


@dataclass(frozen=True)
class Surrounding:
    """The observations of one round.

    Attributes:
        at: When, aware UTC.
        observed_s: Seconds since the round before.
        statuses: How cameras stand, by name.
        lost: Whether a camera is lost, by name; None where that is unknown.
        moved: Whether a camera was moved, likewise; only of cameras that a rule asks for.
        store: How the database stands; None where no rule asks for it.
        people: How many are inside sites, by name; None where that is not known.
    """

    at: datetime
    observed_s: float
    statuses: dict[str, CameraStatus]
    lost: dict[str, bool | None]
    moved: dict[str, bool | None]
    store: StoreHealth | None
    people: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Return the cameras that were observed."""
        return tuple(self.statuses)

    def observer(self, camera: str) -> Callable[[Entry], Observation | None]:
        """Return what observes the rules of one camera; empty names the machine."""

        def observe(entry: Entry) -> Observation | None:
            rule = entry.rule
            if rule.when.counts_objects:
                return None
            if rule.when is Condition.DISK_LOW:
                return self._observe_disk(rule)
            if rule.when.is_about_site:
                return self._observe_site(rule)
            status = self.statuses.get(camera)
            return None if status is None else self._observe_camera(rule, status)

        return observe

    def _observe_camera(self, rule: AlertRule, status: CameraStatus) -> Observation:
        lost, age_s = self.lost.get(status.camera), status.frame_age_s
        if rule.when is Condition.LOST:
            return self._flag(lost)
        if rule.when is Condition.MOVED:
            return self._flag(self.moved.get(status.camera))
        if status.state is not RunStatus.RUNNING or age_s is None:
            return self._flag(True if lost else None)
        return self._flag(age_s > rule.stale_after_s, round(age_s, 1))

    def _observe_site(self, rule: AlertRule) -> Observation:
        people = self.people.get(rule.zone)
        amount = None if people is None else Amount.exactly(people)
        return Observation(self.at, self.observed_s, amount, count=people)

    def _observe_disk(self, rule: AlertRule) -> Observation:
        if self.store is None or self.store.free_bytes is None:
            return self._flag(None)
        free_gb = self.store.free_bytes / GIGABYTE
        low = self.store.state is StoreState.LOW_SPACE
        return self._flag(low if rule.count is None else free_gb < rule.count, round(free_gb, 2))

    def _flag(self, holds: bool | None, count: float | None = None) -> Observation:
        amount = None if holds is None else _YES if holds else _NO
        return Observation(self.at, self.observed_s, amount, count=count)


class Surroundings:
    """Observes cameras and the machine, as far as rules ask for it."""

    def __init__(
        self,
        statuses: Callable[[], Sequence[CameraStatus]],
        store_health: Callable[[], StoreHealth],
        clock: Clock,
        views: ViewWatch | None = None,
        sites: SiteWatch | None = None,
    ) -> None:
        """Observe nothing yet.

        Args:
            statuses: Tells how cameras stand; without I/O.
            store_health: Tells how the database stands.
            clock: Wall clock and pacing.
            views: Compares images with reference views; None where that is not done.
            sites: Tells how many people are inside; None where that is not known.
        """
        self._statuses = statuses
        self._store_health = store_health
        self._clock = clock
        self._views = views
        self._sites = sites
        self._looked_s: float | None = None
        self._connecting_since_s: dict[str, float] = {}
        self._store: StoreHealth | None = None
        self._store_due_s = 0.0

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the threads that observe."""
        return () if self._sites is None else self._sites.threads

    def close(self) -> None:
        """End the threads that observe. Calling it twice is harmless."""
        if self._sites is not None:
            self._sites.close()

    def look(self, rules: Sequence[SavedRule]) -> Surrounding:
        """Observe what some rules are about."""
        asked = {saved.rule.when for saved in rules if saved.rule.enabled}
        now_s = self._clock.monotonic()
        passed_s = 0.0 if self._looked_s is None else now_s - self._looked_s
        self._looked_s = now_s
        statuses = self._statuses() if asked & _OF_CAMERAS else ()
        return Surrounding(
            at=self._clock.now(),
            observed_s=passed_s if passed_s <= LONGEST_STEP_S else 0.0,
            statuses={status.camera: status for status in statuses},
            lost={status.camera: self._is_lost(status, now_s) for status in statuses},
            moved=self._find_moved(statuses, rules) if Condition.MOVED in asked else {},
            store=self._read_store(now_s) if Condition.DISK_LOW in asked else None,
            people=self._read_sites(rules),
        )

    def _is_lost(self, status: CameraStatus, now_s: float) -> bool | None:
        if status.state in _GONE:
            return True
        if status.state is not RunStatus.RUNNING:
            return True if status.error and status.state is RunStatus.INTERRUPTED else None
        source = status.health.state
        if source is SourceState.AWAY or (status.run_id == 0 and status.error):
            return True
        waits = source is SourceState.CONNECTING or status.run_id == 0
        if not waits:
            self._connecting_since_s.pop(status.camera, None)
            return False
        since_s = self._connecting_since_s.setdefault(status.camera, now_s)
        return True if now_s - since_s >= CONNECTING_S else None

    def _find_moved(
        self, statuses: Sequence[CameraStatus], rules: Sequence[SavedRule]
    ) -> dict[str, bool | None]:
        if self._views is None:
            return {}
        asking = [saved.rule for saved in rules if saved.rule.when is Condition.MOVED]
        return {
            status.camera: self._views.is_moved(status.camera)
            for status in statuses
            if any(rule.covers(status.camera) for rule in asking)
            and status.state is RunStatus.RUNNING
        }

    def _read_sites(self, rules: Sequence[SavedRule]) -> Mapping[str, int | None]:
        if self._sites is None:
            return {}
        asked = {
            saved.rule.zone
            for saved in rules
            if saved.rule.enabled and saved.rule.when.is_about_site
        }
        return {site: self._sites.people_inside(site) for site in asked}

    def _read_store(self, now_s: float) -> StoreHealth | None:
        if now_s >= self._store_due_s:
            self._store_due_s = now_s + DISK_EVERY_S
            try:
                self._store = self._store_health()
            except StoreError:
                self._store = None
        return self._store
