"""Write a Report to a file, whole or not at all."""

import csv
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ovd.errors import OutputError, UnknownFormatError
from ovd.services.report import COLUMNS, Cell, ReportRow

# What a spreadsheet takes for the start of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutralise(text: str) -> str:
    """Make a text inert in spreadsheets: an apostrophe before what could start a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_csv(rows: Iterable[ReportRow], path: Path) -> int:
    """Write rows as CSV; returns how many.

    UTF-8 with a byte order mark: without it Excel misreads Korean, and other readers skip it.
    Missing values are empty cells; texts are neutralised, numbers and times are not texts.
    """
    count = 0
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([_to_csv(cell) for cell in row.cells()])
            count += 1
    return count


def _to_csv(cell: Cell) -> str | int | float | None:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return neutralise(cell) if isinstance(cell, str) else cell


def write_json(rows: Iterable[ReportRow], path: Path) -> int:
    """Write rows as a JSON list of objects, one per line, missing values null; returns how many."""
    count = 0
    count = 0
    with path.open("x", encoding="utf-8") as file:
        file.write("[")
        for row in rows:
            values = dict(zip(COLUMNS, map(_to_json, row.cells()), strict=True))
            file.write(",\n" if count else "\n")
            file.write(json.dumps(values, ensure_ascii=False))
            count += 1
        file.write("\n]\n")
    return count


def _to_json(cell: Cell) -> str | int | float | None:
    return cell.isoformat() if isinstance(cell, datetime) else cell


FORMATS: dict[str, Callable[[Iterable[ReportRow], Path], int]] = {
    "csv": write_csv,
    "json": write_json,
}


def require_format(format_name: str) -> None:
    """Refuse a format that has no writer.

    Raises:
        UnknownFormatError: If there is none of that name.
    """
    if format_name not in FORMATS:
        raise UnknownFormatError(
            f"no report format {format_name!r}; available: {', '.join(FORMATS)}"
        )


def export_report(
    rows: Iterable[ReportRow], path: Path, format_name: str, overwrite: bool = False
) -> int:
    """Write a report to `path`, beside it first and renamed when it is whole.

    Args:
        rows: A `Report` or some of its rows; read once, never held in memory together.
        path: File to write; its folder must exist.
        format_name: A name of `FORMATS`.
        overwrite: Whether an existing file is replaced.

    Returns:
        How many rows were written.

    Raises:
        UnknownFormatError: If the format has no writer.
        OutputError: If the file exists and may not be replaced, or cannot be written.
    """
    require_format(format_name)
    write = FORMATS[format_name]
    with _output_errors(path):
        if path.is_dir():
            raise OutputError(f"cannot write the report: {path} is a folder; name a file")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} exists already; name another file, or allow replacing it")
        with _written_whole(path) as part:
            return write(rows, part)


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write the report to {path}: {error.strerror}; check the folder and the space "
            "left there"
        ) from error


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield part
        part.replace(path)
    finally:
        if part.exists():
            part.unlink()
