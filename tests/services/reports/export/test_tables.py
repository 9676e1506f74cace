from datetime import datetime, timedelta

import pytest

from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.series import MANY_CAMERAS, chart_series, query_bars
from ovd.services.reports.export.tables import build_highlights
from ovd.services.reports.summary import ReportSummary, summarise
from ovd.texts.report import ENGLISH, KOREAN
from tests.services.report_builders import SEOUL, make_report

MONDAY = datetime(2026, 3, 2, tzinfo=SEOUL)


def summarise_made(
    means: dict[str, float | None], cameras: tuple[str, ...] = ("gate",), days: float = 1
) -> ReportSummary:
    """A report by the hour whose counts never change."""
    series = tuple((camera, query) for camera in cameras for query in means)
    wanted = [means[query] for _, query in series]
    end_at = MONDAY + timedelta(days=days)
    return summarise(make_report(series, MONDAY, end_at, "1h", lambda number, _: wanted[number]))


def test_highlights_are_the_most_seen_queries_and_the_coverage():
    summary = summarise_made({"bus": 0.5, "car": 3.0, "person": 8.25, "tram": 0.1, "zebra": None})

    highlights = build_highlights(summary, None, ENGLISH)

    assert [(entry.name, entry.value) for entry in highlights] == [
        ("person", "8.25"),
        ("car", "3.00"),
        ("bus", "0.50"),
        ("Coverage", "80.0%"),
    ]
    assert highlights[0].detail == "Mean · Highest 9"


def test_highlights_tell_the_change_where_there_was_something_before():
    now, before = summarise_made({"car": 3.0, "person": 5.0}), summarise_made({"person": 4.0})

    person, car, _ = build_highlights(now, Comparison(now, before), KOREAN)

    assert person.detail == "평균 · 최대 6 · 변화 +25.0%"
    assert car.detail == "평균 · 최대 4"


def test_what_was_not_counted_is_no_highlight():
    (coverage,) = build_highlights(summarise_made({"person": None}), None, ENGLISH)

    assert coverage.value == "0.0%"


@pytest.mark.parametrize(("days", "told_apart"), [(1, False), (1.5, True), (7, True)])
def test_weekdays_are_told_apart_in_reports_longer_than_a_day(days: float, told_apart: bool):
    assert summarise_made({"person": 1.0}, days=days).has_weekdays is told_apart


def test_bars_have_the_colours_of_the_lines_only_where_each_query_has_one():
    one = summarise_made({"car": 3.0, "person": 5.0})
    two = summarise_made({"car": 3.0, "person": 5.0}, cameras=("door", "gate"))

    lines = {line.name: line.colour for line in chart_series(one)}
    assert {bar.name: bar.colour for bar in query_bars(one, None)} == lines
    assert {bar.colour for bar in query_bars(two, None)} == {MANY_CAMERAS}
