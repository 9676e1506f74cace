from dataclasses import replace
from pathlib import Path

import pytest

from ovd.services.reports.export import ReportExtras, export_report
from ovd.services.reports.export.front.removed import build_removed
from ovd.services.reports.export.front.shaping import fold_removed, name_queries
from ovd.services.reports.report import Report
from ovd.services.reports.summary import summarise
from ovd.texts.languages import Language
from ovd.texts.report import ENGLISH
from tests.services.report_builders import make_row, report_of


def removed_of(*queries: str) -> Report:
    """A report of one minute, of which some queries were removed."""
    rows = [make_row(query=query) for query in ("person", "car", "persn")]
    report = report_of(*rows, make_row(camera="door", query="persn"))
    counted = tuple(
        replace(entry, current=not (entry.key.camera == "gate" and entry.key.query in queries))
        for entry in report.counted
    )
    return replace(report, counted=counted)


def test_removed_query_stands_apart_where_its_camera_is_asked_others():
    summary = fold_removed(summarise(removed_of("persn")))

    assert [(entry.camera, entry.query) for entry in summary.series] == [
        ("gate", "person"),
        ("gate", "car"),
        ("door", "persn"),
    ]
    assert [entry.query for entry in summary.folded] == ["persn"]
    assert summary.coverage == 1.0


def test_queries_of_a_camera_that_is_asked_nothing_any_more_stay():
    assert fold_removed(summarise(removed_of("person", "car", "persn"))).folded == ()


def test_table_of_removed_queries_has_their_totals():
    table = build_removed(fold_removed(summarise(removed_of("persn"))), ENGLISH)

    assert table is not None
    assert table.title == "Removed queries (1)"
    assert [row[:2] for row in table.rows] == [("gate", "persn")]
    assert build_removed(summarise(removed_of()), ENGLISH) is None


def test_page_has_removed_queries_in_a_closed_part(tmp_path: Path):
    path = tmp_path / "report.html"

    export_report(removed_of("persn", "car"), path, "html", extras=ReportExtras())

    shown, _, folded = path.read_text(encoding="utf-8").partition("<details><summary>")
    assert folded.startswith("Removed queries (2)</summary>")
    assert "<td>car</td>" in folded
    assert "<td>car</td>" not in shown


@pytest.mark.parametrize(("language", "name"), [(Language.KO, "사람"), (Language.EN, "person")])
def test_queries_have_their_names_in_the_language_of_the_report(language: Language, name: str):
    summary = name_queries(fold_removed(summarise(removed_of())), language)

    assert name in summary.queries


def test_two_readings_of_one_name_stay_two():
    rows = [make_row(query=query) for query in ("person", "사람")]

    summary = name_queries(summarise(report_of(*rows)), Language.KO)

    assert sorted(summary.queries) == ["person", "사람"]
