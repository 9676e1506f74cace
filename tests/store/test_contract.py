"""One contract for runs, counts and zones: in SQLite, in PostgreSQL and in the fake."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.events import CountEvent, Gap, ZoneEventKind
from ovd.domain.ports import CountStore
from ovd.domain.records import CountSelection, Run, RunStatus, TrackSummary
from ovd.domain.zones import LineZone
from ovd.errors import ZoneError
from tests.builders import START, make_frame, make_query, make_result, make_unsupported

ALL = CountSelection()
PERSON = make_query("person")
DOOR = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
MOVED = LineZone("door", ((0.2, 0.5), (0.9, 0.5)))


@pytest.fixture
def store(any_store: CountStore) -> CountStore:
    return any_store


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def start_run(store: CountStore, camera: str = "gate", seconds: float = 0) -> Run:
    return store.runs.start(store.cameras.record(camera, "x.mp4"), "fake", "0" * 64, at(seconds))


def count(store: CountStore, run: Run, seconds: float, **counts: int) -> None:
    frame = make_frame(round(seconds * 10), time_s=seconds, camera=run.camera.name)
    store.counts.add_result(run, make_result(frame, counts, observed_s=0.5))


def test_runs_come_newest_first_and_by_camera(store: CountStore):
    first, second = start_run(store, "gate"), start_run(store, "door", 5)

    assert [run.id for run in store.runs.all()] == [second.id, first.id]
    assert store.runs.all(" gate ") == (first,)
    assert store.runs.all("nowhere") == ()


def test_run_that_ended_says_how(store: CountStore):
    run = start_run(store)

    store.runs.end(run.id, RunStatus.LOST, at(9), "away")

    assert store.runs.all() == (replace(run, status=RunStatus.LOST, ended_at=at(9), error="away"),)


def test_own_runs_are_not_closed_as_stale(store: CountStore):
    run = start_run(store)

    assert store.runs.close_stale(at(9999)) == ()
    assert store.runs.all() == (run,)


def test_counts_are_summed_by_camera_query_and_interval(store: CountStore):
    run = start_run(store)
    for seconds, persons in ((0, 2), (1, 3), (61, 1)):
        count(store, run, seconds, person=persons, car=0)
    store.flush()

    totals = [
        (total.query, total.start_at, total.samples, total.count_sum, total.count_max)
        for total in store.counts.totals(ALL, 60)
    ]

    assert totals == [
        ("car", at(0), 2, 0, 0),
        ("car", at(60), 1, 0, 0),
        ("person", at(0), 2, 5, 3),
        ("person", at(60), 1, 1, 1),
    ]


def test_a_selection_of_one_name_in_another_form_finds_it(store: CountStore):
    run = start_run(store, "\uc815\ubb38")
    count(store, run, 0, person=1)
    store.flush()

    other = CountSelection(cameras=(" \u110c\u1165\u11bc\u1106\u116e\u11ab",), queries=("person ",))

    assert [total.count_sum for total in store.counts.totals(other, 60)] == [1]


def test_extents_tell_what_was_counted_and_when(store: CountStore):
    run = start_run(store)
    count(store, run, 1, person=1)
    count(store, run, 5, person=0)
    store.flush()

    (extent,) = store.counts.extents(ALL)

    assert (extent.camera, extent.query) == ("gate", "person")
    assert (extent.first_at, extent.last_at) == (at(1), at(5))
    assert store.counts.extents(CountSelection(start_at=at(6))) == ()


@pytest.mark.parametrize("text", ["person", "helmet"])
def test_counts_that_cannot_be_are_refused(store: CountStore, text: str):
    run = start_run(store)
    result = make_result(make_frame(), {"person": 1})
    query = make_unsupported() if text == "helmet" else PERSON
    again = (*result.counts, replace(result.counts[0], query=query))

    with pytest.raises(ValueError, match=r"must differ|unsupported"):
        store.counts.add_result(run, replace(result, counts=again))


def test_gaps_are_found_by_time_and_camera(store: CountStore):
    run = start_run(store)
    gap = Gap("gate", at(5), at(9), "away")
    store.counts.add_gap(run, gap)
    store.flush()

    assert store.counts.gaps(ALL) == ((run.camera, gap),)
    assert store.counts.gaps(CountSelection(start_at=at(20))) == ()
    assert store.counts.gaps(CountSelection(cameras=("door",))) == ()


def test_tracks_come_back(store: CountStore):
    run = start_run(store)
    track = TrackSummary(7, at(1), at(2), 0.9, (0.0, 0.0, 4.0, 8.0))
    store.counts.add_track(run, PERSON, track)
    store.flush()

    (record,) = store.counts.tracks(ALL)

    assert (record.camera, record.query, record.run_id, record.track) == (
        "gate",
        "person",
        run.id,
        track,
    )


def test_zones_are_replaced_and_must_differ_in_name(store: CountStore):
    camera = store.cameras.record("gate", "x.mp4")
    store.zones.replace(camera, [DOOR])

    store.zones.replace(camera, [MOVED])

    assert store.zones.of(camera) == (MOVED,)
    with pytest.raises(ZoneError):
        store.zones.replace(camera, [DOOR, MOVED])


def test_events_at_zones_come_back(store: CountStore):
    run = start_run(store)
    store.zones.replace(run.camera, [DOOR])
    event = CountEvent(
        DOOR, "person", 7, ZoneEventKind.IN, 1, at(3), 0.9, (0.0, 0.0, 1.0, 1.0), None
    )
    store.zones.add_event(run, PERSON, event)
    store.flush()

    (record,) = store.zones.zone_events(ALL)

    assert (record.camera, record.query, record.zone, record.track_id, record.kind) == (
        "gate",
        "person",
        DOOR,
        7,
        ZoneEventKind.IN,
    )
