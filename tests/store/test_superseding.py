from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.records import (
    CountSelection,
    Keep,
    Recording,
    RetentionPolicy,
    Run,
    TrackSummary,
)
from ovd.domain.zones import LineZone
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.store import SqlStore
from ovd.store.connection.engine import open_engine
from ovd.store.maintenance.whole_database import rebuild_rollups
from tests.builders import START, make_frame, make_query, make_result
from tests.store.databases import open_store

PERSON = make_query("person")
DOOR = LineZone("door", ((0.0, 0.5), (1.0, 0.5)))
CLIP = Recording("clip", START, False)
FRAMES = 700


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with open_store(url) as store:
        yield store


def count(
    store: SqlStore,
    recording: Recording | None = CLIP,
    frames: int = FRAMES,
    queries: tuple[str, ...] = ("person",),
    number: int = 2,
) -> Run:
    """Count a clip of ten frames a second in which one object crosses a line."""
    camera = store.cameras.record("gate", "clip.mp4")
    store.zones.replace(camera, [DOOR])
    start_at = recording.start_at if recording else START
    run = store.runs.start(camera, "fake", "", START, recording=recording)
    for index in range(frames):
        moment = start_at + timedelta(seconds=index / 10)
        frame = replace(make_frame(index), captured_at=moment)
        result = make_result(frame, dict.fromkeys(queries, number))
        store.counts.add_result(run, replace(result, observed_s=0.1))
    first_at, last_at = start_at, start_at + timedelta(seconds=(frames - 1) / 10)
    store.zones.add_tracked_interval(run, PERSON, [DOOR], first_at, last_at)
    store.counts.add_track(run, PERSON, TrackSummary(1, first_at, last_at, 0.9, (0, 0, 9, 9)))
    at = first_at + timedelta(seconds=1)
    event = CountEvent(DOOR, "person", 1, ZoneEventKind.IN, 10, at, 0.9, (0, 0, 9, 9))
    store.zones.add_event(run, PERSON, event)
    store.flush()
    return run


def rows(store: SqlStore, bucket: str = "1d") -> list[tuple[object, ...]]:
    report = ReportService(store).build(ReportRequest(bucket=bucket))
    return [
        (row.query, row.bucket_start, row.samples, row.mean_count, row.unique, row.crossed_in)
        for row in report
    ]


@pytest.mark.parametrize("bucket", ["1s", "1m", "1h", "1d"])
def test_footage_that_is_counted_again_counts_once(store, bucket):
    count(store)
    once = rows(store, bucket)
    count(store)

    assert rows(store, bucket) == once
    assert store.runs.all()[1].recording == CLIP


def test_the_newer_count_holds(store):
    count(store, number=2)
    count(store, number=5)

    assert [row[3] for row in rows(store)] == [5.0]


def test_a_run_that_was_stopped_supersedes_what_it_reached(store):
    count(store, number=2)
    count(store, frames=100, number=5)

    [(_, _, samples, mean, _, crossed)] = rows(store)
    assert (samples, mean, crossed) == (700, pytest.approx((600 * 2 + 100 * 5) / 700), 1)


def test_another_query_of_the_same_footage_stays(store):
    count(store, queries=("person",))
    once = rows(store)
    count(store, queries=("car",))

    assert [row[2] for row in rows(store)] == [700, 700]
    assert once[0][2] == 700


def test_a_camera_is_never_superseded(store):
    count(store, recording=None)
    count(store, recording=None)

    assert [row[2] for row in rows(store)] == [1400]


def test_a_start_that_was_derived_gives_way_to_one_that_is_given(store):
    count(store)
    count(store, Recording("clip", START + timedelta(days=1), True))

    seen = [row for row in rows(store) if row[2]]
    assert [(row[1], row[2]) for row in seen] == [(seen[0][1], 700)]
    assert seen[0][1].date() == (START + timedelta(days=1)).date()


def test_two_starts_that_were_given_are_two_recordings(store):
    count(store, Recording("clip", START, True))
    count(store, Recording("clip", START + timedelta(days=1), True))

    assert [row[2] for row in rows(store)] == [700, 700]


def test_a_run_still_has_what_was_superseded(store):
    run = count(store)
    count(store)

    [extent] = store.counts.extents(CountSelection(run_ids=(run.id,)))
    assert extent.first_at == START


def test_sums_stay_right_where_counts_per_frame_were_pruned(store):
    count(store)
    store.trim(RetentionPolicy(frame_counts=Keep(days=0.0)), lambda _: 0)
    count(store)

    assert [row[2] for row in rows(store)] == [700]


def test_rebuilt_rollups_leave_out_what_was_superseded(store, url):
    count(store)
    count(store)
    once = rows(store)
    engine = open_engine(url)
    rebuild_rollups(engine)
    engine.dispose()

    assert rows(store) == once
