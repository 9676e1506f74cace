"""The sentences of the weekly report."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ovd.services.sites.period.buckets import SiteBucket
from ovd.services.sites.period.summary import PeriodSummary
from ovd.services.sites.weekly.week import DAYS, GAP_EXPLAINS, LEAST_OBSERVED, DayResult, SiteWeek
from ovd.texts.languages import Language
from ovd.texts.site_report import SITE_REPORT_TEXTS, WAYS

_MOST_LINES = 3


class WeekSentences:
    """Tells a week in words."""

    def __init__(self, week: SiteWeek, language: Language) -> None:
        """Tell a week in a language."""
        self._week = week
        self._language = language
        self._texts = SITE_REPORT_TEXTS[language]

    def title(self) -> str:
        """Return the heading of the report."""
        first = self._week.first
        last = first + timedelta(days=DAYS - 1)
        return self._texts.title.format(site=self._week.site.name, first=first, last=last)

    def subtitle(self) -> str:
        """Return the line below the heading."""
        return self._texts.subtitle.format(tz=self._week.site.hours.zone.key)

    def highlights(self) -> Iterator[tuple[str, str, str]]:
        """Yield name, value and detail of the most important numbers."""
        texts, summary = self._texts, self._week.summary
        changes = [
            self._change(other, what)
            for other, what in (
                (self._week.before, texts.last_week),
                (self._week.year_ago, texts.last_year),
            )
        ]
        yield texts.visitors, self._number(summary.entered_open), ", ".join(filter(None, changes))
        if summary.sales is not None:
            amount = self._money(summary.sales_per_visitor)
            detail = texts.by_visitor.format(amount=amount, count=summary.sales.count)
            yield texts.conversion, self._share(summary.conversion), detail
        elif summary.passing is not None:
            passing = summary.passing
            detail = texts.captured_of.format(entered=passing.entered, passed=passing.passed)
            yield texts.capture, self._share(passing.rate), detail
        stay = summary.mean_stay_s
        detail = texts.no_stay if stay is None else ""
        yield texts.mean_stay, self._length(stay), detail
        mean = texts.mean_inside.format(count=self._number(summary.mean_people))
        yield texts.most_inside, self._number(summary.total.most), mean

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Yield headings with their lines, the most important first."""
        texts, summary = self._texts, self._week.summary
        for name, hour in ((texts.best, summary.best), (texts.worst, summary.worst)):
            if hour is not None:
                yield name, [self._hour(hour)]
        yield texts.notable, self._unusual() or [texts.nothing_notable]
        yield texts.errors, list(self._errors())
        yield texts.doors, list(self._doors())
        if self._week.queues:
            yield texts.queues, list(self._queues())
        yield texts.closing, list(self._closing())

    def _hour(self, hour: SiteBucket) -> str:
        local = hour.start_at.astimezone(self._week.site.hours.zone)
        weekday = self._texts.weekdays[local.weekday()]
        count = self._number(hour.entered)
        return self._texts.hour_entered.format(weekday=weekday, time=f"{local:%H:%M}", count=count)

    def _unusual(self) -> list[str]:
        found = []
        for day in self._week.days:
            missing = self._share(1 - (day.coverage or 0.0))
            name = self._texts.weekdays[day.day.weekday()]
            if day.coverage is not None and day.coverage < LEAST_OBSERVED:
                found.append(self._texts.not_judged.format(day=name, missing=missing))
            elif day.is_unusual:
                found.append(self._unusual_day(day, name, missing))
        return found

    def _unusual_day(self, day: DayResult, name: str, missing: str) -> str:
        texts, usual, count = self._texts, day.usual or 0.0, day.visitors or 0
        sentence = texts.more_than_usual if count > usual else texts.fewer_than_usual
        told = sentence.format(day=name, count=self._number(count), mean=self._number(usual))
        if count < usual and (day.coverage or 0.0) < GAP_EXPLAINS:
            told += texts.explained.format(missing=missing)
        return told

    def _errors(self) -> Iterator[str]:
        texts, errors = self._texts, self._week.errors
        yield texts.observed.format(coverage=self._share(self._week.summary.total.open_coverage))
        if not errors.days:
            yield texts.imbalance_unknown
            return
        way = WAYS[self._language][errors.imbalance < 0]
        # The surplus of one way over the other, of those who went the other way.
        surplus = 2 * abs(errors.imbalance) / (1 - abs(errors.imbalance))
        yield texts.imbalance.format(share=f"{surplus:.1%}", way=way, days=errors.days)

    def _doors(self) -> Iterator[str]:
        for door in self._week.summary.doors:
            yield self._texts.door_line.format(
                name=door.name,
                entered=self._number(door.entered),
                left=self._number(door.left),
                share=self._share(door.share),
                coverage=self._share(door.coverage),
            )

    def _queues(self) -> Iterator[str]:
        for queue in self._week.queues:
            told = self._texts.queue_line.format(
                name=queue.queue.name,
                half=self._length(queue.wait_p50_s),
                nine=self._length(queue.wait_p90_s),
                served=queue.served,
            )
            if queue.abandoned is not None:
                told += self._texts.gave_up.format(count=queue.abandoned)
            yield told

    def _closing(self) -> Iterator[str]:
        texts, summary = self._texts, self._week.summary
        total = summary.total
        yield texts.outside.format(entered=total.entered_outside, left=total.left_outside)
        stayed = [after for after in summary.after_closing if (after.people or 0.0) >= 1]
        for after in stayed[-_MOST_LINES:]:
            yield texts.closing_line.format(
                day=self._weekday(after.closed_at),
                people=self._number(after.people),
                low=self._number(after.low),
                high=self._number(after.high),
            )

    def _weekday(self, at: datetime) -> str:
        return self._texts.weekdays[at.astimezone(self._week.site.hours.zone).weekday()]

    def _change(self, other: PeriodSummary | None, what: str) -> str:
        now = self._week.summary.entered_open
        if other is None or now is None or not other.entered_open:
            return ""
        return self._texts.against.format(change=f"{now / other.entered_open - 1:+.1%}", what=what)

    def _money(self, value: float | None) -> str:
        if value is None:
            return self._texts.unknown
        return f"{value:,.2f} {self._week.site.currency}".strip()

    def _number(self, value: float | None) -> str:
        return self._texts.unknown if value is None else f"{value:,.0f}"

    def _share(self, value: float | None) -> str:
        return self._texts.unknown if value is None else f"{value:.0%}"

    def _length(self, seconds: float | None) -> str:
        if seconds is None:
            return self._texts.unknown
        return self._texts.minutes.format(count=f"{seconds / 60:.1f}")
