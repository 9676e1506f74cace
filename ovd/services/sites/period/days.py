"""Sum up whole days of sites once, by hours, and keep the sums for good."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from ovd.domain.sites import Site
from ovd.domain.sites.records import KeptDay, SiteRecords
from ovd.errors import StoreError
from ovd.services.reports.buckets import Interval
from ovd.services.sites.period.buckets import SiteBucket, merge_buckets
from ovd.services.sites.period.plain import bucket_of_plain, bucket_to_plain, checksum_settings

# What is counted arrives late by less than that.
SETTLED_AFTER = timedelta(hours=2)
# Days that are missing are summed up together: they share what is learned from the weeks before.
MOST_AT_ONCE = 14
_ONE_DAY = timedelta(days=1)
SumUp = Callable[[Site, datetime, datetime], Sequence[SiteBucket]]


@dataclass(frozen=True)
class _Day:
    day: date
    interval: Interval


class SiteDays:
    """Hours of whole days, read from the sums that are kept, or summed up and kept."""

    def __init__(self, records: SiteRecords, sum_up: SumUp) -> None:
        """Work on a database.

        Args:
            records: The kept days.
            sum_up: Returns the hours of a range from what was counted.
        """
        self._records = records
        self._sum_up = sum_up

    def hours(
        self, site: Site, start_at: datetime, end_at: datetime, now: datetime
    ) -> Iterator[SiteBucket]:
        """Yield the hours of a range, in order; the first and last may be cut.

        Args:
            site: The site.
            start_at: Start, aware.
            end_at: End, exclusive, aware.
            now: The time; days that are not over are always summed up anew.
        """
        return self._read(site, Interval(start_at, end_at), now, by_day=False)

    def days(
        self, site: Site, start_at: datetime, end_at: datetime, now: datetime
    ) -> Iterator[SiteBucket]:
        """Yield the local days of a range; arguments as for `hours`."""
        return self._read(site, Interval(start_at, end_at), now, by_day=True)

    def sum_up_missing(self, site: Site, since: datetime, now: datetime) -> int:
        """Sum up and keep the whole days that are not kept yet; returns how many days there are."""
        return sum(1 for _ in self.days(site, since, now - SETTLED_AFTER, now))

    def _read(
        self, site: Site, wanted: Interval, now: datetime, by_day: bool
    ) -> Iterator[SiteBucket]:
        start_at, end_at = wanted
        days = [day for day in _days(site, start_at, end_at) if _is_whole(day, start_at, end_at)]
        days = [day for day in days if day.interval.end_at + SETTLED_AFTER <= now]
        if not days:
            yield from _cut(site, self._sum_up(site, start_at, end_at), by_day)
            return
        first, last = days[0].interval.start_at, days[-1].interval.end_at
        if start_at < first:
            yield from _cut(site, self._sum_up(site, start_at, first), by_day)
        yield from self._whole_days(site, days, by_day)
        if last < end_at:
            yield from _cut(site, self._sum_up(site, last, end_at), by_day)

    def _whole_days(self, site: Site, days: Sequence[_Day], by_day: bool) -> Iterator[SiteBucket]:
        kept_from = self._records.events_kept_from()
        read = self._records.day_totals if by_day else self._records.days
        kept = {kept.day: kept for kept in read(site.name, days[0].day, days[-1].day)}
        settings = checksum_settings(site, [day.interval for day in days])
        checksums = {day.day: checksum for day, checksum in zip(days, settings, strict=True)}

        def is_kept(day: _Day) -> bool:
            known = kept.get(day.day)
            if known is None:
                return False
            # What was removed cannot be summed up anew.
            is_removed = kept_from is not None and day.interval.start_at < kept_from
            return is_removed or known.settings == checksums[day.day]

        for known, group in groupby(days, key=is_kept):
            if known:
                for day in group:
                    found = kept[day.day]
                    yield from map(bucket_of_plain, [found.total] if by_day else found.hours)
                continue
            for chunk in _chunks(list(group)):
                yield from _cut(site, self._make(site, chunk, checksums, kept_from), by_day)

    def _make(
        self,
        site: Site,
        days: Sequence[_Day],
        checksums: dict[date, str],
        kept_from: datetime | None,
    ) -> Sequence[SiteBucket]:
        hours = self._sum_up(site, days[0].interval.start_at, days[-1].interval.end_at)
        made = []
        for day in days:
            own = [hour for hour in hours if _within(hour, day.interval)]
            if kept_from is None or day.interval.start_at >= kept_from:
                plain = [bucket_to_plain(hour) for hour in own]
                total = bucket_to_plain(merge_buckets(own))
                made.append(KeptDay(day.day, *day.interval, checksums[day.day], total, plain))
        with suppress(StoreError):  # a sum that cannot be kept is made again
            self._records.keep_days(site.name, made)
        return hours


def _cut(site: Site, hours: Sequence[SiteBucket], by_day: bool) -> Iterator[SiteBucket]:
    """Yield hours, or the days that they make."""
    if not by_day:
        yield from hours
        return
    zone = site.hours.zone
    for _, group in groupby(hours, key=lambda hour: hour.start_at.astimezone(zone).date()):
        yield merge_buckets(list(group))


def _days(site: Site, start_at: datetime, end_at: datetime) -> Iterator[_Day]:
    zone = site.hours.zone
    day = start_at.astimezone(zone).date()
    while day <= end_at.astimezone(zone).date():
        begins, ends = (
            datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + _ONE_DAY)
        )
        yield _Day(day, Interval(begins, ends))
        day += _ONE_DAY


def _is_whole(day: _Day, start_at: datetime, end_at: datetime) -> bool:
    begins, ends = day.interval
    return start_at <= begins < ends <= end_at


def _within(hour: SiteBucket, day: Interval) -> bool:
    return day.start_at <= hour.start_at < day.end_at


def _chunks(days: Sequence[_Day]) -> Iterable[Sequence[_Day]]:
    return (days[index : index + MOST_AT_ONCE] for index in range(0, len(days), MOST_AT_ONCE))
