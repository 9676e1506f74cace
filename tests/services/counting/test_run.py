import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, Gap
from ovd.domain.frame import Frame, Image
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.query import Query, Vocabulary
from ovd.domain.records import RunStatus
from ovd.errors import SourceLostError
from ovd.services.counting.motion_gate import GateConfig
from ovd.services.counting.run import CountRun, count_detections
from ovd.services.counting.service import CountService, DetectionConfig
from ovd.services.events import Event, EventHub, FrameCounted, GapObserved, RunEnded, RunStarted
from tests.builders import (
    START,
    make_detections,
    make_frame,
    make_query,
    make_unsupported,
    make_vocabulary,
)
from tests.fakes import FakeDetector, FixedClock, ListSource, MemoryStore

PERSON, CAR = make_query("person"), make_query("car")


class Bench:
    """A service over fakes, and what it left in the store."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = FixedClock()
        self.detector = FakeDetector()
        self.hub = EventHub()
        self.service = CountService(self.detector, self.store, self.clock, self.hub)

    def open(self, source: ListSource, *queries: Query) -> CountRun:
        return self.service.open_run(source, "gate", queries)

    @property
    def status(self) -> RunStatus:
        return self.store.runs.kept[-1].status


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.hub.close()


def make_frames(count: int) -> list[Frame | Gap]:
    return [make_frame(index) for index in range(count)]


def make_gap(start: Frame, end: Frame) -> Gap:
    return Gap("gate", start.captured_at, end.captured_at, "stalled")


def test_run_counts_every_frame_and_ends_done(bench: Bench):
    with bench.open(ListSource(make_frames(7)), PERSON) as run:
        results = [item for item in run if isinstance(item, FrameResult)]

    assert [result.counts[0].count for result in results] == [0, 1, 2, 3, 4, 0, 1]
    assert bench.status is RunStatus.DONE
    assert [result for _, result in bench.store.counts.results] == results


def test_run_summary_tells_mean_max_and_observed_time(bench: Bench):
    with bench.open(ListSource(make_frames(5)), PERSON, CAR) as run:
        list(run)
        bench.clock.advance(2.0)

    summary = run.summary()
    assert (summary.frames_read, summary.frames_counted) == (5, 5)
    assert summary.media_s == pytest.approx(0.5)
    assert summary.wall_s == pytest.approx(2.0)
    assert [(q.query, q.mean, q.max, q.frames) for q in summary.queries] == [
        (PERSON, 2.0, 4, 5),
        (CAR, 2.0, 4, 5),
    ]


def test_unsupported_query_is_reported_but_never_counted(bench: Bench):
    helmet = make_unsupported("helmet")

    with bench.open(ListSource(make_frames(2)), PERSON, helmet) as run:
        results = [item for item in run if isinstance(item, FrameResult)]

    assert {count.query.text for result in results for count in result.counts} == {"person"}
    assert run.summary().queries[1].mean is None


def test_run_without_supported_query_shows_frames_and_counts_nothing(bench: Bench):
    with bench.open(ListSource(make_frames(2)), make_unsupported()) as run:
        results = [item for item in run if isinstance(item, FrameResult)]

    assert [result.counts for result in results] == [(), ()]
    assert bench.detector.calls == 0


def test_replaced_queries_apply_from_the_next_frame(bench: Bench):
    with bench.open(ListSource(make_frames(3)), PERSON) as run:
        items = iter(run)
        next(items)
        run.queries.replace([CAR])
        later = next(items)

    assert isinstance(later, FrameResult)
    assert [count.query for count in later.counts] == [CAR]


def test_raised_threshold_drops_detections(bench: Bench):
    strict = PERSON.with_min_score(0.95)

    with bench.open(ListSource([make_frame(3)]), strict) as run:
        (result,) = run

    assert isinstance(result, FrameResult)
    assert result.counts[0].count == 0
    assert result.counts[0].max_score == 0.0


def test_gap_is_recorded_and_not_observed(bench: Bench):
    first, later = make_frame(0), make_frame(50)
    source = ListSource([first, make_gap(first, later), later])

    with bench.open(source, PERSON) as run:
        items = list(run)

    assert isinstance(items[1], Gap)
    assert [gap for _, gap in bench.store.counts.kept_gaps] == [items[1]]
    summary = run.summary()
    assert summary.gap_s == pytest.approx(5.0)
    assert summary.media_s == pytest.approx(0.2)


def test_late_frame_stands_for_a_bounded_time(bench: Bench):
    source = ListSource([make_frame(0, 0.0), make_frame(1, 60.0)], live=True)

    with bench.open(source, PERSON) as run:
        list(run)

    assert run.summary().media_s == pytest.approx(0.1 + 2.0)


def test_lost_source_ends_the_run_as_lost_with_a_gap(bench: Bench):
    source = ListSource(make_frames(3), error=SourceLostError("camera went away"))
    bench.clock.advance(9.0)

    with pytest.raises(SourceLostError), bench.open(source, PERSON) as run:
        list(run)

    assert bench.status is RunStatus.LOST
    assert len(bench.store.counts.results) == 3
    ((_, gap),) = bench.store.counts.kept_gaps
    assert gap.started_at == make_frame(2).captured_at
    assert (gap.ended_at - START).total_seconds() == 9.0
    assert gap.reason == "camera went away"


def test_source_lost_before_its_first_frame_leaves_no_gap(bench: Bench):
    source = ListSource([], error=SourceLostError("gone"))

    with pytest.raises(SourceLostError), bench.open(source, PERSON) as run:
        list(run)

    assert bench.store.counts.kept_gaps == []


def test_stopped_run_keeps_what_was_counted(bench: Bench):
    source = ListSource(make_frames(9))

    with bench.open(source, PERSON) as run:
        for counted, _ in enumerate(run, start=1):
            if counted == 4:
                run.stop()

    assert bench.status is RunStatus.STOPPED
    assert len(bench.store.counts.results) == 4
    assert source.closed


def test_finished_run_is_done(bench: Bench):
    with bench.open(ListSource(make_frames(9)), PERSON) as run:
        next(iter(run))
        run.finish()

    assert bench.status is RunStatus.DONE


class BrokenDetector(FakeDetector):
    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        raise MemoryError("out of memory")


def test_failing_detector_ends_the_run_as_failed(bench: Bench):
    service = CountService(BrokenDetector(), bench.store, bench.clock)

    with (
        pytest.raises(MemoryError),
        service.open_run(ListSource(make_frames(1)), "gate", [PERSON]) as run,
    ):
        list(run)

    assert bench.status is RunStatus.FAILED
    assert bench.store.runs.kept[-1].error == "MemoryError: out of memory"


def test_same_camera_keeps_its_record_over_runs(bench: Bench):
    for _ in range(2):
        with bench.open(ListSource(make_frames(1)), PERSON) as run:
            list(run)

    assert [run.camera.id for run in bench.store.runs.kept] == [1, 1]


def test_count_detections_gives_zero_for_what_is_absent():
    found = make_detections(
        (0, 0, 4, 4), (5, 0, 9, 4), labels=("car", "person"), label_id=[1, 1], score=[0.6, 0.8]
    )

    car, person = count_detections(found, make_vocabulary([CAR, PERSON]))

    assert (car.count, car.max_score) == (0, 0.0)
    assert (person.count, person.max_score) == (2, np.float32(0.8))


def test_queries_can_be_replaced_from_another_thread_while_counting(bench: Bench):
    with bench.open(ListSource(make_frames(50)), PERSON) as run:
        other = threading.Thread(target=lambda: run.queries.replace([PERSON, CAR]))
        other.start()
        items = list(run)
        other.join()

    assert len(items) == 50


def test_still_scene_repeats_its_counts_without_another_look():
    frames = [replace(make_frame(3), index=index, time_s=index / 10) for index in range(3)]
    detector = FakeDetector()
    service = CountService(
        detector, MemoryStore(), FixedClock(), config=DetectionConfig(GateConfig())
    )
    with service.open_run(ListSource(frames, live=True), "gate", [make_query()]) as run:
        results = [item for item in run if isinstance(item, FrameResult)]
    summary = run.summary()

    assert detector.calls == 1
    assert [result.counts[0].count for result in results] == [3, 3, 3]
    assert [result.repeated for result in results] == [False, True, True]
    assert (summary.frames_counted, summary.frames_repeated) == (3, 2)
    assert summary.queries[0].frames == 3


def test_new_queries_are_looked_for_in_a_still_scene_at_once():
    detector = FakeDetector()
    service = CountService(
        detector, MemoryStore(), FixedClock(), config=DetectionConfig(GateConfig())
    )
    source = ListSource([make_frame(3), make_frame(3), make_frame(3)], live=True)
    with service.open_run(source, "gate", [make_query()]) as run:
        items = iter(run)
        next(items)
        run.queries.replace([make_query("car")])
        texts = [item.counts[0].query.text for item in items]

    assert (detector.calls, texts) == (2, ["car", "car"])


def test_recording_is_looked_at_frame_by_frame():
    detector = FakeDetector()
    service = CountService(
        detector, MemoryStore(), FixedClock(), config=DetectionConfig(GateConfig())
    )
    source = ListSource([make_frame(3), make_frame(3)])
    with service.open_run(source, "gate", [make_query()]) as run:
        list(run)

    assert detector.calls == 2


def test_gap_at_the_end_of_a_stopped_run_is_kept():
    store = MemoryStore()
    first, later = make_frame(0), make_frame(50)
    gap = Gap("gate", first.captured_at, later.captured_at, "away")
    source = StubbornSource([first, gap, later])
    with CountService(FakeDetector(), store, FixedClock()).open_run(
        source, "gate", [make_query()]
    ) as run:
        items = iter(run)
        next(items)
        run.stop()
        list(items)

    assert [kept for _, kept in store.counts.kept_gaps] == [gap]
    assert len(store.counts.results) == 1


@pytest.mark.parametrize(
    ("kept", "live", "expected"),
    [
        ("rtsp://10.0.0.5/ch1", False, "rtsp://10.0.0.5/ch1"),
        ("rtsp://10.0.0.5/ch1", True, "list"),
        ("other.mp4", False, "list"),
    ],
)
def test_camera_keeps_the_address_of_a_stream_when_a_recording_is_counted(
    bench: Bench, kept: str, live: bool, expected: str
):
    bench.store.cameras.record("gate", kept)

    with bench.open(ListSource(make_frames(1), live=live), PERSON) as run:
        list(run)

    (camera,) = bench.store.cameras.all()
    assert camera.uri == run.run.camera.uri == expected


class StubbornSource(ListSource):
    """Still says what it has when it is closed, as a camera that is away does."""

    def close(self) -> None:
        pass


def test_run_publishes_what_the_store_has(bench: Bench):
    published: list[tuple[Event, int]] = []
    bench.hub.subscribe(
        "test", lambda event: published.append((event, len(bench.store.counts.results)))
    )
    frames = [make_frame(0), make_frame(30)]
    gap = make_gap(*frames)

    with bench.open(ListSource([frames[0], gap, frames[1]]), PERSON) as run:
        first, _, second = run
    assert bench.hub.wait_idle(10.0)

    started, one, missed, two, ended = (event for event, _ in published)
    assert started == RunStarted(run.run)
    assert isinstance(one, FrameCounted)
    assert (one.run, one.number, one.result) == (run.run, 1, first)
    assert missed == GapObserved(run.run, gap)
    assert isinstance(two, FrameCounted)
    assert (two.number, two.result) == (2, second)
    assert ended == RunEnded(run.run, RunStatus.DONE, "")
    assert published[1][1] >= 1, "published before the store had it"


def test_run_that_failed_publishes_why(bench: Bench):
    ends: list[Event] = []
    bench.hub.subscribe("test", ends.append)

    with (
        pytest.raises(SourceLostError),
        bench.open(ListSource([], error=SourceLostError("cable cut"), live=True), PERSON) as run,
    ):
        list(run)
    assert bench.hub.wait_idle(10.0)

    assert ends[-1] == RunEnded(run.run, RunStatus.LOST, "cable cut")


def test_failing_subscriber_does_not_fail_the_run(bench: Bench):
    def fail(event: Event) -> None:
        raise RuntimeError("a bug")

    bench.hub.subscribe("failing", fail)

    with bench.open(ListSource(make_frames(3)), PERSON) as run:
        list(run)

    assert bench.status is RunStatus.DONE


def test_summary_tells_frames_that_were_dropped(bench: Bench):
    class Hurried(ListSource):
        health = SourceHealth(SourceState.GOOD, frames_dropped=4)

    with bench.open(Hurried(make_frames(2), live=True), PERSON) as run:
        list(run)

    assert run.summary().frames_dropped == 4
