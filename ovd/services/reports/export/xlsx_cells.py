"""Typed cells of Excel workbooks."""

from datetime import datetime
from typing import Any

from ovd.services.reports.export.formulas import neutralise
from ovd.services.reports.export.tables import Kind
from ovd.services.reports.rows import Cell

_EPOCH = datetime(1899, 12, 30)
_FIRST_YEAR = 1900
_DAY_S = 86400
_FORMATS = {
    Kind.WHOLE: "#,##0",
    Kind.NUMBER: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.CHANGE: "+0.0%;-0.0%;0.0%",
    Kind.DURATION: "[h]:mm:ss",
    Kind.DWELL: "[h]:mm:ss.0",
    Kind.TIME: "yyyy-mm-dd hh:mm:ss",
}


class Styles:
    """Cell formats of one workbook."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.heading = book.add_format({"bold": True, "font_size": 12})
        self.head = book.add_format({"bold": True, "bg_color": "#eef2f6", "bottom": 1})
        self.note = book.add_format({"font_color": "#647387"})
        self.kinds = {kind: book.add_format({"num_format": f}) for kind, f in _FORMATS.items()}


def write_cell(
    sheet: Any, row_column: tuple[int, int], cell: Cell, styles: Styles, kind: Kind | None = None
) -> None:
    """Write one typed cell; None is left empty.

    Args:
        sheet: Worksheet of XlsxWriter.
        row_column: Row and column from 0.
        cell: The value; durations are seconds.
        styles: Formats of the workbook.
        kind: How it is shown; None shows numbers plainly.
    """
    if cell is None:
        return
    if isinstance(cell, datetime):
        if cell.year < _FIRST_YEAR:
            sheet.write_string(*row_column, cell.isoformat())
        else:
            sheet.write_number(*row_column, excel_time(cell), styles.kinds[Kind.TIME])
    elif isinstance(cell, str):
        sheet.write_string(*row_column, neutralise(cell))
    else:
        number = cell / _DAY_S if kind in (Kind.DURATION, Kind.DWELL) else cell
        sheet.write_number(*row_column, number, styles.kinds.get(kind) if kind else None)


def excel_time(time: datetime) -> float:
    """Return the wall time as Excel stores it: days since the end of 1899."""
    return (time.replace(tzinfo=None) - _EPOCH).total_seconds() / _DAY_S


def offset_of(time: datetime) -> str:
    """Return the UTC offset of a time, such as `UTC+09:00`."""
    local = time.replace(tzinfo=None).isoformat()
    return f"UTC{time.isoformat().removeprefix(local)}"
