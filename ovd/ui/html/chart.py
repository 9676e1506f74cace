"""The live chart as SVG: small, sharp at any width, in the colours of the page's theme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from ovd.domain.ports import HistoryPoint
from ovd.texts.page import PageTexts
from ovd.ui.html.cards import empty
from ovd.ui.html.plot import Series, draw_legend, draw_plot
from ovd.ui.json_value import JsonValue

BINS = 240
TIME_TICKS = 5
# A pause this many times the usual step between two points is drawn as not observed.
PAUSE_STEPS = 5.0


@dataclass(frozen=True)
class ChartData:
    """Counts over time in equal bins.

    Attributes:
        start: Start of the first bin, aware.
        step_s: Length of a bin in seconds.
        series: One entry per query, all of one length.
    """

    start: datetime
    step_s: float
    series: tuple[Series, ...]

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.series[0].values) if self.series else 0

    def time_of(self, index: float) -> datetime:
        """Return when a bin starts; its middle with a half more."""
        return self.start + timedelta(seconds=index * self.step_s)


def bin_history(
    history: Sequence[HistoryPoint], queries: Sequence[str], colours: Mapping[str, str]
) -> ChartData | None:
    """Average recent counts into about `BINS` bins; None before there are two points in time.

    Args:
        history: Points, oldest first; after a jump back in time only what follows counts.
        queries: Query texts, in order; those without a colour are left out.
        colours: CSS colour by query text.
    """
    points = _since_last_jump(history)
    if len(points) < 2:
        return None
    start, end = points[0].at, points[-1].at
    span_s = (end - start).total_seconds()
    usual_s = median((after.at - before.at).total_seconds() for before, after in pairwise(points))
    step_s = max(span_s / BINS, usual_s * ceil(len(points) / BINS))
    if step_s == 0:
        return None
    # Half a step earlier, so that a point that came a little early or late stays in its bin.
    start -= timedelta(seconds=usual_s / 2)
    bins = int((end - start).total_seconds() / step_s) + 1
    series = []
    for query in queries:
        if query in colours:
            grid = _Bins(start, step_s, bins)
            values = grid.means([(p.at, dict(p.counts).get(query)) for p in points])
            series.append(Series(query, colours[query], values, _bin_unjudged(points, query, grid)))
    return ChartData(start, step_s, tuple(series)) if series else None


def rename_series(data: ChartData, names: Mapping[str, str]) -> ChartData:
    """Return the data with what queries are called in place of their text, where it differs."""
    named = (replace(series, query=names.get(series.query, series.query)) for series in data.series)
    return replace(data, series=tuple(named))


def _since_last_jump(history: Sequence[HistoryPoint]) -> Sequence[HistoryPoint]:
    first = 0
    for index, (before, after) in enumerate(pairwise(history), start=1):
        if after.at < before.at:
            first = index
    return history[first:]


@dataclass(frozen=True)
class _Bins:
    """Equal intervals of time from a start on."""

    start: datetime
    step_s: float
    count: int

    def means(self, points: Sequence[tuple[datetime, int | None]]) -> tuple[float | None, ...]:
        """Return the mean of the numbers in each bin; short pauses keep the one before."""
        totals, samples, last = [0.0] * self.count, [0] * self.count, -1
        values: list[float | None] = [None] * self.count
        for at, number in points:
            index = min(int((at - self.start).total_seconds() / self.step_s), self.count - 1)
            if number is None:
                last = -1
                continue
            totals[index] += number
            samples[index] += 1
            if last >= 0 and 1 < index - last <= PAUSE_STEPS:
                values[last + 1 : index] = [values[last]] * (index - last - 1)
            values[index] = totals[index] / samples[index]
            last = index
        return tuple(values)


def _bin_unjudged(points: Sequence[HistoryPoint], query: str, grid: _Bins) -> tuple[float, ...]:
    """Return the mean number of objects that were not judged per bin; empty if there are none."""
    numbers = [
        (point.at, dict(point.unjudged).get(query, 0) if point.counts else None) for point in points
    ]
    if not any(number for _, number in numbers):
        return ()
    return tuple(value or 0.0 for value in grid.means(numbers))


def counts_chart(data: ChartData | None, zone: ZoneInfo, texts: PageTexts) -> str:
    """Draw the chart with axes; intervals that were not observed are hatched, never zero.

    Args:
        data: What to draw; None gives the empty state.
        zone: Zone of the times on the axis.
        texts: The words.
    """
    if data is None:
        return empty(texts.chart_empty)
    moments = [data.time_of(data.bins * k / (TIME_TICKS - 1)) for k in range(TIME_TICKS)]
    ticks = [f"{moment.astimezone(zone):%H:%M:%S}" for moment in moments]
    return draw_plot(data.series, ticks, texts.chart_label)


def chart_points(data: ChartData | None, zone: ZoneInfo, texts: PageTexts) -> dict[str, JsonValue]:
    """Return what the pointer shows: times, and name, colour, values and their words per query."""
    if data is None:
        return {"times": [], "series": []}
    times = [f"{data.time_of(i + 0.5).astimezone(zone):%H:%M:%S}" for i in range(data.bins)]
    return {
        "times": list(times),
        "series": [
            [s.query, s.colour, [s.describe(index, texts) for index in range(data.bins)]]
            for s in data.series
        ],
    }


def chart_legend(data: ChartData | None, texts: PageTexts) -> str:
    """Draw names and colours of the lines, and the meaning of hatching where there is some."""
    return draw_legend(data.series, texts) if data is not None else ""
