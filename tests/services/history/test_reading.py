from datetime import timedelta
from pathlib import Path

import pytest

from ovd.errors import CameraError, InputError
from ovd.services.history.reading import Baseline, HistoryRequest, read_history
from ovd.services.reports.buckets import Interval
from ovd.services.reports.report import ReportService
from tests.builders import START, make_frame, make_result
from tests.store.databases import make_empty, make_url, open_store

HOUR = timedelta(hours=1)
NOON = Interval(START, START + HOUR)


@pytest.fixture
def store(tmp_path: Path):
    with open_store(make_url(make_empty(tmp_path / "counts.db"))) as store:
        yield store


@pytest.fixture
def reports(store) -> ReportService:
    """A camera that counted two persons each ten minutes of two hours, and a car in the first."""
    run = store.runs.start(store.cameras.record("gate", "gate.mp4"), "fake", "", START - HOUR)
    for index in range(12):
        frame = make_frame(index, time_s=600.0 * index - 3600.0)
        counts = {"person": 2 + index // 6} | ({"car": 1} if index < 6 else {})
        store.counts.add_result(run, make_result(frame, counts, observed_s=600.0))
    store.flush()
    return ReportService(store)


def test_history_has_a_row_per_bucket_and_leaves_out_what_was_not_counted_in_it(reports):
    history = read_history(reports, HistoryRequest("gate", NOON, "UTC"))

    (person,) = history.series
    assert (history.bucket, person.query, len(person.rows)) == ("1m", "person", 60)
    assert [row.mean_count for row in person.rows[:11]] == [3, *[None] * 9, 3]
    assert person.summary.totals.mean_count == 3


def test_history_is_compared_with_the_time_before(reports):
    request = HistoryRequest("gate", NOON, "UTC", Baseline.PREVIOUS)

    baseline = read_history(reports, request).baseline

    assert baseline is not None
    assert baseline.interval == (START - HOUR, START)
    assert {s.query: s.summary.totals.mean_count for s in baseline.series} == {
        "person": 2,
        "car": 1,
    }


def test_time_without_counts_is_no_baseline(reports):
    assert (
        read_history(reports, HistoryRequest("gate", NOON, "UTC", Baseline.WEEK)).baseline is None
    )


def test_history_is_compared_with_another_camera_at_the_same_time(store, reports):
    run = store.runs.start(store.cameras.record("door", "door.mp4"), "fake", "", START)
    frame = make_frame(0, time_s=60.0)
    store.counts.add_result(run, make_result(frame, {"person": 7}, observed_s=600.0))
    store.cameras.record("new", "new.mp4")
    store.flush()

    door, new = (
        read_history(reports, HistoryRequest("gate", NOON, "UTC", Baseline.CAMERA, name)).baseline
        for name in ("door", "new")
    )

    assert door is not None
    assert door.series[0].summary.totals.mean_count == 7
    assert new is None


def test_camera_that_was_removed_keeps_its_history(store, reports):
    store.cameras.remove("gate")

    assert read_history(reports, HistoryRequest("gate", NOON, "UTC")).series


def test_time_without_counts_has_no_series(reports):
    later = Interval(START + 5 * HOUR, START + 6 * HOUR)

    assert read_history(reports, HistoryRequest("gate", later, "UTC")).series == ()


def test_unknown_camera_is_refused(reports):
    with pytest.raises(CameraError, match="unknown camera 'yard'"):
        read_history(reports, HistoryRequest("yard", NOON, "UTC"))


def test_camera_that_never_counted_is_refused(store, reports):
    store.cameras.record("yard", "yard.mp4")

    with pytest.raises(InputError, match="nothing was ever counted"):
        read_history(reports, HistoryRequest("yard", NOON, "UTC"))
