"""Writing of reports to files, complete or not at all."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ovd.errors import OutputError, UnknownFormatError
from ovd.services.reports.export.extras import ReportExtras, require_comparison
from ovd.services.reports.export.formulas import neutralise
from ovd.services.reports.report import Report

__all__ = [
    "FORMATS",
    "ReportExtras",
    "export_report",
    "neutralise",
    "require_comparison",
    "require_format",
]

Writer = Callable[[Report, Path, ReportExtras], int]


def _load_csv() -> Writer:
    from ovd.services.reports.export.csv_file import write_csv

    return write_csv


def _load_json() -> Writer:
    from ovd.services.reports.export.json_file import write_json

    return write_json


def _load_xlsx() -> Writer:
    from ovd.services.reports.export.xlsx_file import write_xlsx

    return write_xlsx


def _load_parquet() -> Writer:
    from ovd.services.reports.export.parquet_file import write_parquet

    return write_parquet


def _load_html() -> Writer:
    from ovd.services.reports.export.html_page import write_html

    return write_html


def _load_pdf() -> Writer:
    from ovd.services.reports.export.pdf_document import write_pdf

    return write_pdf


# A format's libraries are imported when it is asked for.
FORMATS: dict[str, Callable[[], Writer]] = {
    "csv": _load_csv,
    "json": _load_json,
    "xlsx": _load_xlsx,
    "parquet": _load_parquet,
    "html": _load_html,
    "pdf": _load_pdf,
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
    report: Report,
    path: Path,
    format_name: str,
    overwrite: bool = False,
    extras: ReportExtras | None = None,
) -> int:
    """Write a report to `path`, through a temporary file beside it.

    Args:
        report: What to write; its rows are never held in memory together.
        path: File to write; its folder must exist.
        format_name: A name of `FORMATS`.
        overwrite: Whether an existing file is replaced.
        extras: Language, title and what to compare with.

    Returns:
        How many rows the report has.

    Raises:
        UnknownFormatError: If the format has no writer.
        OutputError: If the file exists and may not be replaced, or cannot be written.
        InputError: If the format cannot show what the extras ask for.
        StoreError: If the database cannot be read.
    """
    require_format(format_name)
    extras = extras or ReportExtras()
    extras.require_fit(format_name)
    write = FORMATS[format_name]()
    with _output_errors(path):
        if path.is_dir():
            raise OutputError(f"cannot write the report: {path} is a folder; name a file")
        if path.exists() and not overwrite:
            raise OutputError(
                f"{path} exists already; name another file, or replace it with --force"
            )
        with _atomic_path(path) as part:
            return write(report, part, extras)


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write the report to {path}: {error.strerror or error}; check the folder and "
            "the space left there"
        ) from error


@contextmanager
def _atomic_path(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield part
        part.replace(path)
    finally:
        if part.exists():
            part.unlink()
