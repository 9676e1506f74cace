from datetime import timedelta
from itertools import pairwise

import pytest

from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.records import CountSelection, TrackSummary
from ovd.domain.zones import LineZone, PolygonZone
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.services.reports.summary import summarise
from ovd.services.reports.uniques import UNKNOWN, Movement, Movements
from tests.builders import START, make_frame, make_query, make_result
from tests.fakes import MemoryStore

LINE = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))
HALL = PolygonZone("hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
PERSON = make_query("person")
BOX = (0.0, 0.0, 1.0, 1.0)


class Bench:
    """A camera that was counted for a minute, and what moved there."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.camera = self.store.cameras.record("gate", "x")
        self.run = self.store.runs.start(self.camera, "fake", "0" * 64, START)

    def track(self, track_id: int, first_s: float, last_s: float, query=PERSON) -> None:
        seen = START + timedelta(seconds=first_s), START + timedelta(seconds=last_s)
        self.store.counts.add_track(self.run, query, TrackSummary(track_id, *seen, 0.5, BOX))

    def cross(self, seconds: float, kind=ZoneEventKind.IN, zone=LINE) -> None:
        at = START + timedelta(seconds=seconds)
        dwell_s = 1.0 if kind is ZoneEventKind.EXIT else None
        event = CountEvent(zone, "person", 1, kind, 0, at, 0.5, BOX, dwell_s)
        self.store.zones.add_event(self.run, PERSON, event)

    def watch(self, first_s: float, last_s: float, zones=()) -> None:
        seen = START + timedelta(seconds=first_s), START + timedelta(seconds=last_s)
        self.store.zones.add_tracked_interval(self.run, PERSON, zones, *seen)

    def moved(self, *edges_s: float) -> list[Movement]:
        edges = [START + timedelta(seconds=edge) for edge in edges_s]
        intervals = list(pairwise(edges))
        return list(Movements(self.store, CountSelection()).of(("gate", "person"), intervals))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_long_track_is_in_every_interval_it_touches(bench):
    bench.watch(0, 60)
    bench.track(1, 5, 25)
    bench.track(2, 12, 15)

    assert [moved.unique for moved in bench.moved(0, 10, 20, 30, 40)] == [1, 2, 1, 0]
    assert [moved.unique for moved in bench.moved(0, 40)] == [2]


def test_track_under_two_readings_of_a_query_is_one(bench):
    bench.watch(0, 60)
    bench.track(1, 5, 8)
    bench.track(1, 5, 9, PERSON.with_min_score(0.5))

    assert [moved.unique for moved in bench.moved(0, 10)] == [1]


def test_without_tracking_movement_is_unknown(bench):
    bench.watch(10, 19)
    bench.track(1, 12, 13)

    assert [moved.unique for moved in bench.moved(0, 10, 20, 30)] == [None, 1, None]
    assert bench.moved(0, 10) == [UNKNOWN]


def test_crossings_are_counted_where_a_line_was_observed(bench):
    bench.watch(0, 15)
    bench.watch(16, 40, [LINE])
    for seconds, kind in (
        (17, ZoneEventKind.IN),
        (18, ZoneEventKind.OUT),
        (35, ZoneEventKind.IN),
    ):
        bench.cross(seconds, kind)

    crossed = [(moved.crossed_in, moved.crossed_out) for moved in bench.moved(0, 10, 20, 30, 40)]

    assert crossed == [(None, None), (1, 1), (0, 0), (1, 0)]


def test_polygon_is_no_line(bench):
    bench.watch(0, 40, [HALL])
    bench.cross(5, ZoneEventKind.ENTER, HALL)
    bench.cross(9, ZoneEventKind.EXIT, HALL)

    assert [(m.unique, m.crossed_in, m.crossed_out) for m in bench.moved(0, 40)] == [
        (0, None, None)
    ]


def test_report_tells_unique_and_crossings_and_does_not_sum_uniques(bench):
    for index in range(0, 600, 100):
        bench.store.counts.add_result(bench.run, make_result(make_frame(index), {"person": 1}))
    bench.watch(0, 59, [LINE])
    bench.track(1, 0, 50)
    bench.cross(15)
    report = ReportService(bench.store).build(
        ReportRequest(bucket="1s", start_at=START, end_at=START + timedelta(seconds=51))
    )

    rows = list(report)
    (series,) = summarise(report).series

    assert (rows[0].unique, rows[50].unique, rows[0].crossed_in) == (1, 1, 0)
    assert (rows[1].samples, rows[1].unique, rows[1].crossed_in) == (0, None, None)
    assert series.unique == 1
    assert rows[0].cells()[8:11] == (1, 0, 0)


def test_report_of_counts_without_tracking_leaves_cells_empty(bench):
    bench.store.counts.add_result(bench.run, make_result(make_frame(0), {"person": 1}))

    report = ReportService(bench.store).build(ReportRequest(bucket="1s"))

    assert [row.cells()[8:11] for row in report] == [(None, None, None)]
    assert summarise(report).has_unique is False
