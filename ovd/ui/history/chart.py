"""The chart of the history: one line per query, dashed ones of the time it is compared with."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ovd.domain.query import Query
from ovd.language.korean.names import name_reading
from ovd.render.palette import css_colour, query_colours
from ovd.services.history.reading import History, HistorySeries
from ovd.services.reports.buckets import elapsed_s
from ovd.services.reports.rows import ReportRow
from ovd.texts.languages import Language
from ovd.texts.page import PageTexts
from ovd.ui.history.controls import measure_names
from ovd.ui.history.selection import HistorySelection, Measure
from ovd.ui.html.cards import empty
from ovd.ui.html.plot import Series, draw_legend, draw_plot
from ovd.ui.json_value import JsonValue

TICKS = 5
_DAY_S = 90_000


def colours_of(history: History, live: Sequence[Query] = ()) -> dict[str, str]:
    """Return the CSS colour of each reading, whether it is shown or not.

    Args:
        history: What was read.
        live: What the camera counts now, in order; its readings have the colours of the boxes.
    """
    readings = {query.read_as for query in live}
    names = [query.read_as for query in live]
    names += sorted({series.query for series in history.series} - readings)
    texts = [*(query.text for query in live), *names[len(live) :]]
    colours = dict[str, str]()
    for name, colour in zip(names, map(css_colour, query_colours(texts)), strict=True):
        colours.setdefault(name, colour)
    return colours


def is_shown(query: str, history: History, selection: HistorySelection) -> bool:
    """Return whether the line of a query is drawn: until it is hidden, or shown if removed."""
    return (query in selection.hidden) == (query in history.removed)


def list_lines(
    history: History,
    selection: HistorySelection,
    colours: Mapping[str, str],
    language: Language = Language.EN,
) -> tuple[Series, ...]:
    """Return the lines to draw, each with as many values as the history has buckets.

    Args:
        history: What was read.
        selection: What is chosen.
        colours: CSS colour by query.
        language: Language of their names.
    """
    lines = []
    for series in history.series:
        if not is_shown(series.query, history, selection):
            continue
        values = _values(series, selection.measure)
        unjudged = _unjudged(series) if selection.measure is Measure.MEAN else ()
        name, colour = name_reading(series.query, language), colours[series.query]
        lines.append(Series(name, colour, values, unjudged))
        before = history.baseline.series_of(series.query) if history.baseline else None
        if before is not None:
            earlier = _values(before, selection.measure)[: len(values)]
            earlier += (None,) * (len(values) - len(earlier))
            lines.append(Series(name, colour, earlier, dashed=True))
    return tuple(lines)


def draw_chart(
    history: History,
    lines: Sequence[Series],
    selection: HistorySelection,
    zone: ZoneInfo,
    texts: PageTexts,
) -> str:
    """Draw the chart and its legend.

    Args:
        history: What was read.
        lines: Of `list_lines`.
        selection: What is chosen.
        zone: Zone of the times.
        texts: The words.
    """
    if not any(value is not None for line in lines for value in line.values):
        return empty(texts.history_not_measured)
    measure = measure_names(texts)[selection.measure]
    label = texts.history_chart_label.format(measure=measure)
    return draw_plot(lines, _ticks(history, zone), label) + draw_legend(lines, texts)


def list_points(
    history: History, lines: Sequence[Series], zone: ZoneInfo, texts: PageTexts, before: str
) -> dict[str, JsonValue]:
    """Return what the pointer shows and what a dragged range stands for.

    Args:
        history: What was read.
        lines: Of `list_lines`.
        zone: Zone of the times.
        texts: The words.
        before: What dashed lines are of: an earlier time, or another camera.
    """
    rows = history.series[0].rows if history.series else ()
    edges = [row.bucket_start for row in rows] + [row.bucket_end for row in rows[-1:]]
    return {
        "times": [_clock(history, row.bucket_start, zone) for row in rows],
        "edges": [round(edge.timestamp() * 1000) for edge in edges],
        "series": [
            [
                f"{line.query} ({before})" if line.dashed else line.query,
                line.colour,
                [line.describe(index, texts) for index in range(len(rows))],
            ]
            for line in lines
        ],
    }


_IN_ROW: Mapping[Measure, Callable[[ReportRow], float | None]] = {
    Measure.MEAN: lambda row: row.mean_count,
    Measure.MAX: lambda row: row.max_count,
    Measure.UNIQUE: lambda row: row.unique,
    Measure.IN: lambda row: row.crossed_in,
    Measure.OUT: lambda row: row.crossed_out,
}


def _values(series: HistorySeries, measure: Measure) -> tuple[float | None, ...]:
    """Return what a measure says of each bucket, None where it was not measured."""
    if measure in _IN_ROW:
        return tuple(map(_IN_ROW[measure], series.rows))
    values = series.inside if measure is Measure.INSIDE else series.dwell_s
    return values or (None,) * len(series.rows)


def _unjudged(series: HistorySeries) -> tuple[float, ...]:
    """Return the mean number of objects that were not judged; empty if there are none."""
    values = tuple((row.mean_pending or 0.0) + (row.mean_unknown or 0.0) for row in series.rows)
    return values if any(values) else ()


def _ticks(history: History, zone: ZoneInfo) -> list[str]:
    start_at, end_at = history.interval
    step = (end_at - start_at) / (TICKS - 1)
    return [_clock(history, start_at + step * number, zone) for number in range(TICKS)]


def _clock(history: History, moment: datetime, zone: ZoneInfo) -> str:
    if history.bucket == "1d":
        return f"{moment.astimezone(zone):%Y-%m-%d}"
    is_one_day = elapsed_s(*history.interval) <= _DAY_S
    return f"{moment.astimezone(zone):{'%H:%M' if is_one_day else '%m-%d %H:%M'}}"
