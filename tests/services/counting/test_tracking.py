from datetime import timedelta

import numpy as np
import pytest

from ovd.domain.detections import Detections, Tracks
from ovd.domain.events import FrameResult, Gap, ZoneEventKind
from ovd.domain.ports import Detector
from ovd.domain.zones import LineZone, PolygonZone
from ovd.services.counting.run import CountRun
from ovd.services.counting.service import CountService
from ovd.services.counting.tracking import LONGEST_GAP_S
from tests.builders import START, make_detections, make_frame, make_query
from tests.fakes import FakeDetector, FixedClock, ListSource, MemoryStore

PERSON, CAR = make_query("person"), make_query("car")
# The fake detector's boxes are 8 wide and 16 high, side by side from the left, 10 px apart.
HALL = PolygonZone("hall", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
DOOR = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))


class PlaceTracker:
    """Knows objects by where they stand; all are confirmed at once."""

    def __init__(self, ids, interval_s):
        self._ids, self._known, self.interval_s = ids, {}, interval_s

    def update(self, detections, frame):
        places = [int(x) for x in detections.xyxy[:, 0]]
        gone = tuple(self._known.pop(place) for place in set(self._known) - set(places))
        ids = [self._known.setdefault(p, None) or next(self._ids) for p in places]
        self._known = dict(zip(places, ids, strict=True))
        return Tracks(
            detections,
            np.array(ids, dtype=np.int64),
            np.ones(len(ids), dtype=np.bool_),
            gone,
        )

    def end_all(self):
        gone, self._known = tuple(self._known.values()), {}
        return gone


class Bench:
    def __init__(self, detector: Detector | None = None) -> None:
        self.store = MemoryStore()
        self.service = CountService(
            detector or FakeDetector(), self.store, FixedClock(), make_tracker=PlaceTracker
        )

    def open(self, items, *queries, zones=None) -> CountRun:
        return self.service.open_run(ListSource(items), "gate", queries, zones)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def frames(*counts: int, start: int = 0):
    """Frames in which the fake detector finds so many objects of each query."""
    found = []
    for offset, objects in enumerate(counts):
        frame = make_frame(start + offset)
        frame.image[:] = objects
        found.append(frame)
    return found


def results(run) -> list[FrameResult]:
    return [item for item in run if isinstance(item, FrameResult)]


def test_run_tells_how_many_different_objects_there_were(bench):
    with bench.open(frames(1, 2, 1, 2), PERSON) as run:
        found = results(run)

    assert [result.tracks.track_id.tolist() for result in found] == [[1], [1, 2], [1], [1, 3]]
    assert run.summary().queries[0].unique == 3


def test_without_a_tracker_unique_and_zones_are_unknown(bench):
    service = CountService(FakeDetector(), bench.store, FixedClock())

    with service.open_run(ListSource(frames(1, 2)), "gate", [PERSON], [HALL]) as run:
        found = results(run)

    assert run.summary().queries[0].unique is None
    assert run.summary().zones == ()
    assert len(found[0].tracks) == 0
    assert bench.store.zones.saved_intervals == {}


def test_queries_have_ids_of_their_own(bench):
    with bench.open(frames(2), PERSON, CAR) as run:
        (result,) = results(run)

    assert sorted(result.tracks.track_id.tolist()) == [1, 2, 3, 4]
    assert [entry.unique for entry in run.summary().queries] == [2, 2]


def test_tracks_are_stored_from_first_to_last_sight(bench):
    with bench.open(frames(1, 1, 1, 0, 1), PERSON) as run:
        results(run)

    last = {record.track.track_id: record.track for record in bench.store.counts.kept_tracks}
    assert sorted(last) == [1, 2]
    assert last[1].first_seen_at == START
    assert last[1].last_seen_at == START + timedelta(seconds=0.2)
    assert last[1].best_xyxy == (0.0, 0.0, 8.0, 16.0)


def test_long_track_is_stored_while_it_lasts(bench):
    run = bench.open(frames(*[1] * 150), PERSON)
    for item, _ in zip(run, range(150), strict=False):
        assert isinstance(item, FrameResult)

    seen = [record.track.last_seen_at - START for record in bench.store.counts.kept_tracks]
    assert seen == [timedelta(0), timedelta(seconds=10)]


