from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ovd.services.reports.comparison import Comparison
from ovd.services.reports.export.front.highlights import build_highlights
from ovd.services.reports.export.front.overview import build_overview
from ovd.services.reports.summary import ReportSummary, summarise
from ovd.texts.report import ENGLISH, KOREAN
from tests.services.report_builders import SEOUL, make_report

MONDAY = datetime(2026, 3, 2, tzinfo=SEOUL)


def make_summary(*queries: str, days: int = 1, cameras: tuple[str, ...] = ("gate",)):
    """A report by the hour that counts most between 14 and 15 o'clock on its last day."""
    end_at = MONDAY + timedelta(days=days)

    def count(number: int, at: datetime) -> float:
        is_busy = at.hour == 14 and at >= end_at - timedelta(days=1)
        return 8.25 - number if is_busy else 1.0

    series = tuple((camera, query) for camera in cameras for query in queries)
    return summarise(make_report(series, MONDAY, end_at, "1h", count))


def with_movement(
    summary: ReportSummary, unique: int | None = None, crossed: tuple[int, int] | None = None
) -> ReportSummary:
    crossed_in, crossed_out = crossed or (None, None)
    series = tuple(
        replace(
            entry,
            unique=unique,
            totals=replace(entry.totals, crossed_in=crossed_in, crossed_out=crossed_out),
        )
        for entry in summary.series
    )
    return replace(summary, series=series)


def with_observed(summary: ReportSummary, share: float) -> ReportSummary:
    series = tuple(
        replace(e, totals=replace(e.totals, observed_s=e.totals.observed_s * share))
        for e in summary.series
    )
    return replace(summary, series=series)


def test_number_is_of_crossings_where_there_is_a_line():
    summary = with_movement(make_summary("person"), unique=19, crossed=(12, 9))

    count = build_highlights(summary, None, ENGLISH)[0]

    assert (count.name, count.value) == ("person · came in", "12")
    assert count.detail == "Out 9 · most at once 9"


def test_number_is_of_different_objects_without_a_line():
    count = build_highlights(with_movement(make_summary("person"), unique=19), None, KOREAN)[0]

    assert (count.name, count.value) == ("person · 서로 다른 수", "19")


def test_number_is_the_most_at_once_where_nothing_was_followed():
    count = build_highlights(make_summary("person"), None, ENGLISH)[0]

    assert (count.name, count.value) == ("person · most at once", "9")
    assert count.detail == "2026-03-02 14:00"


@pytest.mark.parametrize(
    ("days", "told"), [(1, "14:00\N{EN DASH}15:00"), (3, "Wed 14:00\N{EN DASH}15:00")]
)
def test_busiest_hour_has_its_day_where_there_are_several(days: int, told: str):
    busiest = build_highlights(make_summary("person", days=days), None, ENGLISH)[1]

    assert (busiest.name, busiest.value) == ("Busiest hour", told)
    assert busiest.detail == "person: about 8.25 at once"


def test_change_is_told_of_the_same_number():
    now = with_movement(make_summary("person"), crossed=(12, 9))
    before = with_movement(make_summary("person"), crossed=(10, 9))

    change = build_highlights(now, Comparison(now, before), ENGLISH)[2]

    assert (change.name, change.value) == ("Change from the period before", "+20.0%")
    assert change.detail == "came in: 12, before 10 · per observed hour"


def test_change_of_a_period_that_was_half_observed_is_per_observed_hour():
    now = with_movement(make_summary("person"), unique=10)
    before = with_observed(with_movement(make_summary("person"), unique=5), 0.5)

    change = build_highlights(now, Comparison(now, before), ENGLISH)[2]

    assert change.value == "+0.0%"


def test_change_from_what_was_not_counted_is_told_in_words():
    now = make_summary("person")

    change = build_highlights(now, Comparison(now, make_summary("car")), ENGLISH)[2]

    assert (change.value, change.detail) == ("\N{EN DASH}", "not observed before")


def test_what_was_not_counted_is_no_highlight():
    nothing = summarise(
        make_report(
            (("gate", "person"),), MONDAY, MONDAY + timedelta(days=1), "1h", lambda *_: None
        )
    )

    (coverage,) = build_highlights(nothing, None, ENGLISH)

    assert coverage.value == "0.0%"


def test_overview_has_no_means_of_frames():
    now = with_movement(make_summary("person", "car"), unique=4)

    table = build_overview(now, Comparison(now, now), ENGLISH)

    titles = [column.title for column in table.columns]
    assert titles == ["Query", "Different", "Highest", "Busiest hour", "Change", "Coverage"]
    assert table.rows[0] == ("person", 4, 9, "14:00\N{EN DASH}15:00", 0.0, 1.0)


def test_overview_names_cameras_where_there_are_several_and_says_what_is_left_out():
    summary = make_summary(*(f"query {number}" for number in range(10)), cameras=("gate", "door"))

    table = build_overview(summary, None, ENGLISH)

    assert table.columns[1].title == "Camera"
    assert len(table.rows) == 12
    assert table.note.startswith("12 of 20 are shown")
