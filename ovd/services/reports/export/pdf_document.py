"""Reports as PDF, for print."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    Image,
    KeepTogether,
    LongTable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from ovd.render.charts import INK, MUTED
from ovd.render.logos import size_of_logo
from ovd.render.print_charts import draw_bars, draw_counts, draw_heatmap, draw_legend
from ovd.render.print_fonts import BOLD, REGULAR, escape_markup, load_fonts, plain_label
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
    Column,
    Kind,
    Table,
    build_comparison,
    build_facts,
    build_points,
    build_ranking,
    build_totals,
    format_cell,
    format_period,
)
from ovd.services.reports.export.zone_tables import build_zone_tables
from ovd.services.reports.report import Report
from ovd.services.reports.summary import ReportSummary
from ovd.texts.report import ReportTexts

MAX_TABLE_ROWS = 80
MAX_HEATMAPS = 3

_MARGIN = 16 * mm
_FRAME_PADDING = 6
_CELL_PADDING = 3
_WIDTH = A4[0] - 2 * _MARGIN - 2 * _FRAME_PADDING
_RULE, _BAND, _PAPER = HexColor("#dfe5ec"), HexColor("#f4f6f9"), HexColor("#ffffff")
_BODY = ParagraphStyle(
    "body", fontName=REGULAR, fontSize=9, leading=12.5, textColor=HexColor(INK), splitLongWords=1
)
_NOTE = ParagraphStyle("note", _BODY, fontSize=8, leading=11, textColor=HexColor(MUTED))
_CELL = ParagraphStyle("cell", _BODY, fontSize=8, leading=10.5)
_NUMBER = ParagraphStyle("number", _CELL, alignment=2)
_MOMENT = ParagraphStyle("moment", _CELL, leftIndent=8)
_FIGURE = ParagraphStyle("figure", _BODY, fontName=BOLD, fontSize=19, leading=24)
_HEADING = ParagraphStyle("heading", _BODY, fontName=BOLD, fontSize=12, leading=16, spaceBefore=10)
_TITLE = ParagraphStyle("title", _BODY, fontName=BOLD, fontSize=20, leading=26, spaceAfter=4)
# Of more than a day, and of one: a week shares the page with a heatmap.
_CHART_HEIGHT, _TALL_CHART_HEIGHT = 170, 300
_LOGO_WH = (44 * mm, 16 * mm)
_FLUSH: list[Any] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
_WEIGHTS = {Kind.TEXT: 2.0, Kind.TIME: 1.9}
_STYLES = {Kind.TEXT: _CELL, Kind.TIME: _MOMENT}


def write_pdf(report: Report, path: Path, extras: ReportExtras) -> int:
    """Write A4 pages with charts and tables; return the number of rows of the report.

    Their number does not depend on the number of rows: what is printed is the summary. Korean
    needs no font of the system.
    """
    load_fonts()
    shown = present(report, extras)
    draw_footer = partial(_draw_page_number, shown=shown)
    with path.open("xb") as file:
        document = SimpleDocTemplate(
            file,
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN + 4 * mm,
            title=shown.title,
            creator="ovd",
            lang=shown.texts.language,
        )
        story = _build_story(shown, extras)
        document.build(story, onFirstPage=draw_footer, onLaterPages=draw_footer)
    return shown.summary.rows


def _build_story(shown: Presentation, extras: ReportExtras) -> list[Flowable]:
    summary, comparison, texts = shown.summary, shown.comparison, shown.texts
    bars = draw_bars(query_bars(summary, comparison), width=_WIDTH)
    removed = build_removed(summary, texts)
    return [
        _head(shown.title, extras.logo),
        _facts(build_facts(summary, extras, texts)),
        _highlights(build_highlights(summary, comparison, texts)),
        *_table(build_overview(summary, comparison, texts)),
        *_charts(summary, comparison, texts),
        PageBreak(),
        *_table(build_totals(summary, texts)),
        *(part for table in build_zone_tables(summary, texts) for part in _table(table)),
        _keep_together(texts.top_queries, texts.count_axis, bars),
        *(_table(build_comparison(comparison, texts)) if comparison else []),
        *(_table(build_ranking(summary, texts)) if len(summary.cameras) > 1 else []),
        *_table(build_points(summary, texts, MAX_TABLE_ROWS)),
        *(_table(removed) if removed is not None else []),
    ]


def _head(title: str, logo: bytes) -> Flowable:
    """Return the title, and the logo beside it."""
    heading = Paragraph(escape_markup(title), _TITLE)
    if not logo:
        return heading
    width, height = size_of_logo(logo)
    scale = min(_LOGO_WH[0] / width, _LOGO_WH[1] / height)
    image = Image(BytesIO(logo), width * scale, height * scale, hAlign="RIGHT")
    widths = [_WIDTH - _LOGO_WH[0], _LOGO_WH[0]]
    style = [*_FLUSH, ("ALIGN", (1, 0), (1, 0), "RIGHT")]
    return LongTable([[heading, image]], colWidths=widths, style=TableStyle(style))


def _facts(facts: Sequence[tuple[str, str]]) -> Flowable:
    """Return facts in two columns, so that they leave the page to numbers."""
    cells = [
        Paragraph(
            f'<font color="{MUTED}" size="7.5">{escape_markup(name)}</font><br/>'
            f"{escape_markup(value)}",
            _BODY,
        )
        for name, value in facts
    ]
    rows = [[*cells[at : at + 2], ""][:2] for at in range(0, len(cells), 2)]
    return LongTable(rows, colWidths=[_WIDTH / 2] * 2, style=TableStyle(_FLUSH))


def _charts(
    summary: ReportSummary, comparison: Comparison | None, texts: ReportTexts
) -> list[Flowable]:
    series = chart_series(summary)
    drawn = series + (baseline_series(comparison, texts.before) if comparison else ())
    note = texts.over_time_note.format(step=texts.length(summary.step_s))
    if comparison:
        note = f"{note} {texts.dotted_note}"
    height = _CHART_HEIGHT if summary.has_weekdays else _TALL_CHART_HEIGHT
    chart = draw_counts(drawn, size_wh=(_WIDTH, height), axis=texts.count_axis)
    story: list[Flowable] = [
        _keep_together(texts.over_time, note, draw_legend(series, width=_WIDTH), chart)
    ]
    note = texts.heat_map_note.format(tz=summary.tz)
    mapped = summary.busiest(MAX_HEATMAPS) if summary.has_weekdays else ()
    for entry, line in zip(mapped, series, strict=False):
        if entry.totals.mean_count is not None:
            name = f"{texts.heat_map}: {name_series(entry, summary)}"
            heatmap = draw_heatmap(
                entry.heatmap, colour=line.colour, weekdays=texts.weekdays, width=_WIDTH
            )
            story.append(_keep_together(name, note, heatmap))
    return story


def _highlights(highlights: Sequence[Highlight]) -> Flowable:
    """Return the most important numbers, side by side."""
    width = _WIDTH / len(highlights)
    cells = [
        [
            Paragraph(escape_markup(entry.name), _NOTE),
            Paragraph(escape_markup(entry.value), _figure_style(entry.value, width)),
            Paragraph(escape_markup(entry.detail), _NOTE),
        ]
        for entry in highlights
    ]
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), _BAND),
            ("LINEAFTER", (0, 0), (-2, -1), 4, _PAPER),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
        ]
    )
    return LongTable(
        [cells], colWidths=[width] * len(cells), style=style, spaceBefore=8, spaceAfter=4
    )


def _figure_style(value: str, width: float) -> ParagraphStyle:
    """Return the style of a number that fits into one line of a column."""
    size, room = _FIGURE.fontSize, width - 6 * _CELL_PADDING
    fitting = size * room / max(stringWidth(value, BOLD, size), 1.0)
    return ParagraphStyle("fitted", _FIGURE, fontSize=max(9.0, min(size, fitting)))


def _keep_together(title: str, note: str, *content: Flowable) -> Flowable:
    heading = Paragraph(escape_markup(title), _HEADING)
    return KeepTogether([heading, Paragraph(escape_markup(note), _NOTE), Spacer(1, 4), *content])


def _table(table: Table) -> list[Flowable]:
    styles = [_STYLES.get(column.kind, _NUMBER) for column in table.columns]
    head = [
        Paragraph(f"<b>{escape_markup(column.title)}</b>", style)
        for column, style in zip(table.columns, styles, strict=True)
    ]
    body = [
        [
            Paragraph(escape_markup(format_cell(cell, column.kind)), style)
            for cell, column, style in zip(row, table.columns, styles, strict=True)
        ]
        for row in table.rows
    ]
    heading: list[Flowable] = [Paragraph(escape_markup(table.title), _HEADING)]
    if table.note:
        heading.append(Paragraph(escape_markup(table.note), _NOTE))
    heading[-1].keepWithNext = 1
    heading[0].keepWithNext = 1
    grid: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), _BAND),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LEFTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _CELL_PADDING),
    ]
    return [
        *heading,
        LongTable([head, *body], colWidths=_widths(table), repeatRows=1, style=TableStyle(grid)),
    ]


def _widths(table: Table) -> list[float]:
    """Return column widths that keep the words of headings whole, where there is room."""
    max_width = _WIDTH / len(table.columns)
    min_widths = [min(_heading_width(column), max_width) for column in table.columns]
    weights = [_WEIGHTS.get(column.kind, 1.0) for column in table.columns]
    unit = (_WIDTH - sum(min_widths)) / sum(weights)
    return [width + unit * weight for width, weight in zip(min_widths, weights, strict=True)]


def _heading_width(column: Column) -> float:
    """Return the width of the longest word of a heading, in points."""
    style = _STYLES.get(column.kind, _NUMBER)
    words = plain_label(column.title).split()
    longest = max((stringWidth(word, BOLD, style.fontSize) for word in words), default=0.0)
    # A point more: what is measured exactly is broken by rounding.
    return float(longest + style.leftIndent + 2 * _CELL_PADDING + 1)


def _draw_page_number(canvas: Canvas, document: Any, shown: Presentation) -> None:
    canvas.saveState()
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(HexColor(MUTED))
    start, end = format_period(shown.summary)
    label = plain_label(shown.title)
    line = f"{label[:60]}  ·  {start} - {end}"
    canvas.drawString(_MARGIN + _FRAME_PADDING, 10 * mm, plain_label(line))
    page = shown.texts.page.format(page=document.page)
    canvas.drawRightString(A4[0] - _MARGIN - _FRAME_PADDING, 10 * mm, plain_label(page))
    canvas.restoreState()
