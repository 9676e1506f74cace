"""SiteService: sites, how many people are inside, and how many passed their doors."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ovd.domain.names import name_key
from ovd.domain.ports import Clock, CountStore
from ovd.domain.sites import Site, SiteRepository, SiteReset
from ovd.domain.zones import zone_kind
from ovd.errors import CameraError, SiteError, TimeRangeError
from ovd.services.reports.buckets import Interval, split_range
from ovd.services.sites.occupancy import (
    LEARNED_FROM,
    DoorErrors,
    DoorRecord,
    OccupancyPoint,
    estimate_occupancy,
    learn_errors,
    measure_drifts,
)
from ovd.services.sites.profile import FlowProfile
from ovd.services.sites.reading import DoorReader, Span

LONGEST_RANGE = timedelta(days=400)
_MINUTE = timedelta(minutes=1)


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
class SiteBucket:
    """Passages and people inside in one interval.

    Attributes:
        start_at: Start, aware UTC.
        end_at: End, exclusive, aware UTC.
        entered: People who entered; None where no door was observed.
        left: People who left; likewise.
        doors: Entered and left by door, of the doors that were observed.
        people: Estimate at the end of the interval; None where unknown.
        low: Lower end of its band.
        high: Upper end.
        most: Highest estimate in the interval, by the minute.
        open_s: Seconds in which the site was open.
        coverage: Share of all doors' time that was observed.
        open_coverage: The same of the time in which the site was open; None if it never was.
        entered_outside: Entered while the site was closed.
    """

    start_at: datetime
    end_at: datetime
    entered: int | None
    left: int | None
    doors: dict[str, tuple[int, int]]
    people: float | None
    low: float | None
    high: float | None
    most: float | None
    open_s: float
    coverage: float
    open_coverage: float | None
    entered_outside: int


@dataclass(frozen=True)
class _Learned:
    """Errors and usual flow of a site as they were known at a reset."""

    site: Site
    reset_at: datetime
    errors: DoorErrors
    profile: FlowProfile


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
        self._learned: dict[str, _Learned] = {}

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
        return reset

    def now(self, name: str) -> OccupancyNow:
        """Return how many people are inside now."""
        site, now = self._sites.find(name), self._clock.now()
        record = self._reader.read(site, now, now)
        learned = self._learn(site, now)
        points = estimate_occupancy(record, [now], lambda _: learned.errors, learned.profile)
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
        end_at = min(end_at, self._clock.now())
        if end_at <= start_at:
            raise TimeRangeError("the range is empty, or lies ahead; give an earlier start")
        if end_at - start_at > LONGEST_RANGE:
            raise TimeRangeError(
                f"the range has {(end_at - start_at).days} days; at most {LONGEST_RANGE.days} are "
                "read at once"
            )
        whole = self._reader.read(site, start_at - LEARNED_FROM, end_at)
        drifts = measure_drifts(whole)
        record = whole.since(self._reader.last_reset(site, start_at).at)
        intervals = list(split_range(start_at, end_at, bucket, site.hours.zone))
        points = estimate_occupancy(
            record,
            sorted({at for interval in intervals for at in _sample_times(interval)}),
            lambda reset_at: learn_errors(drifts, reset_at),
            FlowProfile(whole, site.hours),
        )
        return tuple(_Buckets(site, record, intervals, points).build())

    def errors(self, name: str) -> DoorErrors:
        """Return the errors of a site's doors, as its resets of the last weeks show them."""
        site = self._sites.find(name)
        return self._learn(site, self._clock.now()).errors

    def _learn(self, site: Site, until: datetime) -> _Learned:
        """Learn from the four weeks before the last reset; kept until the next."""
        last = self._reader.last_reset(site, until).at
        known = self._learned.get(name_key(site.name))
        if known is None or (known.site, known.reset_at) != (site, last):
            record = self._reader.read(site, last - LEARNED_FROM, last + timedelta(microseconds=1))
            profile = FlowProfile(record, site.hours)
            known = _Learned(site, last, learn_errors(measure_drifts(record), last), profile)
            self._learned[name_key(site.name)] = known
        return known

    def _require_lines(self, site: Site) -> None:
        for door in site.doors:
            try:
                camera = self._store.cameras.find(door.camera)
            except CameraError as error:
                raise SiteError(f"door {door.name!r} of site {site.name!r}: {error}") from None
            lines = [
                zone.name for zone in self._store.zones.of(camera) if zone_kind(zone) == "line"
            ]
            if name_key(door.line) not in map(name_key, lines):
                known = ", ".join(lines) or "none; draw one first"
                raise SiteError(
                    f"camera {door.camera!r} has no line {door.line!r} for door {door.name!r}; its "
                    f"lines: {known}"
                )
        if site.room is not None:
            try:
                self._store.cameras.find(site.room.camera)
            except CameraError as error:
                raise SiteError(f"the room of site {site.name!r}: {error}") from None


