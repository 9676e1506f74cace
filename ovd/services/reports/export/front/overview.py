"""The overview of a report's series: numbers that need no knowledge of frames."""

from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.front.busiest import find_busiest_hour
from ovd.services.reports.export.front.measures import choose_measure, find_baseline, read_figure
from ovd.services.reports.export.tables import Column, Kind, Table
from ovd.services.reports.rows import Cell
from ovd.services.reports.summary import ReportSummary, SeriesSummary
from ovd.texts.report import ReportTexts

MAX_ROWS = 12


def build_overview(
    summary: ReportSummary, comparison: Comparison | None, texts: ReportTexts
) -> Table:
    """Build the table of the busiest series, without means of frames."""
    entries = summary.busiest(MAX_ROWS)
    columns = [Column(texts.query, Kind.TEXT)]
    if len(summary.cameras) > 1:
        columns.append(Column(texts.camera, Kind.TEXT))
    if summary.has_crossings:
        columns += [Column(texts.crossed_in, Kind.WHOLE), Column(texts.crossed_out, Kind.WHOLE)]
    if summary.has_unique:
        columns.append(Column(texts.unique, Kind.WHOLE))
    columns += [Column(texts.maximum, Kind.WHOLE), Column(texts.busiest_hour, Kind.TIME)]
    if comparison is not None:
        columns.append(Column(texts.change, Kind.CHANGE))
    columns.append(Column(texts.coverage, Kind.SHARE))
    note = ""
    if len(entries) < len(summary.series):
        note = texts.more_series.format(shown=len(entries), all=len(summary.series))
    rows = tuple(_row(entry, summary, comparison, texts) for entry in entries)
    return Table(texts.overview, tuple(columns), rows, note)


def _row(
    entry: SeriesSummary,
    summary: ReportSummary,
    comparison: Comparison | None,
    texts: ReportTexts,
) -> tuple[Cell, ...]:
    totals, busiest = entry.totals, find_busiest_hour([entry])
    cells: list[Cell] = [entry.query]
    if len(summary.cameras) > 1:
        cells.append(entry.camera)
    if summary.has_crossings:
        cells += [totals.crossed_in, totals.crossed_out]
    if summary.has_unique:
        cells.append(entry.unique)
    cells.append(totals.max_count)
    cells.append(busiest.describe(texts, summary.has_weekdays) if busiest else None)
    if comparison is not None:
        cells.append(_change(entry, comparison))
    return (*cells, totals.coverage)


def _change(entry: SeriesSummary, comparison: Comparison) -> float | None:
    measure = choose_measure([entry])
    figure = read_figure([entry], measure)
    before = read_figure(find_baseline(entry, comparison), measure)
    return None if figure is None or before is None else figure.change_from(before, measure)
