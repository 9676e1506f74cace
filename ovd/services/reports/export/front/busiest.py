"""The busiest hour of series."""

from collections.abc import Iterable
from dataclasses import dataclass

from ovd.services.reports.summary import DAYS_OF_WEEK, HOURS_OF_DAY, SeriesSummary
from ovd.texts.report import ReportTexts


@dataclass(frozen=True)
class BusiestHour:
    """The hour of the week with the highest mean.

    Attributes:
        weekday: Its day, Monday is 0.
        hour: Its hour, by the clock of the report.
        count: Mean number visible at once in it.
    """

    weekday: int
    hour: int
    count: float

    def describe(self, texts: ReportTexts, has_weekdays: bool) -> str:
        """Return the hour as text, with its day where the report has several."""
        hours = f"{self.hour:02}:00\N{EN DASH}{self.hour + 1:02}:00"
        return f"{texts.weekdays[self.weekday]} {hours}" if has_weekdays else hours


def find_busiest_hour(entries: Iterable[SeriesSummary]) -> BusiestHour | None:
    """Return the busiest hour of series together; None if nothing was counted in any."""
    entries = tuple(entries)
    found = [
        BusiestHour(day, hour, sum(counts))
        for day in range(DAYS_OF_WEEK)
        for hour in range(HOURS_OF_DAY)
        if (counts := [c for e in entries if (c := e.heatmap[day][hour]) is not None])
    ]
    busiest = max(found, key=lambda item: item.count, default=None)
    return busiest if busiest is not None and busiest.count > 0 else None
