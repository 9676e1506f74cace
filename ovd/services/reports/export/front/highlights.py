"""The most important numbers of a report: how many, the busiest hour, the change, the coverage."""

from dataclasses import dataclass

from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.front.busiest import find_busiest_hour
from ovd.services.reports.export.front.measures import (
    Figure,
    Measure,
    choose_measure,
    read_figure,
    series_of,
)
from ovd.services.reports.export.tables import Kind, format_cell
from ovd.services.reports.summary import QueryTotal, ReportSummary
from ovd.texts.report import ReportTexts

MAX_QUERIES = 2


@dataclass(frozen=True)
class Highlight:
    """One of the most important numbers of a report.

    Attributes:
        name: What it is about.
        value: The number.
        detail: More about it, in small.
    """

    name: str
    value: str
    detail: str


def build_highlights(
    summary: ReportSummary, comparison: Comparison | None, texts: ReportTexts
) -> tuple[Highlight, ...]:
    """Build the highlights: how many were seen, the busiest hour, the change, the coverage."""
    lasting = summary.lasting()
    shown = lasting[: 1 if comparison else MAX_QUERIES]
    highlights = [_count(total, summary, texts) for total in shown]
    if lasting:
        highlights += _busiest(lasting[0], summary, texts)
        if comparison is not None:
            highlights.append(_change(lasting[0], comparison, texts))
    coverage = format_cell(summary.coverage, Kind.SHARE)
    return (*highlights, Highlight(texts.coverage, coverage, texts.coverage_detail))


def name_measure(measure: Measure, texts: ReportTexts) -> str:
    """Return the word for a measure."""
    words = {
        Measure.CROSSED_IN: texts.measure_in,
        Measure.UNIQUE: texts.measure_unique,
        Measure.HIGHEST: texts.measure_highest,
    }
    return words[measure]


def _count(total: QueryTotal, summary: ReportSummary, texts: ReportTexts) -> Highlight:
    entries = series_of(summary, total.query)
    measure = choose_measure(entries)
    figure = read_figure(entries, measure)
    details = []
    if measure is Measure.CROSSED_IN:
        out = sum(entry.totals.crossed_out or 0 for entry in entries)
        details.append(f"{texts.crossed_out} {format_cell(out, Kind.WHOLE)}")
    if measure is not Measure.HIGHEST:
        details.append(f"{texts.measure_highest} {format_cell(total.max_count, Kind.WHOLE)}")
    else:
        peaks = [entry.peak_at for entry in entries if entry.totals.max_count == total.max_count]
        details += [format_cell(peak, Kind.TIME) for peak in peaks[:1] if peak is not None]
    value = format_cell(None if figure is None else figure.value, Kind.WHOLE)
    name = f"{total.query} · {name_measure(measure, texts)}"
    return Highlight(name, value, " · ".join(details))


def _busiest(total: QueryTotal, summary: ReportSummary, texts: ReportTexts) -> list[Highlight]:
    busiest = find_busiest_hour(series_of(summary, total.query))
    if busiest is None:
        return []
    detail = texts.busiest_detail.format(
        query=total.query, count=format_cell(busiest.count, Kind.NUMBER)
    )
    value = busiest.describe(texts, summary.has_weekdays)
    return [Highlight(texts.busiest_hour, value, detail)]


def _change(total: QueryTotal, comparison: Comparison, texts: ReportTexts) -> Highlight:
    entries = series_of(comparison.current, total.query)
    before_entries = series_of(comparison.baseline, total.query)
    measure = choose_measure(entries)
    figure, before = read_figure(entries, measure), read_figure(before_entries, measure)
    name = texts.change_from_camera if comparison.compares_cameras else texts.change_from_period
    if figure is None or before is None:
        return Highlight(name, "\N{EN DASH}", texts.not_observed_before)
    change = figure.change_from(before, measure)
    value = "\N{EN DASH}" if change is None else format_cell(change, Kind.CHANGE)
    return Highlight(name, value, _describe_change(figure, before, measure, texts))


def _describe_change(figure: Figure, before: Figure, measure: Measure, texts: ReportTexts) -> str:
    detail = texts.change_detail.format(
        measure=name_measure(measure, texts),
        now=format_cell(figure.value, Kind.WHOLE),
        before=format_cell(before.value, Kind.WHOLE),
    )
    return detail if measure is Measure.HIGHEST else f"{detail} · {texts.per_observed_hour}"
