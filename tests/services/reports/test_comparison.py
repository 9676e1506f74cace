from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.services.reports.comparison import Comparison, request_previous
from ovd.services.reports.report import ReportRequest
from ovd.services.reports.summary import summarise
from tests.services.report_builders import NIGHT, make_report, make_row, report_of

BERLIN = ZoneInfo("Europe/Berlin")


def compare(*now, before):
    return Comparison(summarise(report_of(*now)), summarise(report_of(*before)))


def test_periods_are_compared_by_camera_and_query():
    comparison = compare(
        make_row(camera="door", mean_count=3.0),
        make_row(camera="gate", mean_count=1.0),
        before=[make_row(camera="door", mean_count=2.0), make_row(camera="gate", mean_count=4.0)],
    )

    pairs = comparison.pairs()

    assert not comparison.compares_cameras
    assert [(pair.camera, pair.change) for pair in pairs] == [("door", 0.5), ("gate", -0.75)]


def test_two_cameras_are_compared_by_query():
    comparison = compare(
        make_row(camera="gate", mean_count=3.0), before=[make_row(camera="door", mean_count=2.0)]
    )

    (pair,) = comparison.pairs()

    assert comparison.compares_cameras
    assert (pair.camera, pair.query, pair.change) == ("gate", "person", 0.5)


def test_what_only_one_side_has_is_kept_without_a_change():
    pairs = compare(make_row(query="car"), before=[make_row(query="person")]).pairs()

    assert [(p.query, p.current is None, p.baseline is None, p.change) for p in pairs] == [
        ("car", False, True, None),
        ("person", True, False, None),
    ]


@pytest.mark.parametrize("before", [0.0, None])
def test_there_is_no_change_from_nothing(before: float | None):
    (pair,) = compare(make_row(), before=[make_row(mean_count=before, max_count=0)]).pairs()

    assert pair.change is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-29", "2026-03-30", "2026-03-28T00:00:00+01:00"),
        ("2026-03-30", "2026-04-06", "2026-03-23T00:00:00+01:00"),
        ("2026-03-29T12:00", "2026-03-29T18:00", "2026-03-29T06:00:00+02:00"),
        ("2026-03-29T01:00", "2026-03-29T04:00", "2026-03-28T23:00:00+01:00"),
    ],
)
def test_previous_period_is_as_long_by_the_clock_of_the_report(start, end, expected):
    start_at, end_at = (
        datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (start, end)
    )
    report = make_report((("gate", "person"),), start_at, end_at, "1h", lambda *_: 1.0)

    request = request_previous(ReportRequest(cameras=("gate",), bucket="1h"), report)

    assert request.start_at is not None
    assert request.start_at.astimezone(BERLIN).isoformat() == expected
    assert (request.end_at, request.cameras) == (start_at, ("gate",))


def test_previous_period_of_a_report_over_all_counts_is_before_them():
    report = report_of(make_row(0), make_row(1))

    request = request_previous(ReportRequest(), report)

    assert (request.start_at, request.end_at) == (NIGHT - timedelta(minutes=2), NIGHT)
