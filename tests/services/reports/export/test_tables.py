from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ovd.services.reports.export.series import MANY_CAMERAS, chart_series, query_bars
from ovd.services.reports.export.tables import build_points, build_totals
from ovd.services.reports.summary import ReportSummary, summarise
from ovd.texts.report import ENGLISH, KOREAN
from tests.services.report_builders import SEOUL, make_report, make_row, report_of

MONDAY = datetime(2026, 3, 2, tzinfo=SEOUL)


def summarise_made(
    means: dict[str, float | None], cameras: tuple[str, ...] = ("gate",), days: float = 1
) -> ReportSummary:
    """A report by the hour whose counts never change."""
    series = tuple((camera, query) for camera in cameras for query in means)
    wanted = [means[query] for _, query in series]
    end_at = MONDAY + timedelta(days=days)
    return summarise(make_report(series, MONDAY, end_at, "1h", lambda number, _: wanted[number]))


@pytest.mark.parametrize(("days", "told_apart"), [(1, False), (1.5, True), (7, True)])
def test_weekdays_are_told_apart_in_reports_longer_than_a_day(days: float, told_apart: bool):
    assert summarise_made({"person": 1.0}, days=days).has_weekdays is told_apart


def test_bars_have_the_colours_of_the_lines_only_where_each_query_has_one():
    one = summarise_made({"car": 3.0, "person": 5.0})
    two = summarise_made({"car": 3.0, "person": 5.0}, cameras=("door", "gate"))

    lines = {line.name: line.colour for line in chart_series(one)}
    assert {bar.name: bar.colour for bar in query_bars(one, None)} == lines
    assert {bar.colour for bar in query_bars(two, None)} == {MANY_CAMERAS}


def unjudged_summary() -> ReportSummary:
    rows = (
        replace(make_row(0), mean_pending=0.5, mean_unknown=2.0),
        replace(make_row(1), mean_pending=0.0, mean_unknown=1.0),
    )
    return summarise(report_of(*rows))


def test_totals_have_columns_of_what_was_not_judged_where_there_is_some():
    table = build_totals(unjudged_summary(), ENGLISH)

    assert [column.title for column in table.columns[-2:]] == ["Not judged yet", "Cannot be judged"]
    assert table.rows[0][-2:] == (0.25, 1.5)
    assert "may match too" in table.note


def test_points_have_columns_of_what_was_not_judged_where_there_is_some():
    table = build_points(unjudged_summary(), KOREAN, 100)

    assert [row[-2:] for row in table.rows] == [(0.5, 2.0), (0.0, 1.0)]


def test_tables_have_no_such_columns_where_everything_was_judged():
    summary = summarise_made({"person": 1.0})

    for table in (build_totals(summary, ENGLISH), build_points(summary, ENGLISH, 100)):
        assert ENGLISH.unknown not in [column.title for column in table.columns]
        assert {len(row) for row in table.rows} == {len(table.columns)}