def _sample_times(interval: Interval) -> Iterable[datetime]:
    at = interval.start_at + _MINUTE
    while at < interval.end_at:
        yield at
        at += _MINUTE
    yield interval.end_at


class _Buckets:
    """Sums passages and estimates by interval."""

    def __init__(
        self,
        site: Site,
        record: DoorRecord,
        intervals: Sequence[Interval],
        points: Sequence[OccupancyPoint],
    ) -> None:
        self._site = site
        self._record = record
        self._intervals = intervals
        self._points = points

    def build(self) -> Iterable[SiteBucket]:
        passages = sorted(self._record.passages, key=lambda passage: passage.at)
        gaps: dict[str, list[Span]] = defaultdict(list)
        for gap in self._record.unobserved:
            gaps[gap.door].append((gap.start_at, gap.end_at))
        next_passage = next_point = 0
        for interval in self._intervals:
            start, end = interval
            counts: Counter[tuple[str, bool]] = Counter()
            spans = self._site.hours.open_spans(start, end)
            outside = 0
            while next_passage < len(passages) and passages[next_passage].at < end:
                passage = passages[next_passage]
                if passage.at >= start:
                    counts[passage.door, passage.enters] += 1
                    is_open = any(begins <= passage.at < ends for begins, ends in spans)
                    outside += passage.enters and not is_open
                next_passage += 1
            first = next_point
            while next_point < len(self._points) and self._points[next_point].at <= end:
                next_point += 1
            yield self._bucket(
                interval, counts, self._points[first:next_point], spans, outside, gaps
            )

    def _bucket(
        self,
        interval: Interval,
        counts: Counter[tuple[str, bool]],
        points: Sequence[OccupancyPoint],
        spans: Sequence[Span],
        outside: int,
        gaps: dict[str, list[Span]],
    ) -> SiteBucket:
        whole = [(interval.start_at, interval.end_at)]
        doors = {}
        for door in self._record.doors:
            seen = _length(whole) - _overlap(whole, gaps[door])
            if seen > 0 or counts[door, True] or counts[door, False]:
                doors[door] = (counts[door, True], counts[door, False])
        last = points[-1]
        known = [point.people for point in points if point.people is not None]
        return SiteBucket(
            *interval,
            entered=sum(entered for entered, _ in doors.values()) if doors else None,
            left=sum(left for _, left in doors.values()) if doors else None,
            doors=doors,
            people=last.people,
            low=last.low,
            high=last.high,
            most=max(known, default=None),
            open_s=_length(spans),
            coverage=self._coverage(whole, gaps),
            open_coverage=self._coverage(spans, gaps) if spans else None,
            entered_outside=outside,
        )

    def _coverage(self, spans: Sequence[Span], gaps: dict[str, list[Span]]) -> float:
        doors = self._record.doors
        missing = sum(_overlap(spans, gaps[door]) for door in doors)
        return max(0.0, 1 - missing / (len(doors) * _length(spans)))


def _length(spans: Sequence[Span]) -> float:
    return sum((ends - begins).total_seconds() for begins, ends in spans)


def _overlap(spans: Sequence[Span], others: Sequence[Span]) -> float:
    """Return the seconds that two lists of intervals have in common."""
    return sum(
        max(0.0, (min(ends, until) - max(begins, since)).total_seconds())
        for begins, ends in spans
        for since, until in others
    )
