"""The live chart as SVG: small, sharp at any width, in the colours of the page's theme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise
from math import ceil
from statistics import median
from zoneinfo import ZoneInfo

from ovd.domain.ports import HistoryPoint
from ovd.texts.page import PageTexts
from ovd.ui.html.cards import empty
from ovd.ui.json_value import JsonValue

BINS = 240
TIME_TICKS = 5
HEADROOM = 1.05
# A pause this many times the usual step between two points is drawn as not observed.
PAUSE_STEPS = 5.0


@dataclass(frozen=True)
class Series:
    """Counts of one query, one value per bin; None where it was not counted.

    Attributes:
        query: Query text.
        colour: Its colour as CSS.
        values: Mean counts.
        unjudged: Mean numbers of objects that were not judged, so may match too; empty where all
            were.
    """

    query: str
    colour: str
    values: tuple[float | None, ...]
    unjudged: tuple[float, ...] = ()

    @property
    def highest(self) -> float:
        """Return the highest value, with what was not judged."""
        values = [value or 0.0 for value in self.values]
        more = self.unjudged or [0.0] * len(values)
        return max((value + extra for value, extra in zip(values, more, strict=True)), default=0.0)


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


def top_of(value: float) -> int:
    """Return the next of 4, 6, 8, 10, 12, 16, 20, 30, 40, ...: their halves are whole."""
    power = 1
    while True:
        for step in (4, 6, 8, 10, 12, 16, 20, 30):
            if step * power >= value:
                return step * power
        power *= 10


def counts_chart(data: ChartData | None, zone: ZoneInfo, texts: PageTexts) -> str:
    """Draw the chart with axes; intervals that were not observed are hatched, never zero.

    Args:
        data: What to draw; None gives the empty state.
        zone: Zone of the times on the axis.
        texts: The words.
    """
    if data is None:
        return empty(texts.chart_empty)
    top = top_of(max((series.highest for series in data.series), default=0) * HEADROOM)
    ticks = "".join(f"<span>{value:,}</span>" for value in (top, top // 2, 0))
    lines = "".join(_band(series, top) + _line(series, top) for series in data.series)
    return (
        f'<div class="ovd-chart" role="img" aria-label="{escape(texts.chart_label)}">'
        f'<div class="ovd-chart-y">{ticks}</div><div class="ovd-chart-plot">'
        f'{_gaps(data)}<svg viewBox="0 0 {data.bins} 100" preserveAspectRatio="none">'
        f'<path class="grid" d="M0 0H{data.bins}M0 50H{data.bins}M0 100H{data.bins}"/>'
        f"{lines}</svg>"
        f'<i class="ovd-cursor"></i><div class="ovd-tip"></div></div>'
        f'<div class="ovd-chart-x">{_time_ticks(data, zone)}</div></div>'
    )


def chart_points(data: ChartData | None, zone: ZoneInfo, texts: PageTexts) -> dict[str, JsonValue]:
    """Return what the pointer shows: times, and name, colour, values and their words per query."""
    if data is None:
        return {"times": [], "series": []}
    times = [f"{data.time_of(i + 0.5).astimezone(zone):%H:%M:%S}" for i in range(data.bins)]
    return {
        "times": list(times),
        "series": [
            [s.query, s.colour, [_describe(s, index, texts) for index in range(data.bins)]]
            for s in data.series
        ],
    }


def _describe(series: Series, index: int, texts: PageTexts) -> str | None:
    """Return a value as words, with what was not judged; None where nothing was counted."""
    value = series.values[index]
    if value is None:
        return None
    words = f"{value:,.1f}".removesuffix(".0")
    unjudged = round(series.unjudged[index], 1) if series.unjudged else 0.0
    if unjudged:
        words += " · " + texts.chart_unjudged.format(count=f"{unjudged:,.1f}".removesuffix(".0"))
    return words


def chart_legend(data: ChartData | None, texts: PageTexts) -> str:
    """Draw names and colours of the lines, and the meaning of hatching where there is some."""
    if data is None:
        return ""
    entries = "".join(
        f'<span><i style="background:{series.colour}"></i>{escape(series.query)}</span>'
        for series in data.series
    )
    if _gaps(data):
        entries += f'<span><i class="hatched"></i>{escape(texts.chart_gap)}</span>'
    if any(series.unjudged for series in data.series):
        entries += f'<span><i class="unjudged"></i>{escape(texts.chart_band)}</span>'
    return f'<div class="ovd-legend">{entries}</div>'


def _line(series: Series, top: int) -> str:
    intervals = _intervals([value is not None for value in series.values], True)
    strokes, areas = [], []
    for first, last in intervals:
        points = [
            f"{index + 0.5} {100 - 100 * (series.values[index] or 0.0) / top:.2f}"
            for index in range(first, last)
        ]
        path = "L".join(points)
        strokes.append(f"M{path}h.01")
        areas.append(f"M{first + 0.5} 100L{path}L{last - 0.5} 100Z")
    return (
        f'<path class="area" d="{"".join(areas)}" fill="{series.colour}"/>'
        f'<path class="line" d="{"".join(strokes)}" stroke="{series.colour}"/>'
    )


def _band(series: Series, top: int) -> str:
    """Draw from a count up to what it would be if all that was not judged matched."""
    if not series.unjudged:
        return ""
    counted = [value is not None for value in series.values]
    areas = []
    for first, last in _intervals(counted, True):
        lower = [100 - 100 * (series.values[i] or 0.0) / top for i in range(first, last)]
        upper = [
            low - 100 * more / top
            for low, more in zip(lower, series.unjudged[first:last], strict=True)
        ]
        there = [f"{first + i + 0.5} {y:.2f}" for i, y in enumerate(upper)]
        back = [f"{first + i + 0.5} {y:.2f}" for i, y in enumerate(lower)]
        areas.append(f"M{'L'.join([*there, *reversed(back)])}Z")
    return f'<path class="unjudged" d="{"".join(areas)}" fill="{series.colour}"/>'


def _gaps(data: ChartData) -> str:
    seen = [
        any(series.values[index] is not None for series in data.series)
        for index in range(data.bins)
    ]
    return "".join(
        f'<i class="gap" style="left:{first / data.bins:.2%};'
        f'width:{(last - first) / data.bins:.2%}"></i>'
        for first, last in _intervals(seen, False)
    )


def _intervals(flags: Sequence[bool], wanted: bool) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of every run of `wanted`."""
    found: list[tuple[int, int]] = []
    for index, flag in enumerate(flags):
        if flag is not wanted:
            continue
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def _time_ticks(data: ChartData, zone: ZoneInfo) -> str:
    moments = [data.time_of(data.bins * k / (TIME_TICKS - 1)) for k in range(TIME_TICKS)]
    return "".join(f"<span>{moment.astimezone(zone):%H:%M:%S}</span>" for moment in moments)
