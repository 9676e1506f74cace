"""Reports as Excel workbooks: summary, charts, chart data, and every row."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import count as count_from
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from xlsxwriter.exceptions import XlsxFileError  # type: ignore[import-untyped]

from ovd.errors import OutputError
from ovd.render.logos import size_of_logo
from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.extras import Presentation, ReportExtras, present
from ovd.services.reports.export.formulas import neutralise
from ovd.services.reports.export.front.highlights import build_highlights
from ovd.services.reports.export.front.overview import build_overview
from ovd.services.reports.export.front.removed import build_removed
from ovd.services.reports.export.tables import (
    Kind,
    Table,
    build_comparison,
    build_facts,
    build_ranking,
    build_totals,
)
from ovd.services.reports.export.xlsx_cells import Styles, offset_of, write_cell
from ovd.services.reports.export.xlsx_charts import ChartSheets
from ovd.services.reports.export.zone_tables import build_zone_tables
from ovd.services.reports.report import Report
from ovd.services.reports.rows import Cell, ReportRow
from ovd.services.reports.summary import ReportSummary
from ovd.texts.report import ReportTexts, report_texts

# What Excel has room for in one sheet, the header included.
MAX_SHEET_ROWS = 1_048_576
OFFSET_COLUMNS = ("bucket_start_utc_offset", "bucket_end_utc_offset")

_LOGO_HEIGHT = 38
_WIDTHS = {Kind.TEXT: 24, Kind.TIME: 20}
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(report: Report, path: Path, extras: ReportExtras) -> int:
    """Write a workbook; returns how many rows the report has.

    Times are Excel times on the wall clock of the report's zone, because Excel knows no zones;
    their UTC offsets stand in `OFFSET_COLUMNS`. Missing values are empty cells, texts are
    neutralised. Rows beyond `MAX_SHEET_ROWS` go on in another sheet.

    Raises:
        OutputError: If the file cannot be written.
    """
    texts = report_texts(extras.language)
    with TemporaryDirectory(prefix=".ovd-", dir=path.parent) as folder:
        book = xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": folder})
        try:
            book.set_properties({"title": extras.title or texts.title, "comments": "ovd"})
            styles = Styles(book)
            summary_sheet = book.add_worksheet(texts.summary_sheet)
            charts = ChartSheets(book, styles, texts)
            rows = _RowSheets(book, styles, texts.counts_sheet, report.columns())
            shown = present(report, extras, rows.add)
            _write_summary(summary_sheet, styles, extras, shown)
            charts.write(shown.summary)
        finally:
            _close(book, path)
    return shown.summary.rows


def _close(book: Any, path: Path) -> None:
    """Close the workbook, also after an error, because its temporary files are open."""
    try:
        book.close()
    except XlsxFileError as error:
        cause = error.args[0]
        if isinstance(cause, OSError):
            raise cause from None
        raise OutputError(f"cannot write the report to {path}: {error}") from error


class _RowSheets:
    """Writes the rows of the report to as many sheets as needed."""

    def __init__(self, book: Any, styles: Styles, name: str, columns: Sequence[str]) -> None:
        self._book, self._styles, self._name, self._columns = book, styles, name, columns
        self._numbers = count_from(2)
        self._sheet = self._open(name)
        self._next = 1

    def add(self, row: ReportRow) -> None:
        if self._next == MAX_SHEET_ROWS:
            self._sheet = self._open(f"{self._name} {next(self._numbers)}")
            self._next = 1
        line = self._next
        for column, cell in enumerate(row.chosen(self._columns)):
            write_cell(self._sheet, (line, column), cell, self._styles)
        last = len(self._columns)
        for column, moment in enumerate((row.bucket_start, row.bucket_end), last):
            self._sheet.write_string(line, column, offset_of(moment))
        self._next += 1

    def _open(self, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, 18)
        sheet.set_column(2, 3, 19)
        sheet.set_column(4, len(self._columns) - 1, 11)
        sheet.set_column(len(self._columns), len(self._columns) + 1, 22)
        for column, title in enumerate((*self._columns, *OFFSET_COLUMNS)):
            sheet.write_string(0, column, title, self._styles.head)
        return sheet


def _write_summary(sheet: Any, styles: Styles, extras: ReportExtras, shown: Presentation) -> None:
    sheet.set_column(0, 1, _WIDTHS[Kind.TEXT])
    sheet.set_column(2, 9, 15)
    sheet.write_string(0, 0, neutralise(shown.title), styles.title)
    facts = build_facts(shown.summary, extras, shown.texts)
    if extras.logo:
        _insert_logo(sheet, extras.logo)
    line = 2
    for name, value in facts:
        sheet.write_string(line, 0, name, styles.note)
        sheet.write_string(line, 1, neutralise(value))
        line += 1
    line = _write_highlights(sheet, styles, shown, line + 1)
    for table in _tables(shown.summary, shown.comparison, shown.texts):
        line = _write_table(sheet, styles, table, line + 1)


def _insert_logo(sheet: Any, logo: bytes) -> None:
    scale = _LOGO_HEIGHT / size_of_logo(logo)[1]
    options = {"image_data": BytesIO(logo), "x_scale": scale, "y_scale": scale, "decorative": True}
    sheet.insert_image(0, 5, "logo.png", options)


def _write_highlights(sheet: Any, styles: Styles, shown: Presentation, line: int) -> int:
    """Write the most important numbers, one a line; return the line after them."""
    for entry in build_highlights(shown.summary, shown.comparison, shown.texts):
        sheet.write_string(line, 0, neutralise(entry.name), styles.note)
        sheet.write_string(line, 1, neutralise(entry.value), styles.heading)
        sheet.write_string(line, 2, neutralise(entry.detail), styles.note)
        line += 1
    return line


def _tables(
    summary: ReportSummary, comparison: Comparison | None, texts: ReportTexts
) -> Iterator[Table]:
    yield build_overview(summary, comparison, texts)
    yield build_totals(summary, texts)
    yield from build_zone_tables(summary, texts)
    if comparison is not None:
        yield build_comparison(comparison, texts)
    yield build_ranking(summary, texts)
    removed = build_removed(summary, texts)
    if removed is not None:
        yield removed


def _write_table(sheet: Any, styles: Styles, table: Table, line: int) -> int:
    """Write a table from a line on; return the line after it."""
    sheet.write_string(line, 0, table.title, styles.heading)
    line += 1
    if table.note:
        sheet.write_string(line, 0, neutralise(table.note), styles.note)
        line += 1
    for column, heading in enumerate(table.columns):
        sheet.write_string(line, column, neutralise(heading.title), styles.head)
    line += 1
    for row in table.rows:
        _write_line(sheet, styles, table, (line, row))
        line += 1
    return line


def _write_line(
    sheet: Any, styles: Styles, table: Table, numbered: tuple[int, Sequence[Cell]]
) -> None:
    line, row = numbered
    for column, (cell, heading) in enumerate(zip(row, table.columns, strict=True)):
        write_cell(sheet, (line, column), cell, styles, heading.kind)
