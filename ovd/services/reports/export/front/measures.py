"""Measure: the number by which a series is told on the first page, and its change."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ovd.services.reports.comparison import Comparison
from ovd.services.reports.summary import ReportSummary, SeriesSummary

_HOUR_S = 3600.0


class Measure(Enum):
    """The numbers that a series may have, the most telling first."""

    CROSSED_IN = "in"
    UNIQUE = "unique"
    HIGHEST = "highest"


@dataclass(frozen=True)
class Figure:
    """A number of one or more series.

    Attributes:
        value: The number.
        observed_s: Seconds in which it came about.
    """

    value: int
    observed_s: float

    def change_from(self, before: "Figure", measure: Measure) -> float | None:
        """Return the change as a fraction of the number before; None if there was none.

        Numbers that grow with time are compared per observed hour, so that a period that was
        observed for half of the time is not taken for a quiet one.
        """
        if measure is Measure.HIGHEST:
            return self.value / before.value - 1 if before.value else None
        if not before.value or not before.observed_s or not self.observed_s:
            return None
        return (self.value / self.observed_s) / (before.value / before.observed_s) - 1


def choose_measure(entries: Iterable[SeriesSummary]) -> Measure:
    """Return the measure that fits series of one query: crossings, else objects, else the peak."""
    entries = tuple(entries)
    if any(entry.totals.crossed_in is not None for entry in entries):
        return Measure.CROSSED_IN
    if any(entry.unique is not None for entry in entries):
        return Measure.UNIQUE
    return Measure.HIGHEST


def read_figure(entries: Iterable[SeriesSummary], measure: Measure) -> Figure | None:
    """Return the number of series together; None if none of them has one."""
    known = [(value, entry) for entry in entries if (value := _value(entry, measure)) is not None]
    if not known:
        return None
    values = [value for value, _ in known]
    together = max(values) if measure is Measure.HIGHEST else sum(values)
    return Figure(together, sum(entry.totals.observed_s for _, entry in known))


def find_baseline(entry: SeriesSummary, comparison: Comparison) -> tuple[SeriesSummary, ...]:
    """Return what a series is compared with: none, or one."""
    cameras = comparison.compares_cameras
    return tuple(
        other
        for other in comparison.baseline.series
        if other.query == entry.query and (cameras or other.camera == entry.camera)
    )


def series_of(summary: ReportSummary, query: str) -> tuple[SeriesSummary, ...]:
    """Return the series of a query."""
    return tuple(entry for entry in summary.series if entry.query == query)


def _value(entry: SeriesSummary, measure: Measure) -> int | None:
    if measure is Measure.CROSSED_IN:
        return entry.totals.crossed_in
    return entry.unique if measure is Measure.UNIQUE else entry.totals.max_count
