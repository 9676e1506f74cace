from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.services.reports.summary import MAX_POINTS, choose_step_s, merge_points, summarise
from tests.services.report_builders import NIGHT, SEOUL, UNSEEN, make_report, make_row, report_of

BERLIN = ZoneInfo("Europe/Berlin")
PERSON = (("gate", "person"),)


def test_totals_weigh_means_by_counted_frames_and_skip_what_was_not_seen():
    report = report_of(make_row(0, mean_count=1.0, max_count=2), UNSEEN, make_row(2, mean_count=4))

    (series,) = summarise(report).series

    assert (series.totals.mean_count, series.totals.max_count) == (2.5, 3)
    assert (series.totals.samples, series.totals.observed_s) == (1200, 120.0)
    assert series.totals.coverage == pytest.approx(2 / 3, abs=1e-6)


def test_series_that_was_never_observed_has_no_counts_in_its_summary():
    (series,) = summarise(report_of(UNSEEN)).series

    assert (series.totals.mean_count, series.totals.max_count, series.peak_at) == (None,) * 3
    assert [point.totals.mean_count for point in series.points] == [None]
    assert all(cell is None for day in series.heatmap for cell in day)


def test_zero_is_a_count_and_not_missing():
    (series,) = summarise(report_of(make_row(mean_count=0.0, max_count=0))).series

    assert (series.totals.mean_count, series.totals.max_count, series.peak_at) == (0.0, 0, NIGHT)
    assert series.heatmap[6][21] == 0.0


def test_peak_is_the_first_bucket_with_the_highest_count():
    rows = [make_row(minute, max_count=most) for minute, most in enumerate((1, 5, 2, 5))]

    (series,) = summarise(report_of(*rows)).series

    assert series.peak_at == NIGHT + timedelta(minutes=1)


def test_queries_are_ranked_by_the_sum_of_their_means_at_all_cameras():
    report = report_of(
        make_row(camera="door", query="car", mean_count=2.0, max_count=9),
        make_row(camera="door", query="person", mean_count=1.5),
        make_row(camera="gate", query="cat", mean_count=None, max_count=None),
        make_row(camera="gate", query="person", mean_count=1.0),
    )

    first, second, third = summarise(report).ranking()

    assert (first.query, first.mean_count, first.cameras) == ("person", 2.5, 2)
    assert (second.query, second.mean_count, second.max_count) == ("car", 2.0, 9)
    assert (third.query, third.mean_count, third.cameras) == ("cat", None, 0)


def test_heat_follows_the_local_weekday_and_hour():
    monday = datetime(2026, 3, 2, 0, 30, tzinfo=SEOUL)
    report = make_report(PERSON, monday, monday + timedelta(days=14), "15m", lambda _, at: at.hour)

    (series,) = summarise(report).series

    assert [day[9] for day in series.heatmap] == [9.0] * 7
    assert series.heatmap[0] == tuple(float(hour) for hour in range(24))


def test_heat_leaves_out_the_hour_that_clocks_skip():
    sunday = datetime(2026, 3, 29, tzinfo=BERLIN)
    report = make_report(PERSON, sunday, datetime(2026, 3, 30, tzinfo=BERLIN), "1h", lambda *_: 1.0)

    (series,) = summarise(report).series

    assert [hour for hour in range(24) if series.heatmap[6][hour] is None] == [2]


def test_report_by_day_has_a_heat_map_by_the_hour():
    monday = datetime(2026, 3, 2, tzinfo=SEOUL)
    report = make_report(PERSON, monday, monday + timedelta(days=7), "1d", lambda _, at: at.hour)

    summary = summarise(report)

    assert summary.series[0].heatmap[0][7] == 7.0
    assert (summary.rows, summary.series[0].totals.mean_count) == (7, 0.0)