def test_events_of_zones_are_counted_and_stored(bench):
    with bench.open(frames(0, 1, 1, 0), PERSON, zones=[HALL]) as run:
        found = results(run)

    assert [[e.kind for e in result.events] for result in found] == [
        [],
        [ZoneEventKind.ENTER],
        [],
        [ZoneEventKind.EXIT],
    ]
    assert [event.kind for _, _, event in bench.store.zones.events] == [
        ZoneEventKind.ENTER,
        ZoneEventKind.EXIT,
    ]
    (tally,) = run.summary().zones
    assert (tally.event_counts, tally.inside) == (
        {ZoneEventKind.ENTER: 1, ZoneEventKind.EXIT: 1},
        0,
    )
    assert found[2].zones[0].inside == 1


def test_other_zones_hold_from_the_next_frame_and_end_no_track(bench):
    seen = []
    with bench.open(frames(1, 1, 1), PERSON, zones=[HALL]) as run:
        for item in run:
            seen.append((item.tracks.track_id.tolist(), [tally.zone for tally in item.zones]))
            if len(seen) == 1:
                bench.store.zones.replace(run.run.camera, [DOOR, HALL])
                run.replace_zones([DOOR, HALL])
            if len(seen) == 2:
                run.replace_zones([DOOR])

    assert seen == [([1], [HALL]), ([1], [DOOR, HALL]), ([1], [DOOR])]
    assert run.summary().queries[0].unique == 1
    # Who was inside the zone that went has left it; the one that stayed saw nobody enter again.
    assert [event.kind for _, _, event in bench.store.zones.events] == [
        ZoneEventKind.ENTER,
        ZoneEventKind.EXIT,
    ]


def test_who_is_inside_as_the_run_ends_has_left(bench):
    with bench.open(frames(1, 1), PERSON, zones=[HALL]) as run:
        results(run)

    assert run.summary().zones[0].event_counts == {ZoneEventKind.ENTER: 1, ZoneEventKind.EXIT: 1}


@pytest.mark.parametrize(("gap_s", "unique"), [(LONGEST_GAP_S - 0.5, 1), (LONGEST_GAP_S + 1, 2)])
def test_long_gap_makes_everybody_new(bench, gap_s, unique):
    later = round(10 * gap_s)
    gap = Gap("gate", START, START + timedelta(seconds=gap_s), "stalled")

    with bench.open([*frames(1), gap, *frames(1, start=later)], PERSON) as run:
        list(run)

    assert run.summary().queries[0].unique == unique


def test_tracked_intervals_say_when_objects_were_tracked(bench):
    gap = Gap("gate", START, START + timedelta(seconds=30), "stalled")

    with bench.open([*frames(1, 1), gap, *frames(1, 1, start=300)], PERSON, zones=[DOOR]) as run:
        list(run)

    found = [
        (watch.zone and watch.zone.name, watch.first_at - START, watch.last_at - START)
        for watch in bench.store.zones.tracked_intervals(None)
    ]
    before = timedelta(0), timedelta(seconds=0.1)
    after = timedelta(seconds=30), timedelta(seconds=30.1)
    assert found == [(None, *before), ("door", *before), (None, *after), ("door", *after)]


def test_query_that_is_taken_away_ends_its_tracks(bench):
    with bench.open(frames(1, 1, 1), PERSON, zones=[HALL]) as run:
        items = iter(run)
        next(items)
        run.queries.replace([CAR])
        next(items)
        run.queries.replace([PERSON, CAR])
        next(items)
        list(items)

    assert {entry.query.text: entry.unique for entry in run.summary().queries} == {
        "person": 2,
        "car": 1,
    }


def test_other_threshold_keeps_the_ids(bench):
    with bench.open(frames(1, 1), PERSON) as run:
        items = iter(run)
        first = next(items)
        run.queries.replace([PERSON.with_min_score(0.5)])
        second = next(items)
        list(items)

    assert first.tracks.track_id.tolist() == second.tracks.track_id.tolist()
    assert run.summary().queries[0].unique == 1


def test_zones_stay_with_the_camera(bench):
    with bench.open(frames(1), PERSON, zones=[DOOR]) as run:
        list(run)
    with bench.open(frames(1), PERSON) as run:
        (result,) = results(run)

    assert [tally.zone for tally in result.zones] == [DOOR]


def test_tracks_are_joined_best_score_first():
    found = make_detections(
        (0, 0, 8, 16), (20, 0, 28, 16), labels=("person", "car"), label_id=[1, 0], score=[0.5, 0.9]
    )

    class Mixed(FakeDetector):
        def detect(self, images, vocabulary) -> list[Detections]:
            return [found]

    bench = Bench(Mixed())
    with bench.open(frames(1), PERSON, CAR) as run:
        (result,) = results(run)

    assert result.tracks.detections.score.tolist() == pytest.approx([0.9, 0.5])
    assert result.tracks.detections.label_id.tolist() == [0, 1]
