"""Queries that read the same are one series, whatever was typed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ovd.domain.events import CountEvent, QueryCount, ZoneEventKind
from ovd.domain.query import Query
from ovd.domain.records import TrackSummary
from ovd.domain.zones import LineZone
from ovd.services.reports.report import Report, ReportRequest, ReportService
from ovd.services.reports.summary import summarise
from ovd.store import SqlStore
from tests.builders import START, make_frame, make_query, make_result
from tests.store.databases import make_empty, make_url, open_store

DOOR = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
BOX = (0.0, 0.0, 1.0, 1.0)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def read_as(reading: str, typed: str) -> Query:
    return replace(make_query(typed), read_as=reading, prompts=(reading,))


PERSON = make_query("person")
SARAM = read_as("person", "사람")
TYPO = read_as("person", "persn")


class Scene:
    """One run at the camera gate."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.camera = store.cameras.record("gate", "gate.mp4")
        self.run = store.runs.start(self.camera, "fake", "", START)
        store.zones.replace(self.camera, [DOOR])
        self._frames = 0

    def count(self, moments: range, counts: dict[Query, int], observed_s: float = 1.0) -> None:
        for second in moments:
            frame = replace(make_frame(self._frames, camera="gate"), captured_at=at(second))
            self._frames += 1
            result = make_result(frame, {query.text: n for query, n in counts.items()}, observed_s)
            entries = tuple(QueryCount(query, n, 0.9 if n else 0.0) for query, n in counts.items())
            self.store.counts.add_result(self.run, replace(result, counts=entries))

    def follow(self, query: Query, track_id: int, first_s: float, last_s: float) -> None:
        track = TrackSummary(track_id, at(first_s), at(last_s), 0.9, BOX)
        self.store.counts.add_track(self.run, query, track)
        self.store.zones.add_tracked_interval(self.run, query, [DOOR], at(first_s), at(last_s))

    def cross(self, query: Query, track_id: int, second: float) -> None:
        event = CountEvent(DOOR, query.text, track_id, ZoneEventKind.IN, 0, at(second), 0.5, BOX)
        self.store.zones.add_event(self.run, query, event)

    def report(self, **fields: object) -> Report:
        self.store.flush()
        return ReportService(self.store).build(ReportRequest(**fields))  # type: ignore[arg-type]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    store = open_store(make_url(make_empty(tmp_path / "ovd.db")))
    yield Scene(store)
    store.close()


def test_typed_forms_of_a_reading_are_one_series_that_lists_them(scene: Scene):
    scene.count(range(10), {PERSON: 2, SARAM: 2})

    [row] = scene.report(bucket="1h")

    assert (row.query, row.typed) == ("person", ("person", "사람"))


def test_overlapping_forms_give_the_one_with_more_samples_never_the_sum(scene: Scene):
    scene.count(range(10), {SARAM: 2})
    scene.count(range(10, 40), {PERSON: 6, SARAM: 2})

    [row] = scene.report(bucket="1h")

    assert (row.samples, row.max_count, row.mean_count) == (40, 2, 2.0)


def test_forms_that_follow_each_other_add_up(scene: Scene):
    scene.count(range(60), {TYPO: 1})
    scene.count(range(120, 180), {PERSON: 3})

    [row] = scene.report(bucket="1h")

    assert (row.samples, row.mean_count, row.max_count) == (120, 2.0, 3)


def test_different_objects_of_overlapping_forms_count_once(scene: Scene):
    scene.count(range(60), {PERSON: 1, SARAM: 1})
    scene.follow(PERSON, 1, 0, 50)
    scene.follow(SARAM, 2, 0, 50)
    scene.cross(PERSON, 1, 30)
    scene.cross(SARAM, 2, 30)

    summary = summarise(scene.report(bucket="1m"))

    [series] = summary.series
    assert (series.unique, series.totals.crossed_in) == (1, 1)
    assert [zone.count_in for zone in summary.zones] == [1]


def test_objects_and_crossings_of_forms_that_follow_each_other_add_up(scene: Scene):
    scene.count(range(60), {TYPO: 1})
    scene.count(range(120, 180), {PERSON: 1})
    for query, track_id, second in ((TYPO, 1, 10), (PERSON, 2, 130)):
        scene.follow(query, track_id, second, second + 40)
        scene.cross(query, track_id, second + 20)

    summary = summarise(scene.report(bucket="1m"))

    [series] = summary.series
    assert (series.unique, series.totals.crossed_in) == (2, 2)
    assert [zone.count_in for zone in summary.zones] == [2]


@pytest.mark.parametrize("asked", ["person", "사람", "Persn"])
def test_reading_and_typed_forms_are_accepted_as_filters(scene: Scene, asked: str):
    scene.count(range(10), {PERSON: 2, SARAM: 2, TYPO: 2, make_query("car"): 1})

    report = scene.report(bucket="1h", queries=(asked,))

    assert [series.query for series in report.series] == ["person"]


def test_series_come_in_the_order_of_their_readings(scene: Scene):
    car, dog = read_as("car", "자동차"), read_as("dog", "개")
    scene.count(range(5), {SARAM: 1, car: 2, dog: 3, make_query("bench"): 4})

    rows = list(scene.report(bucket="1h"))

    assert [(row.query, row.max_count) for row in rows] == [
        ("bench", 4),
        ("car", 2),
        ("dog", 3),
        ("person", 1),
    ]


def test_columns_tell_typed_forms_only_where_they_differ(scene: Scene):
    scene.count(range(5), {PERSON: 1})
    assert "typed" not in scene.report(bucket="1h").columns()

    scene.count(range(5, 9), {SARAM: 1})
    report = scene.report(bucket="1h")

    assert report.columns()[-1] == "typed"
    assert [row.chosen(("query", "typed")) for row in report] == [["person", "person, 사람"]]


def test_query_that_was_not_counted_in_the_time_is_left_out(scene: Scene):
    scene.count(range(5), {make_query("tkfka"): 6})
    scene.count(range(7200, 7260), {PERSON: 1})

    report = scene.report(bucket="1m", start_at=at(7200), end_at=at(7260))

    assert [series.query for series in report.series] == ["person"]


def test_camera_that_was_not_observed_keeps_the_rows_of_what_it_was_asked_last(scene: Scene):
    scene.count(range(5), {make_query("tkfka"): 6})
    scene.count(range(60, 90), {PERSON: 1})

    [row] = scene.report(bucket="1h", start_at=at(7200), end_at=at(10800))

    assert (row.query, row.mean_count, row.coverage) == ("person", None, 0.0)


def test_coverage_of_a_query_is_of_the_time_it_was_asked(scene: Scene):
    scene.count(range(600), {PERSON: 1})
    scene.count(range(600, 660), {PERSON: 1, make_query("car"): 2})

    summary = summarise(scene.report(bucket="1m"))

    shares = {series.query: series.totals.coverage for series in summary.series}
    assert shares == {"car": 1.0, "person": 1.0}
    assert summary.coverage == 1.0


def test_coverage_of_a_camera_is_of_all_its_queries_together(scene: Scene):
    scene.count(range(300), {make_query("car"): 1})
    scene.count(range(300, 600), {PERSON: 1})

    assert summarise(scene.report(bucket="1m")).coverage == 1.0
