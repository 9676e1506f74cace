"""Reports as one self-contained HTML page with interactive charts."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import plotly.graph_objects as go  # type: ignore[import-untyped]  # it ships no types
from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]  # it ships no types

from ovd.render.charts import ChartTexts, counts_figure
from ovd.render.report_charts import bars_figure, heatmap_figure
from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.extras import Presentation, ReportExtras, present
from ovd.services.reports.export.front.highlights import Highlight, build_highlights
from ovd.services.reports.export.front.overview import build_overview
from ovd.services.reports.export.front.removed import build_removed
from ovd.services.reports.export.series import (
    baseline_series,
    chart_series,
    name_series,
    query_bars,
)
from ovd.services.reports.export.tables import (
    Kind,
    Table,
    build_comparison,
    build_facts,
    build_points,
    build_ranking,
    build_totals,
    format_cell,
)
from ovd.services.reports.export.zone_tables import build_zone_tables
from ovd.services.reports.report import Report
from ovd.services.reports.summary import ReportSummary
from ovd.texts.report import ReportTexts

MAX_TABLE_ROWS = 200
MAX_HEATMAPS = 4

_CONFIG = {"displaylogo": False, "responsive": True, "modeBarButtonsToRemove": ["lasso2d"]}
# The page may run what is in it and reach nothing outside.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def write_html(report: Report, path: Path, extras: ReportExtras) -> int:
    """Write a page with charts and tables; return the number of rows of the report.

    Its size does not depend on the number of rows: what is shown is the summary.
    """
    shown = present(report, extras)
    with path.open("x", encoding="utf-8") as file:
        file.writelines(_page(shown, extras))
    return shown.summary.rows


def _page(shown: Presentation, extras: ReportExtras) -> Iterator[str]:
    title, summary, texts = escape(shown.title), shown.summary, shown.texts
    style = (files("ovd.services.reports.export") / "page.css").read_text(encoding="utf-8")
    yield f'<!DOCTYPE html>\n<html lang="{texts.language}">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{title}</title>\n<style>{style}</style>\n"
    yield f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n<main>\n"
    yield f"<header><h1>{title}</h1>{_logo(extras.logo)}</header>\n<dl>\n"
    for name, value in build_facts(summary, extras, texts):
        yield f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>\n"
    yield "</dl>\n"
    yield _highlights(build_highlights(summary, shown.comparison, texts))
    yield _table(build_overview(summary, shown.comparison, texts))
    yield from _charts(summary, shown.comparison, texts)
    yield _table(build_totals(summary, texts))
    yield from map(_table, build_zone_tables(summary, texts))
    if shown.comparison is not None:
        yield _table(build_comparison(shown.comparison, texts))
    if len(summary.cameras) > 1:
        yield _table(build_ranking(summary, texts))
    yield _table(build_points(summary, texts, MAX_TABLE_ROWS))
    removed = build_removed(summary, texts)
    if removed is not None:
        yield _folded(removed)
    script = (files("ovd.services.reports.export") / "page.js").read_text(encoding="utf-8")
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _logo(logo: bytes) -> str:
    data = b64encode(logo).decode("ascii")
    return f'<img alt="" src="data:image/png;base64,{data}">' if logo else ""


def _charts(
    summary: ReportSummary, comparison: Comparison | None, texts: ReportTexts
) -> Iterator[str]:
    words = ChartTexts(time=texts.time_zone, count=texts.count_axis, empty=texts.empty)
    series = chart_series(summary)
    note = texts.over_time_note.format(step=texts.length(summary.step_s))
    if comparison is not None:
        series += baseline_series(comparison, texts.before)
        note = f"{note} {texts.dotted_note}"
    figure = counts_figure(series, texts=words, zone=ZoneInfo(summary.tz))
    yield _chart(texts.over_time, note, figure)
    bars = bars_figure(query_bars(summary, comparison), axis=texts.count_axis, before=texts.before)
    yield _chart(texts.top_queries, "", bars)
    note = texts.heat_map_note.format(tz=summary.tz)
    mapped = summary.busiest(MAX_HEATMAPS) if summary.has_weekdays else ()
    for entry, line in zip(mapped, series, strict=False):
        if entry.totals.mean_count is not None:
            name = f"{texts.heat_map}: {name_series(entry, summary)}"
            figure = heatmap_figure(entry.heatmap, colour=line.colour, weekdays=texts.weekdays)
            yield _chart(name, note, figure)


def _highlights(highlights: Sequence[Highlight]) -> str:
    cells = "".join(
        f"<li>{escape(entry.name)}<strong>{escape(entry.value)}</strong>{escape(entry.detail)}</li>"
        for entry in highlights
    )
    return f"<ul>{cells}</ul>\n"


def _chart(title: str, note: str, figure: go.Figure) -> str:
    chart = figure.to_html(full_html=False, include_plotlyjs=False, config=_CONFIG)
    return f"<section class=chart>\n<h2>{escape(title)}</h2>\n{_note(note)}{chart}\n</section>\n"


def _note(text: str) -> str:
    return f"<p>{escape(text)}</p>\n" if text else ""


def _table(table: Table) -> str:
    aligned = ["" if column.kind in _LEFT else " class=n" for column in table.columns]
    head = "".join(
        f"<th{align}>{escape(column.title)}</th>"
        for align, column in zip(aligned, table.columns, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            f"<td{align}>{escape(format_cell(cell, column.kind))}</td>"
            for align, cell, column in zip(aligned, row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f"<section>\n<h2>{escape(table.title)}</h2>\n{_note(table.note)}<div class=wide><table>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n</section>\n"
    )


def _folded(table: Table) -> str:
    """Return a table that is closed until it is asked for."""
    summary = f"<summary>{escape(table.title)}</summary>"
    return f"<details>{summary}\n{_table(table)}</details>\n"


_LEFT = (Kind.TEXT, Kind.TIME)