def test_points_cover_the_whole_report_however_long_it_is():
    start = datetime(2026, 3, 2, tzinfo=SEOUL)
    end = start + timedelta(days=5)
    report = make_report(PERSON, start, end, "1m", lambda _, at: float(at.hour))

    summary = summarise(report)

    points = summary.series[0].points
    assert (summary.step_s, len(points)) == (900, 480)
    assert len(points) <= MAX_POINTS
    assert (points[0].start_at, points[-1].end_at) == (start, end)
    assert [p.end_at for p in points[:-1]] == [p.start_at for p in points[1:]]
    assert sum(point.totals.samples for point in points) == summary.series[0].totals.samples


def test_a_repeated_hour_stays_two_points_and_its_day_has_25_hours():
    start, end = (datetime(2026, 10, day, tzinfo=BERLIN) for day in (25, 26))
    report = make_report(PERSON, start, end, "15m", lambda _, at: float(at.fold))

    (series,) = summarise(report).series
    hours = merge_points(series.points, 3600)

    assert len(hours) == 25
    assert [point.totals.mean_count for point in hours[1:5]] == [0.0, 0.0, 1.0, 0.0]
    (day,) = merge_points(series.points, 86400)
    assert (day.totals.observed_s, day.totals.coverage) == (25 * 3600.0, 1.0)


def test_merged_days_start_at_local_midnight_though_the_report_does_not():
    start = datetime(2026, 3, 2, 18, tzinfo=SEOUL)
    report = make_report(PERSON, start, start + timedelta(days=2), "1h", lambda *_: 1.0)

    days = merge_points(summarise(report).series[0].points, 86400)

    assert [(day.start_at.day, day.start_at.hour) for day in days] == [(2, 18), (3, 0), (4, 0)]


def test_crossings_are_absent_until_something_is_tracked():
    assert summarise(report_of(make_row())).has_crossings is False


@pytest.mark.parametrize(
    ("length_s", "shortest_s", "at_most", "expected"),
    [
        (60, 1, 600, 1),
        (3600, 60, 600, 60),
        (86400, 1, 600, 300),
        (30 * 86400, 60, 600, 7200),
        (30 * 86400, 86400, 10, 7 * 86400),
        (300 * 365 * 86400, 1, 10, 364 * 86400),
    ],
)
def test_steps_are_common_intervals(length_s: int, shortest_s: int, at_most: int, expected: int):
    assert choose_step_s(length_s, shortest_s, at_most) == expected


def test_summary_says_what_it_covers():
    end = NIGHT + timedelta(minutes=2)
    summary = summarise(report_of(make_row(), UNSEEN, make_row(camera="a", query="b")))

    assert (summary.start_at, summary.end_at) == (NIGHT, end)
    assert (summary.cameras, summary.queries) == (("gate", "a"), ("b", "person"))
    assert (summary.tz, summary.bucket, summary.rows) == ("Asia/Seoul", "1m", 3)
    assert summary.coverage == 0.75
    assert summary.start_at.astimezone(UTC).hour == 12


def test_camera_is_observed_while_any_of_its_queries_is_counted():
    minutes = range(10)
    person = [make_row(minute, query="person") for minute in minutes]
    typo = [
        make_row(minute, query="persn", mean_count=9.0 if minute == 0 else None)
        for minute in minutes
    ]

    assert summarise(report_of(*typo, *person)).coverage == 1.0


def test_query_that_was_asked_for_a_moment_only_makes_no_headline():
    minutes = range(10)
    person = [make_row(minute, query="person", mean_count=1.0) for minute in minutes]
    typo = [
        make_row(minute, query="persn", mean_count=9.0 if minute == 0 else None)
        for minute in minutes
    ]
    never = [make_row(minute, query="unicorn", mean_count=None) for minute in minutes]

    summary = summarise(report_of(*typo, *person, *never))

    assert [total.query for total in summary.lasting()] == ["person"]
    assert [total.query for total in summary.ranking()] == ["persn", "person", "unicorn"]
