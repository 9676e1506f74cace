import csv
from pathlib import Path

import pandas as pd
import pytest

from ovd.services.reports.export import export_report, neutralise
from ovd.services.reports.rows import COLUMNS
from tests.services.report_builders import UNSEEN, make_row, report_of


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_has_the_columns_of_the_contract_and_empty_cells(tmp_path: Path):
    path = tmp_path / "report.csv"

    assert export_report(report_of(make_row(), UNSEEN), path, "csv") == 2

    start, middle, end = (f"2026-03-01T21:0{minute}:00+09:00" for minute in range(3))
    assert read_csv(path) == [
        list(COLUMNS),
        ["gate", "person", start, middle, "60.0", "600", "1.5", "3", "", "", "", "1.0"],
        ["gate", "person", middle, end, "0.0", "0", "", "", "", "", "", "0.0"],
    ]


def test_csv_opens_right_in_excel_and_in_other_readers(tmp_path: Path):
    path = tmp_path / "report.csv"

    export_report(report_of(make_row(camera="정문", query='사람, "빨간" 옷')), path, "csv")

    assert path.read_bytes().startswith(b"\xef\xbb\xbfcamera,")
    frame = pd.read_csv(path)
    assert tuple(frame.columns) == COLUMNS
    assert frame.loc[0, ["camera", "query", "max_count"]].tolist() == [
        "정문",
        '사람, "빨간" 옷',
        3,
    ]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", '=HYPERLINK("http://x")'],
)
def test_texts_that_start_like_a_formula_are_made_inert(tmp_path: Path, text: str):
    path = tmp_path / "report.csv"

    export_report(report_of(make_row(camera=text, query=text)), path, "csv")

    cells = read_csv(path)[1]
    assert cells[:2] == [f"'{text}", f"'{text}"]


def test_other_texts_and_numbers_are_left_as_they_are(tmp_path: Path):
    path = tmp_path / "report.csv"

    export_report(report_of(make_row(mean_count=-1.5)), path, "csv")

    assert read_csv(path)[1][6] == "-1.5"
    assert [neutralise(text) for text in ("person", "a=b", "", "사람")] == [
        "person",
        "a=b",
        "",
        "사람",
    ]


def test_csv_without_rows_has_a_header(tmp_path: Path):
    path = tmp_path / "report.csv"

    assert export_report(report_of(), path, "csv") == 0

    assert read_csv(path) == [list(COLUMNS)]
