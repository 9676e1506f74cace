"""Reports as JSON."""

import json
from datetime import datetime
from pathlib import Path

from ovd.services.reports.export.extras import ReportExtras
from ovd.services.reports.report import Report
from ovd.services.reports.rows import Cell


def write_json(report: Report, path: Path, extras: ReportExtras) -> int:
    """Write rows as a JSON list of objects, one per line; return their number.

    Missing values are null.
    """
    count, columns = 0, report.columns()
    with path.open("x", encoding="utf-8") as file:
        file.write("[")
        for row in report:
            values = dict(zip(columns, map(_to_json, row.chosen(columns)), strict=True))
            file.write(",\n" if count else "\n")
            file.write(json.dumps(values, ensure_ascii=False))
            count += 1
        file.write("\n]\n")
    return count


def _to_json(cell: Cell) -> str | int | float | None:
    return cell.isoformat() if isinstance(cell, datetime) else cell
