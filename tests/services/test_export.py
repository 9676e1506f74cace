import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest

from ovd.errors import OutputError, StoreOpenError, UnknownFormatError
from ovd.services.export import FORMATS, export_report, neutralise
from ovd.services.report import COLUMNS, ReportRow
from tests.store.databases import make_open_folder, without_privileges

SEOUL = timezone(timedelta(hours=9))


def make_row(
    minute: int = 0,
    camera: str = "gate",
    query: str = "person",
    mean_count: float | None = 1.5,
    max_count: int | None = 3,
) -> ReportRow:
    start = datetime(2026, 3, 1, 21, minute, tzinfo=SEOUL)
    seen = mean_count is not None
    return ReportRow(
        camera,
        query,
        start,
        start + timedelta(minutes=1),
        observed_s=60.0 if seen else 0.0,
        samples=600 if seen else 0,
        mean_count=mean_count,
        max_count=max_count,
        unique=None,
        crossed_in=None,
        crossed_out=None,
        coverage=1.0 if seen else 0.0,
    )


UNSEEN = make_row(1, mean_count=None, max_count=None)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_has_the_columns_of_the_contract_and_empty_cells(tmp_path: Path):
    path = tmp_path / "report.csv"

    assert export_report([make_row(), UNSEEN], path, "csv") == 2

    start, middle, end = (f"2026-03-01T21:0{minute}:00+09:00" for minute in range(3))
    assert read_csv(path) == [
        list(COLUMNS),
        ["gate", "person", start, middle, "60.0", "600", "1.5", "3", "", "", "", "1.0"],
        ["gate", "person", middle, end, "0.0", "0", "", "", "", "", "", "0.0"],
    ]


def test_csv_opens_right_in_excel_and_in_other_readers(tmp_path: Path):
    path = tmp_path / "report.csv"

    export_report([make_row(camera="정문", query='사람, "빨간" 옷')], path, "csv")

    assert path.read_bytes().startswith(b"\xef\xbb\xbfcamera,")
    frame = pd.read_csv(path)
    assert tuple(frame.columns) == COLUMNS
    assert frame.loc[0, ["camera", "query", "max_count"]].tolist() == [
        "정문",
        '사람, "빨간" 옷',
        3,
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x")']
)
def test_texts_that_start_like_a_formula_are_made_inert(tmp_path: Path, text: str):
    path = tmp_path / "report.csv"

    export_report([make_row(camera=text, query=text)], path, "csv")

    cells = read_csv(path)[1]
    assert cells[:2] == [f"'{text}", f"'{text}"]


def test_other_texts_and_numbers_are_left_as_they_are(tmp_path: Path):
    path = tmp_path / "report.csv"

    export_report([make_row(mean_count=-1.5)], path, "csv")

    assert read_csv(path)[1][6] == "-1.5"
    assert [neutralise(text) for text in ("person", "a=b", "", "사람")] == [
        "person",
        "a=b",
        "",
        "사람",
    ]


def test_json_is_a_list_of_objects_with_nulls(tmp_path: Path):
    path = tmp_path / "report.json"

    assert export_report([make_row(query="=사람"), UNSEEN], path, "json") == 2

    seen, unseen = json.loads(path.read_text(encoding="utf-8"))
    assert tuple(seen) == COLUMNS
    assert (seen["query"], seen["mean_count"], seen["unique"]) == ("=사람", 1.5, None)
    assert seen["bucket_start"] == "2026-03-01T21:00:00+09:00"
    assert (unseen["mean_count"], unseen["max_count"], unseen["coverage"]) == (None, None, 0.0)


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_a_report_without_rows_is_a_valid_file(tmp_path: Path, format_name: str):
    path = tmp_path / "report"

    assert export_report([], path, format_name) == 0

    text = path.read_text(encoding="utf-8-sig")
    assert text.strip() == ",".join(COLUMNS) if format_name == "csv" else json.loads(text) == []


@pytest.mark.parametrize("format_name", ["xlsx", "parquet", "html", "pdf", "CSV", ""])
def test_a_format_without_a_writer_is_refused_by_name(tmp_path: Path, format_name: str):
    with pytest.raises(UnknownFormatError, match="available: csv, json"):
        export_report([make_row()], tmp_path / "report", format_name)

    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_kept_unless_it_may_be_replaced(tmp_path: Path):
    path = tmp_path / "report.csv"
    path.write_text("mine")

    with pytest.raises(OutputError, match="exists already"):
        export_report([make_row()], path, "csv")
    assert path.read_text() == "mine"

    export_report([make_row()], path, "csv", overwrite=True)
    assert len(read_csv(path)) == 2


def test_a_report_that_fails_half_way_leaves_the_old_file_and_no_other(tmp_path: Path):
    def fail_after_one() -> Iterator[ReportRow]:
        yield make_row()
        raise StoreOpenError("the database went away")

    path = tmp_path / "report.csv"
    path.write_text("old")

    with pytest.raises(StoreOpenError):
        export_report(fail_after_one(), path, "csv", overwrite=True)

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("report.csv", "old")]


def test_a_folder_is_no_file_to_write(tmp_path: Path):
    with pytest.raises(OutputError, match="is a folder"):
        export_report([], tmp_path, "csv", overwrite=True)


@pytest.mark.parametrize("name", ["missing/report.csv", "a file/report.csv", "x" * 300])
def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path, name: str):
    (tmp_path / "a file").touch()

    with pytest.raises(OutputError, match="cannot write the report to"):
        export_report([make_row()], tmp_path / name, "csv")

    assert [file.name for file in tmp_path.iterdir()] == ["a file"]


def test_a_folder_without_permission_is_reported():
    folder = make_open_folder()
    folder.chmod(0o555)

    with without_privileges(), pytest.raises(OutputError, match="check the folder"):
        export_report([make_row()], folder / "report.csv", "csv")

    folder.rmdir()
