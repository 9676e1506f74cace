"""Reports as CSV."""

import csv
from datetime import datetime
from pathlib import Path

from ovd.services.reports.export.extras import ReportExtras
from ovd.services.reports.export.formulas import neutralise
from ovd.services.reports.report import Report
from ovd.services.reports.rows import Cell


def write_csv(report: Report, path: Path, extras: ReportExtras) -> int:
    """Write rows as CSV; return their number.

    UTF-8 with a byte order mark: without it Excel misreads Korean, and other readers skip it.
    Missing values are empty cells; texts are neutralised, numbers and times are not texts.
    """
    count, columns = 0, report.columns()
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in report:
            writer.writerow([_to_csv(cell) for cell in row.chosen(columns)])
            count += 1
    return count


def _to_csv(cell: Cell) -> str | int | float | None:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return neutralise(cell) if isinstance(cell, str) else cell
