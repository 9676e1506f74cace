import gc
import tracemalloc
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from ovd.errors import InputError, OutputError, StoreOpenError, UnknownFormatError
from ovd.services.reports.export import FORMATS, ReportExtras, export_report, parquet_file
from ovd.services.reports.report import Report
from ovd.services.reports.rows import ReportRow
from tests.services.report_builders import UNSEEN, make_row, report_of
from tests.store.databases import make_open_folder, without_privileges


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_says_how_many_rows_it_wrote(tmp_path: Path, format_name: str):
    path = tmp_path / f"report.{format_name}"

    written = export_report(report_of(make_row(), UNSEEN), path, format_name)

    assert written == 2
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("format_name", ["docx", "CSV", ""])
def test_a_format_without_a_writer_is_refused_by_name(tmp_path: Path, format_name: str):
    with pytest.raises(UnknownFormatError, match="available: csv, json"):
        export_report(report_of(make_row()), tmp_path / "report", format_name)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_name", ["csv", "json", "parquet"])
def test_rows_for_programs_have_no_comparison(tmp_path: Path, format_name: str):
    report = report_of(make_row())

    with pytest.raises(InputError, match="no comparison; choose xlsx, html, pdf"):
        export_report(
            report, tmp_path / "report", format_name, extras=ReportExtras(baseline=report)
        )


def test_an_existing_file_is_kept_unless_it_may_be_replaced(tmp_path: Path):
    path = tmp_path / "report.csv"
    path.write_text("mine")

    with pytest.raises(OutputError, match="exists already"):
        export_report(report_of(make_row()), path, "csv")
    assert path.read_text() == "mine"

    export_report(report_of(make_row()), path, "csv", overwrite=True)
    assert path.read_text(encoding="utf-8-sig").startswith("camera,")


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_report_that_fails_half_way_leaves_the_old_file_and_no_other(
    tmp_path: Path, format_name: str
):
    def fail_after_one(report: Report) -> Iterator[ReportRow]:
        yield make_row()
        raise StoreOpenError("the database went away")

    path = tmp_path / "report"
    path.write_text("old")

    with pytest.raises(StoreOpenError):
        export_report(report_of(make_row(), make=fail_after_one), path, format_name, overwrite=True)

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("report", "old")]


def test_a_folder_is_no_file_to_write(tmp_path: Path):
    with pytest.raises(OutputError, match="is a folder"):
        export_report(report_of(), tmp_path, "csv", overwrite=True)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", ["missing/report", "a file/report", "x" * 300])
def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path, name: str, format_name: str):
    (tmp_path / "a file").touch()

    with pytest.raises(OutputError, match="cannot write the report to"):
        export_report(report_of(make_row()), tmp_path / name, format_name)

    assert [file.name for file in tmp_path.iterdir()] == ["a file"]


def test_a_folder_without_permission_is_reported():
    folder = make_open_folder()
    folder.chmod(0o555)

    with without_privileges(), pytest.raises(OutputError, match="check the folder"):
        export_report(report_of(make_row()), folder / "report.csv", "csv")

    folder.rmdir()


def peak_bytes(folder: Path, format_name: str, rows: int) -> int:
    """Most memory that Python held while a report of so many rows was written."""
    row = make_row()
    report = report_of(row, make=lambda report: repeat(row, rows))
    gc.collect()
    tracemalloc.start()
    try:
        export_report(report, folder / "report", format_name, overwrite=True)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("format_name", FORMATS)
def test_memory_does_not_grow_with_rows(tmp_path: Path, format_name: str, monkeypatch):
    monkeypatch.setattr(parquet_file, "ROW_GROUP_ROWS", 100)
    export_report(report_of(make_row()), tmp_path / "first", format_name)  # imports, fonts

    few, many = (peak_bytes(tmp_path, format_name, rows) for rows in (400, 1_200))

    assert many < few + 60_000
