from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook

from ovd.services.reports.export import ReportExtras, export_report, xlsx_file
from ovd.services.reports.rows import COLUMNS
from tests.services.report_builders import NIGHT, UNSEEN, make_report, make_row, report_of

PERSON = (("gate", "person"),)


def export(folder: Path, report, **extras) -> Workbook:
    path = folder / "report.xlsx"
    export_report(report, path, "xlsx", extras=ReportExtras(**extras))
    return load_workbook(path)


def cells_of(book: Workbook, sheet: str) -> list[tuple[object, ...]]:
    return list(book[sheet].iter_rows(values_only=True))


def test_xlsx_rows_have_typed_cells_and_empty_ones(tmp_path: Path):
    book = export(tmp_path, report_of(make_row(), UNSEEN))

    header, seen, unseen = cells_of(book, "Counts")
    start = datetime(2026, 3, 1, 21, 0)
    offsets = ("UTC+09:00", "UTC+09:00")
    assert header == (*COLUMNS, "bucket_start_utc_offset", "bucket_end_utc_offset")
    assert seen[:4] == ("gate", "person", start, start + timedelta(minutes=1))
    assert seen[4:] == (60, 600, 1.5, 3, None, None, None, 1, *offsets)
    assert unseen[4:] == (0, 0, None, None, None, None, None, 0, *offsets)
    assert book["Counts"]["C2"].is_date


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_no_text_of_a_workbook_is_a_formula(tmp_path: Path, text: str):
    report = report_of(make_row(camera=text, query=text), make_row(camera="b", query=text))

    book = export(tmp_path, report, title=text, baseline=report)

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert f"'{text}" in {cell.value for cell in cells}
    assert [cell for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    assert [c for c in cells if isinstance(c.value, str) and c.value.startswith(text)] == []


def test_offsets_tell_a_repeated_hour_apart(tmp_path: Path):
    berlin = ZoneInfo("Europe/Berlin")
    start, end = datetime(2026, 10, 25, 2, tzinfo=berlin), datetime(2026, 10, 25, 3, tzinfo=berlin)

    book = export(tmp_path, make_report(PERSON, start, end, "1h", lambda *_: 1.0))

    _, first, second = cells_of(book, "Counts")
    assert first[2] == second[2] == datetime(2026, 10, 25, 2)
    assert (first[-2], first[-1], second[-2]) == ("UTC+02:00", "UTC+01:00", "UTC+01:00")


def test_rows_beyond_one_sheet_go_on_in_another(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MAX_SHEET_ROWS", 4)

    book = export(tmp_path, report_of(*map(make_row, range(7))))

    assert [len(cells_of(book, name)) for name in ("Counts", "Counts 2", "Counts 3")] == [4, 4, 2]


def test_charts_are_native_and_draw_from_the_workbook(tmp_path: Path):
    report = report_of(
        make_row(), make_row(1), make_row(query="자전거"), make_row(1, query="자전거")
    )

    book = export(tmp_path, report)

    lines, bars = book["Charts"]._charts
    assert [series.yVal.numRef.f for series in lines.series] == [
        "'Chart data'!$B$2:$B$3",
        "'Chart data'!$C$2:$C$3",
    ]
    assert len(bars.series) == 1
    assert cells_of(book, "Chart data")[1] == (datetime(2026, 3, 1, 21, 0), 1.5, 1.5)


def test_heat_map_is_coloured_and_blank_where_nothing_was_observed(tmp_path: Path):
    book = export(tmp_path, report_of(make_row()))

    sheet = book["Weekday and hour"]
    sunday = [cell.value for cell in sheet[10]]
    assert (sunday[0], sunday[22]) == ("Sun", 1.5)
    assert [value for value in sunday[1:] if value is not None] == [1.5]
    assert [str(area.sqref) for area in sheet.conditional_formatting] == ["B4:Y10"]


def test_summary_speaks_the_language_and_holds_numbers(tmp_path: Path):
    book = export(tmp_path, report_of(make_row(query="사람")), language="ko", title="주간 보고")

    rows = cells_of(book, "요약")
    assert rows[0][0] == "주간 보고"
    assert ("gate", "사람", 1.5, 3, NIGHT.replace(tzinfo=None)) in [row[:5] for row in rows]


def test_comparison_is_in_the_summary(tmp_path: Path):
    before = make_report(PERSON, NIGHT - timedelta(minutes=1), NIGHT, "1m", lambda *_: 1.0)

    book = export(tmp_path, report_of(make_row()), baseline=before)

    assert ("gate", "person", 1.5, 1, 0.5) in [row[:5] for row in cells_of(book, "Summary")]
