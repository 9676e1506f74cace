from collections.abc import Iterator
from datetime import timedelta

import pytest

from ovd.domain.cameras import Camera
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.records import CountSelection, Keep, RetentionPolicy, Run, TrackSummary
from ovd.domain.zones import Anchor, LineZone, PolygonZone
from ovd.errors import ZoneError
from ovd.store import SqlStore
from tests.builders import START, make_query
from tests.store.databases import open_store

DOOR = LineZone("door", ((0.1, 0.5), (0.9, 0.5)), Anchor.CENTER)
HALL = PolygonZone("hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
MOVED = LineZone("door", ((0.2, 0.5), (0.9, 0.5)))
PERSON = make_query("person")
ALL = CountSelection()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with open_store(url, flush_interval_s=0.01, now=lambda: START) as store:
        yield store


@pytest.fixture
def camera(store: SqlStore) -> Camera:
    return store.cameras.record("gate", "clip.mp4")


@pytest.fixture
def run(store: SqlStore, camera: Camera) -> Run:
    return store.runs.start(camera, "fake", "0" * 64, START)


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def event(zone=DOOR, kind=ZoneEventKind.IN, seconds=1.0, dwell_s=None, track_id=7) -> CountEvent:
    return CountEvent(
        zone, "person", track_id, kind, 10, at(seconds), 0.5, (0.0, 0.0, 1.0, 1.0), dwell_s
    )


def visit(store, run, track_id: int, entered_s: float, left_s: float | None, query=PERSON) -> None:
    entry = event(HALL, ZoneEventKind.ENTER, entered_s, track_id=track_id)
    store.zones.add_event(run, PERSON, entry)
    if left_s is not None:
        end = event(HALL, ZoneEventKind.EXIT, left_s, left_s - entered_s, track_id)
        store.zones.add_event(run, query, end)


def inside_at(store, seconds: float) -> list[tuple[int, int, float]]:
    """Run, track and second of entry of those inside as a report begins."""
    found = store.zones.visitors(CountSelection(start_at=at(seconds), end_at=at(1000)))
    assert all((v.camera, v.query, v.zone) == ("gate", "person", HALL) for v in found)
    return [(v.run_id, v.track_id, (v.at - START).total_seconds()) for v in found]


def test_zones_of_a_camera_come_back(store, camera):
    store.zones.replace(camera, [DOOR, HALL])

    assert store.zones.of(camera) == (DOOR, HALL)
    assert store.zones.of(store.cameras.record("other", "x.mp4")) == ()


def test_moved_zone_is_a_new_one_and_old_events_stay_true(store, camera, run):
    store.zones.replace(camera, [DOOR, HALL])
    store.zones.add_event(run, PERSON, event())
    store.zones.replace(camera, [MOVED])
    store.zones.add_event(run, PERSON, event(MOVED, seconds=2))
    store.flush()

    assert store.zones.of(camera) == (MOVED,)
    assert [record.zone for record in store.zones.zone_events(ALL)] == [DOOR, MOVED]


def test_zone_that_comes_back_is_the_same(store, camera, run):
    for zones in ([DOOR], [], [DOOR]):
        store.zones.replace(camera, zones)

    assert store.zones.of(camera) == (DOOR,)


def test_zones_with_one_name_are_refused_and_nothing_changes(store, camera):
    store.zones.replace(camera, [DOOR])

    with pytest.raises(ZoneError, match="two zones are named"):
        store.zones.replace(camera, [HALL, MOVED, DOOR])

    assert store.zones.of(camera) == (DOOR,)


def test_events_come_back_with_all_they_were(store, camera, run):
    store.zones.replace(camera, [DOOR, HALL])
    store.zones.add_event(run, PERSON, event(HALL, ZoneEventKind.EXIT, 3, dwell_s=2.5))
    store.flush()

    (record,) = store.zones.zone_events(ALL)

    assert (record.camera, record.query, record.run_id) == ("gate", "person", run.id)
    assert (record.zone, record.track_id, record.kind) == (HALL, 7, ZoneEventKind.EXIT)
    assert (record.at, record.dwell_s) == (at(3), 2.5)


def test_events_are_selected_by_time(store, camera, run):
    store.zones.replace(camera, [DOOR])
    for seconds in (1, 2, 3):
        store.zones.add_event(run, PERSON, event(seconds=seconds))
    store.flush()

    found = store.zones.zone_events(CountSelection(start_at=at(2), end_at=at(3)))

    assert [record.at for record in found] == [at(2)]


def test_event_of_a_zone_that_was_never_set_is_a_bug(store, run):
    with pytest.raises(ValueError, match="never set"):
        store.zones.add_event(run, PERSON, event())


def test_watch_grows_and_a_later_one_stands_alone(store, camera, run):
    store.zones.replace(camera, [DOOR])
    for first, last in ((0, 0), (0, 10), (60, 60), (60, 70)):
        store.zones.add_tracked_interval(run, PERSON, [DOOR], at(first), at(last))
    store.flush()

    found = [(w.zone, w.first_at, w.last_at) for w in store.zones.tracked_intervals(ALL)]

    assert found == [
        (None, at(0), at(10)),
        (DOOR, at(0), at(10)),
        (None, at(60), at(70)),
        (DOOR, at(60), at(70)),
    ]


def test_watch_ends_where_retention_begins(store, camera, run):
    old = START - timedelta(days=10)
    store.zones.replace(camera, [DOOR])
    store.zones.add_tracked_interval(run, PERSON, [DOOR], old, at(0))
    for seen in (old, at(0)):
        box = (0.0, 0.0, 1.0, 1.0)
        store.counts.add_track(run, PERSON, TrackSummary(int(seen.day), seen, seen, 0.5, box))
    store.flush()

    store.trim(RetentionPolicy(tracks=Keep(days=5)))

    found = {watch.zone: watch.first_at for watch in store.zones.tracked_intervals(ALL)}
    assert found[DOOR] == old
    assert found[None] == START - timedelta(days=5)


def test_visitors_are_those_who_entered_before_and_had_not_left(store, camera, run):
    store.zones.replace(camera, [HALL])
    store.zones.add_tracked_interval(run, PERSON, [HALL], at(0), at(100))
    visit(store, run, 1, 1, 9)
    visit(store, run, 2, 4, 10)
    visit(store, run, 3, 3, 200)
    visit(store, run, 4, 5, None)
    visit(store, run, 5, 10, None)
    store.flush()

    assert inside_at(store, 10) == [(run.id, 3, 3), (run.id, 2, 4), (run.id, 4, 5)]
    assert store.zones.visitors(ALL) == ()


def test_visitor_that_came_back_entered_the_last_time(store, camera, run):
    store.zones.replace(camera, [HALL])
    store.zones.add_tracked_interval(run, PERSON, [HALL], at(0), at(100))
    visit(store, run, 1, 1, 3)
    visit(store, run, 1, 5, None)
    store.flush()

    assert inside_at(store, 10) == [(run.id, 1, 5)]


def test_visit_that_ended_under_another_threshold_has_ended(store, camera, run):
    store.zones.replace(camera, [HALL])
    store.zones.add_tracked_interval(run, PERSON, [HALL], at(0), at(100))
    visit(store, run, 1, 1, 3, PERSON.with_min_score(0.7))
    store.flush()

    assert inside_at(store, 10) == []


def test_nobody_is_inside_where_the_watch_had_ended(store, camera, run):
    store.zones.replace(camera, [HALL])
    store.zones.add_tracked_interval(run, PERSON, [HALL], at(0), at(5))
    visit(store, run, 1, 1, None)
    second = store.runs.start(camera, "fake", "0" * 64, at(6))
    store.zones.add_tracked_interval(second, PERSON, [HALL], at(6), at(100))
    visit(store, second, 1, 7, None)
    store.flush()

    assert inside_at(store, 10) == [(second.id, 1, 7)]


def test_visitors_are_selected_by_camera_and_query(store, camera, run):
    store.zones.replace(camera, [HALL])
    store.zones.add_tracked_interval(run, PERSON, [HALL], at(0), at(100))
    visit(store, run, 1, 1, None)
    store.flush()

    for wanted in ({"cameras": ("gate",)}, {"queries": ("person",)}):
        assert len(store.zones.visitors(CountSelection(start_at=at(9), **wanted))) == 1
    for wanted in ({"cameras": ("door",)}, {"queries": ("car",)}):
        assert store.zones.visitors(CountSelection(start_at=at(9), **wanted)) == ()
