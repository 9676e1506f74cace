"""A week of a site, beside the week before, that of a year ago, and the weekdays before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, stdev
from zoneinfo import ZoneInfo

from ovd.domain.sites import Site
from ovd.errors import TimeRangeError
from ovd.services.reports.buckets import FIRST_YEAR, LAST_YEAR
from ovd.services.sites.occupancy import DoorErrors
from ovd.services.sites.period.buckets import SiteBucket
from ovd.services.sites.period.summary import PeriodSummary
from ovd.services.sites.queues.service import QueueService
from ovd.services.sites.queues.waits import QueueSummary
from ovd.services.sites.service import SiteService

DAYS = 7
WEEKS_BEFORE, LEAST_WEEKS = 8, 4
# A day stands out by so many standard deviations of the same weekday, and by so much at least.
UNUSUAL_DEVIATIONS, UNUSUAL_SHARE = 2.5, 0.15
LEAST_OBSERVED = 0.9
# Of a day with less than that a gap may be the reason.
GAP_EXPLAINS = 0.98
_YEAR = timedelta(days=364)


@dataclass(frozen=True)
class DayResult:
    """One day of the week.

    Attributes:
        day: The local date.
        visitors: Entered in the opening hours; None where not observed.
        coverage: Share of the opening hours that was observed; None where the site was closed.
        usual: Mean of the same weekday before; None where too few of those are known.
        is_unusual: Whether it is unlike those.
    """

    day: date
    visitors: int | None
    coverage: float | None
    usual: float | None
    is_unusual: bool


@dataclass(frozen=True)
class SiteWeek:
    """A week of a site.

    Attributes:
        site: The site.
        first: Its first day.
        summary: The week in short.
        hours: Its hours.
        days: Its days.
        before: The week before in short; None where that was not observed.
        year_ago: The same week of the year before; likewise.
        days_before: Visitors on the days of the week before; None where not observed.
        queues: Its queues.
        errors: Errors of the doors, as they are known now.
    """

    site: Site
    first: date
    summary: PeriodSummary
    hours: Sequence[SiteBucket]
    days: Sequence[DayResult]
    before: PeriodSummary | None
    year_ago: PeriodSummary | None
    days_before: Sequence[int | None]
    queues: Sequence[QueueSummary]
    errors: DoorErrors


def last_week(zone: ZoneInfo, now: datetime) -> date:
    """Return the Monday of the last whole week of a zone."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday() + DAYS)


def read_week(sites: SiteService, queues: QueueService, name: str, first: date) -> SiteWeek:
    """Return the seven days of a site from a day on.

    Raises:
        UnknownSiteError: If there is no site of that name.
        TimeRangeError: If the week has not begun.
    """
    site = sites.find(name)
    if not FIRST_YEAR + 1 < first.year < LAST_YEAR:
        raise TimeRangeError(
            f"the week of {first} is out of range; a year between {FIRST_YEAR + 2} and "
            f"{LAST_YEAR - 1} is wanted"
        )
    start_at, end_at = (_midnight(first + timedelta(days=days), site) for days in (0, DAYS))
    hours = sites.history(name, start_at, end_at, "1h")
    weeks = timedelta(weeks=WEEKS_BEFORE)
    earlier = {
        _day_of(day, site): day
        for day in _days(sites, site, _midnight(first - weeks, site), start_at)
    }
    days = _days(sites, site, start_at, end_at)
    week = timedelta(days=DAYS)
    before = [earlier.get(first - week + timedelta(days=index)) for index in range(DAYS)]
    return SiteWeek(
        site=site,
        first=first,
        summary=sites.summarise(name, start_at, end_at),
        hours=hours,
        days=[_judge(day, site, earlier) for day in days],
        before=_observed(sites, name, _midnight(first - week, site), start_at),
        year_ago=_observed(
            sites, name, _midnight(first - _YEAR, site), _midnight(first - _YEAR + week, site)
        ),
        days_before=[None if day is None else visitors(day) for day in before],
        queues=queues.summarise(name, start_at, end_at) if site.queues else (),
        errors=sites.errors(name),
    )


def visitors(bucket: SiteBucket) -> int | None:
    """Return who entered in the opening hours of an interval; None where not observed."""
    if bucket.entered is None or not (bucket.open_coverage or 0.0):
        return None
    return bucket.entered - bucket.entered_outside


def _judge(day: SiteBucket, site: Site, earlier: dict[date, SiteBucket]) -> DayResult:
    on = _day_of(day, site)
    same = [earlier.get(on - timedelta(weeks=weeks)) for weeks in range(1, WEEKS_BEFORE + 1)]
    known = [
        count
        for each in same
        if each is not None and (each.open_coverage or 0.0) >= LEAST_OBSERVED
        if (count := visitors(each)) is not None
    ]
    count = visitors(day)
    if len(known) < LEAST_WEEKS or count is None or (day.open_coverage or 0.0) < LEAST_OBSERVED:
        return DayResult(on, count, day.open_coverage, None, is_unusual=False)
    usual = fmean(known)
    away = abs(count - usual)
    is_unusual = away > UNUSUAL_DEVIATIONS * stdev(known) and away > UNUSUAL_SHARE * usual
    return DayResult(on, count, day.open_coverage, usual, is_unusual)


def _observed(
    sites: SiteService, name: str, start_at: datetime, end_at: datetime
) -> PeriodSummary | None:
    """Return a period in short; None where too little was observed to compare with."""
    found = sites.summarise(name, start_at, end_at)
    return found if (found.total.open_coverage or 0.0) >= LEAST_OBSERVED else None


def _days(
    sites: SiteService, site: Site, start_at: datetime, end_at: datetime
) -> Sequence[SiteBucket]:
    return sites.history(site.name, start_at, end_at, "1d")


def _midnight(day: date, site: Site) -> datetime:
    return datetime.combine(day, time(), site.hours.zone).astimezone(UTC)


def _day_of(bucket: SiteBucket, site: Site) -> date:
    return bucket.start_at.astimezone(site.hours.zone).date()
