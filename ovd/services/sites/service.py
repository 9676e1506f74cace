"""SiteService: sites, how many people are inside, and how many passed their doors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from ovd.domain.names import name_key
from ovd.domain.ports import Clock, CountStore
from ovd.domain.sites import Site, SiteRepository, SiteReset
from ovd.domain.sites.records import SalesTotal
from ovd.domain.zones import zone_kind
from ovd.errors import CameraError, SiteError, TimeRangeError
from ovd.services.reports.buckets import BUCKETS, split_range
from ovd.services.sites.occupancy import (
    LEARNED_FROM,
    DoorErrors,
    DoorRecord,
    OccupancyPoint,
    estimate_occupancy,
    learn_errors,
    measure_drifts,
)
from ovd.services.sites.period.buckets import (
    SiteBucket,
    build_buckets,
    sample_times,
)
from ovd.services.sites.period.days import SiteDays
from ovd.services.sites.period.passing import read_passing
from ovd.services.sites.period.summary import PeriodSummary, summarise
from ovd.services.sites.profile import FlowProfile
from ovd.services.sites.reading import DoorReader

LONGEST_RANGE = timedelta(days=400)
# A range with so few resets is judged by what was known at each, which is kept between questions.
FEW_RESETS, MOST_LEARNED = 3, 200
# A longer period is told by its days, not by its hours.
BY_HOUR = timedelta(days=62)
# Days that are summed up before what was counted in them is removed.
KEPT_AHEAD = timedelta(days=35)
# The days after a correction by hand that it changes, at most.
AFTER_RESET = timedelta(days=15)


@dataclass(frozen=True)
class OccupancyNow:
    """The number of people inside now.

    Attributes:
        site: The site.
        point: The number and its band.
        entered: Entered since the last reset.
        left: Left since then.
        since: The last reset, aware UTC.
        is_open: Whether the site is open.
    """

    site: Site
    point: OccupancyPoint
    entered: int
    left: int
    since: datetime
    is_open: bool


@dataclass(frozen=True)
class _Learned:
    """Errors and usual flow of a site as they were known at a reset."""

    site: Site
    errors: DoorErrors
    profile: FlowProfile

    def usual(self, record: DoorRecord) -> FlowProfile:
        """Return the usual flow; of a new site what a later record shows of it."""
        return self.profile if self.profile.is_known else FlowProfile(record, self.site.hours)


class SiteService:
    """Keeps sites, and answers questions about them."""

    def __init__(self, sites: SiteRepository, store: CountStore, clock: Clock) -> None:
        """Work on a database.

        Args:
            sites: The sites.
            store: What was counted.
            clock: The time.
        """
        self._sites = sites
        self._store = store
        self._clock = clock
        self._reader = DoorReader(sites, store)
        self._days = SiteDays(store.site_records, partial(self._sum_up, bucket="1h"))
        self._learned: dict[tuple[str, datetime], _Learned] = {}

    def all(self) -> Sequence[Site]:
        """Return the sites by name."""
        return self._sites.all()

    def find(self, name: str) -> Site:
        """Return a site; see `SiteRepository.find`."""
        return self._sites.find(name)

    def add(self, site: Site) -> None:
        """Add a site.

        Raises:
            SiteError: If a door names a camera or a line that does not exist.
            ConflictError: If there is a site of that name.
        """
        self._require_lines(site)
        self._sites.add(site)

    def replace(self, name: str, site: Site) -> None:
        """Replace what is set for a site; the same counts are read by the new settings.

        Raises:
            UnknownSiteError: If there is none of that name.
            SiteError: If a door names a camera or a line that does not exist.
        """
        self._require_lines(site)
        self._sites.replace(name, site)
        self._learned.clear()

    def remove(self, name: str) -> None:
        """Remove a site; what its doors counted stays."""
        self._sites.remove(name)
        self._learned.clear()

    def reset(self, name: str, people: int, by: str = "", at: datetime | None = None) -> SiteReset:
        """Set how many people are inside; counts before it are left as they are.

        Raises:
            SiteError: If the number is out of range, or the time lies ahead.
            UnknownSiteError: If there is no site of that name.
        """
        now = self._clock.now()
        reset = SiteReset((at or now).astimezone(UTC), people, by)
        if reset.at > now:
            raise SiteError(
                "a reset cannot lie ahead; give a time that has passed, or none for now"
            )
        self._sites.add_reset(name, reset)
        day = reset.at.astimezone(self._sites.find(name).hours.zone).date()
        self._store.site_records.forget_days(name, day, day + AFTER_RESET)
        return reset

    def now(self, name: str) -> OccupancyNow:
        """Return how many people are inside now."""
        site, now = self._sites.find(name), self._clock.now()
        record = self._reader.read(site, now, now)
        learned = self._learn(site, now)
        usual = learned.usual(record)
        points = estimate_occupancy(record, [now], lambda _: learned.errors, usual)
        entered = sum(1 for passage in record.passages if passage.enters)
        left = len(record.passages) - entered
        return OccupancyNow(
            site, points[-1], entered, left, record.start_at, site.hours.is_open(now)
        )

    def people_inside(self, site: str) -> int | None:
        """Return how many people are inside; None while that is not known, or a door is away.

        Raises:
            UnknownSiteError: If there is no site of that name.
            StoreError: If the database cannot be read.
        """
        point = self.now(site).point
        return round(point.people) if point.observed and point.people is not None else None

    def history(
        self, name: str, start_at: datetime, end_at: datetime, bucket: str
    ) -> tuple[SiteBucket, ...]:
        """Return what happened at a site, by bucket of its own clock.

        Args:
            name: The site.
            start_at: Start, aware.
            end_at: End, exclusive, aware; the future is left out.
            bucket: A name of `ovd.services.reports.buckets.BUCKETS`.

        Raises:
            UnknownSiteError: If there is none of that name.
            TimeRangeError: If the range is empty or too long.
        """
        site = self._sites.find(name)
        now = self._clock.now()
        end_at = min(end_at, now)
        if end_at <= start_at:
            raise TimeRangeError("the range is empty, or lies ahead; give an earlier start")
        if end_at - start_at > LONGEST_RANGE:
            raise TimeRangeError(
                f"the range has {(end_at - start_at).days} days; at most {LONGEST_RANGE.days} are "
                "read at once"
            )
        if BUCKETS[bucket] < BUCKETS["1h"]:
            return self._sum_up(site, start_at, end_at, bucket)
        read = self._days.hours if bucket == "1h" else self._days.days
        return tuple(read(site, start_at, end_at, now))

    def summarise(self, name: str, start_at: datetime, end_at: datetime) -> PeriodSummary:
        """Return a period of a site in short; arguments and errors as for `history`."""
        bucket = "1h" if end_at - start_at <= BY_HOUR else "1d"
        parts = self.history(name, start_at, end_at, bucket)
        site = self._sites.find(name)
        return summarise(site, parts, self._sales(site, parts[0].start_at, parts[-1].end_at))

    def keep_days(self) -> None:
        """Sum up the days of all sites that are over, before what was counted is removed."""
        now = self._clock.now()
        for site in self._sites.all():
            self._days.sum_up_missing(site, now - KEPT_AHEAD, now)

    def _sum_up(
        self, site: Site, start_at: datetime, end_at: datetime, bucket: str
    ) -> tuple[SiteBucket, ...]:
        """Return what happened in a range from what was counted, not from what is kept of days."""
        resets = {reset.at for reset in self._reader.resets(site, start_at, end_at)}
        errors_since: Callable[[datetime], DoorErrors]
        if len(resets) <= FEW_RESETS:
            record = self._reader.read(site, start_at, end_at)
            learned = {at: self._learn_at(site, at) for at in resets}
            errors_since = {at: known.errors for at, known in learned.items()}.__getitem__
            usual = learned[max(resets)].usual(record)
        else:
            whole = self._reader.read(site, start_at - LEARNED_FROM, end_at)
            record = whole.since(min(resets))
            errors_since = partial(learn_errors, measure_drifts(whole))
            usual = FlowProfile(whole, site.hours)
        intervals = list(split_range(start_at, end_at, bucket, site.hours.zone))
        points = estimate_occupancy(record, sample_times(intervals), errors_since, usual)
        passing = read_passing(self._store, site, start_at, end_at)
        return tuple(build_buckets(site, record, passing, intervals, points))

    def _sales(self, site: Site, start_at: datetime, end_at: datetime) -> SalesTotal | None:
        total = self._store.site_records.total_sales(site.name, start_at, end_at)
        return total if total.count else None

    def errors(self, name: str) -> DoorErrors:
        """Return the errors of a site's doors, as its resets of the last weeks show them."""
        site = self._sites.find(name)
        return self._learn(site, self._clock.now()).errors

    def _learn(self, site: Site, until: datetime) -> _Learned:
        """Learn from the four weeks before the last reset; kept until the next."""
        return self._learn_at(site, self._reader.last_reset(site, until).at)

    def _learn_at(self, site: Site, reset_at: datetime) -> _Learned:
        key = (name_key(site.name), reset_at)
        known = self._learned.get(key)
        if known is None or known.site != site:
            record = self._reader.read(
                site, reset_at - LEARNED_FROM, reset_at + timedelta(microseconds=1)
            )
            errors = learn_errors(measure_drifts(record), reset_at)
            known = _Learned(site, errors, FlowProfile(record, site.hours))
            self._learned[key] = known
            while len(self._learned) > MOST_LEARNED:
                self._learned.pop(next(iter(self._learned)), None)
        return known

    def _require_lines(self, site: Site) -> None:
        for door in site.doors:
            of = f"door {door.name!r} of site {site.name!r}"
            for line in (*door.lines, *door.passing):
                self._require_zone(line.camera, line.line, "line", of)
        for queue in site.queues:
            of = f"queue {queue.name!r} of site {site.name!r}"
            self._require_zone(queue.camera, queue.area, "polygon", of)
            if queue.front:
                self._require_zone(queue.camera, queue.front, "line", of)
        for area in site.staff.areas:
            self._require_zone(area.camera, area.area, "polygon", f"the staff of {site.name!r}")
        if site.room is not None:
            try:
                self._store.cameras.find(site.room.camera)
            except CameraError as error:
                raise SiteError(f"the room of site {site.name!r}: {error}") from None

    def _require_zone(self, camera: str, name: str, kind: str, of: str) -> None:
        try:
            found = self._store.cameras.find(camera)
        except CameraError as error:
            raise SiteError(f"{of}: {error}") from None
        names = [zone.name for zone in self._store.zones.of(found) if zone_kind(zone) == kind]
        if name_key(name) not in map(name_key, names):
            word = "area" if kind == "polygon" else kind
            known = ", ".join(names) or "none; draw one first"
            raise SiteError(
                f"camera {camera!r} has no {word} {name!r} for {of}; its {word}s: {known}"
            )
