"""Zones in the files for people, from what a real database holds."""

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from ovd.domain.events import ZoneEventKind
from ovd.domain.zones import LineZone
from ovd.services.reports.export import ReportExtras, export_report
from ovd.services.reports.export.tables import Table, format_cell
from ovd.services.reports.export.zone_tables import build_zone_tables
from ovd.services.reports.summary import summarise
from ovd.texts.report import ENGLISH
from tests.services.zone_scenes import DOOR, HALL, ZoneScene, tell_a_day
from tests.store.databases import make_empty, make_url, open_store

FOR_PEOPLE = ("html", "pdf", "xlsx")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[ZoneScene]:
    url = make_url(make_empty(tmp_path / "ovd.db"))
    with open_store(url, flush_interval_s=0.01) as store:
        yield ZoneScene(store)


def export(scene: ZoneScene, folder: Path, format_name: str, language: str = "en") -> Path:
    path = folder / f"report.{format_name}"
    export_report(scene.report(), path, format_name, extras=ReportExtras(language=language))
    return path


def texts_in(path: Path) -> str:
    """All that a file shows, its white space made single."""
    if path.suffix == ".pdf":
        shown = " ".join(page.extract_text() for page in PdfReader(path).pages)
    elif path.suffix == ".xlsx":
        shown = " ".join(
            str(cell.value) for row in load_workbook(path).worksheets[0] for cell in row
        )
    else:
        shown = path.read_text(encoding="utf-8").rpartition("</script>")[0]
        shown = shown.replace("<", " <").replace(">", "> ")
    return " ".join(shown.split())


def seconds_of(length: timedelta | time) -> float:
    """A length of time as openpyxl reads it."""
    if isinstance(length, time):
        length = timedelta(
            hours=length.hour,
            minutes=length.minute,
            seconds=length.second,
            microseconds=length.microsecond,
        )
    return round(length.total_seconds(), 3)


def shown(table: Table) -> list[list[str]]:
    kinds = [column.kind for column in table.columns]
    return [
        [format_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)]
        for row in table.rows
    ]


def test_tables_hold_zone_events_and_occupancy(scene):
    tell_a_day(scene)

    event_counts, visits = build_zone_tables(summarise(scene.report()), ENGLISH)

    assert shown(event_counts) == [
        ["gate", "person", "door", "Line", "3", "1", "2", "0:01:40"],
        ["gate", "person", "hall", "Area", "5", "4", "1", "0:01:40"],
    ]
    assert shown(visits) == [["gate", "person", "hall", "1.14", "3", "0:00:08.5", "0:00:06.0", "1"]]
    assert "not seen to end are left out" in visits.note


def test_unknown_dwell_is_an_empty_cell(scene):
    scene.watch(0, 100, HALL)
    scene.visit(1, 40, None)

    _, visits = build_zone_tables(summarise(scene.report()), ENGLISH)

    assert shown(visits) == [["gate", "person", "hall", "0.60", "1", "", "", "1"]]


def test_lines_alone_have_no_table_of_visits(scene):
    scene.watch(0, 100, DOOR)

    (event_counts,) = build_zone_tables(summarise(scene.report()), ENGLISH)

    assert shown(event_counts) == [["gate", "person", "door", "Line", "0", "0", "0", "0:01:40"]]


def test_moved_zones_are_named(scene):
    moved = LineZone("door", ((0.2, 0.6), (0.9, 0.6)))
    scene.watch(0, 40, DOOR)
    scene.set_zones(moved)
    scene.watch(50, 90, moved, run=scene.start_run())

    (event_counts,) = build_zone_tables(summarise(scene.report()), ENGLISH)

    assert event_counts.note.endswith("told as one: door (gate).")


def test_page_shows_the_zones(scene, tmp_path: Path):
    tell_a_day(scene)

    text = texts_in(export(scene, tmp_path, "html"))

    row = " ".join(f"<td class=n> {n} </td>" for n in ("3", "1", "2", "0:01:40"))
    assert f"<td> door </td> <td> Line </td> {row}" in text
    row = " ".join(f"<td class=n> {n} </td>" for n in ("1.14", "3", "0:00:08.5", "0:00:06.0", "1"))
    assert f"<td> hall </td> {row}" in text


def test_printed_report_shows_the_zones(scene, tmp_path: Path):
    tell_a_day(scene)

    text = texts_in(export(scene, tmp_path, "pdf"))

    assert "door Line 3 1 2 0:01:40" in text
    assert "hall Area 5 4 1 0:01:40" in text
    assert "hall 1.14 3 0:00:08.5 0:00:06.0 1" in text


def test_printed_headings_of_many_columns_stay_whole(scene, tmp_path: Path):
    scene.watch(0, 100, DOOR)

    text = texts_in(export(scene, tmp_path, "pdf"))

    assert "Observed Coverage Different In Out" in text


def test_workbook_holds_the_zones_as_numbers(scene, tmp_path: Path):
    tell_a_day(scene)

    sheet = load_workbook(export(scene, tmp_path, "xlsx")).worksheets[0]

    rows = [row for row in sheet.iter_rows() if row[2].value in ("door", "hall")]
    values = [[cell.value for cell in row[3:8]] for row in rows]
    assert values[0][:4] == ["Line", 3, 1, 2]
    assert values[1][:4] == ["Area", 5, 4, 1]
    assert values[2][:2] == [1.14, 3]
    assert values[2][4] == 1
    lengths = [rows[0][7], rows[2][5], rows[2][6]]
    assert [seconds_of(cell.value) for cell in lengths] == [100, 8.5, 6]
    assert [cell.number_format for cell in lengths] == ["[h]:mm:ss", "[h]:mm:ss.0", "[h]:mm:ss.0"]


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_zone_tables_are_in_korean(scene, tmp_path: Path, format_name: str):
    tell_a_day(scene)

    text = texts_in(export(scene, tmp_path, format_name, "ko"))

    assert "영역의 점유와 체류" in text
    assert "지켜보지 않은 구역은 표에 없습니다" in text


@pytest.mark.parametrize("format_name", FOR_PEOPLE)
def test_without_an_observed_zone_there_is_no_zone_table(scene, tmp_path: Path, format_name: str):
    scene.watch(0, 100)
    scene.cross(1, 5, ZoneEventKind.IN)

    text = texts_in(export(scene, tmp_path, format_name))

    assert "Totals" in text
    assert "Watched" not in text
    assert "Occupancy" not in text


@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_rows_for_programs_are_those_of_the_contract(scene, tmp_path: Path, format_name: str):
    tell_a_day(scene)

    assert "hall" not in export(scene, tmp_path, format_name).read_text(encoding="utf-8")
