from datetime import timedelta

import pytest

from ovd.domain.events import FrameResult
from ovd.errors import CameraError, InputError
from ovd.services.counting.recount import Footage, RecountService
from ovd.services.counting.service import CountService
from tests.builders import START, make_frame, make_query
from tests.fakes import FakeDetector, FixedClock, ListSource, MemoryStore

PERSON, CAR, BICYCLE = make_query("person"), make_query("car"), make_query("bicycle")


class Bench:
    """A camera "gate" that was counted from the file "list", and the service over it."""

    def __init__(self, frames: int = 5) -> None:
        self.store = MemoryStore()
        self.counter = CountService(FakeDetector(), self.store, FixedClock())
        self.service = RecountService(self.counter, self.store, str.__eq__)
        if frames:
            self.count(frames)

    def count(self, frames: int, shift_s: float = 0.0, camera: str = "gate") -> None:
        with self.counter.open_run(make_source(frames, shift_s), camera, [PERSON]) as run:
            list(run)

    def recount(self, *queries, frames: int = 5, resume: bool = False) -> list[FrameResult]:
        footage = self.service.find("list", None, None)
        source = make_source(frames, (footage.start_at - START).total_seconds())
        with self.service.open_run(source, footage, queries, resume) as run:
            return [item for item in run if isinstance(item, FrameResult)]


def make_source(frames: int, shift_s: float = 0.0) -> ListSource:
    return ListSource([make_frame(index, index / 10 + shift_s) for index in range(frames)])


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_new_query_gets_the_times_of_the_earlier_run(bench):
    results = bench.recount(CAR)

    earlier = [result.frame.captured_at for _, result in bench.store.counts.results[:5]]
    assert [result.frame.captured_at for result in results] == earlier
    assert [count.query for result in results for count in result.counts] == [CAR] * 5


def test_query_counted_in_that_time_is_refused_and_nothing_recorded(bench):
    with pytest.raises(InputError, match="'person' at camera 'gate' was already counted"):
        bench.recount(PERSON, CAR)

    assert len(bench.store.runs.kept) == 1


def test_query_counted_at_another_time_is_no_double(bench):
    later = Footage(bench.store.cameras.all()[0], START + timedelta(seconds=60))

    with bench.service.open_run(make_source(2, 60.0), later, [PERSON]) as run:
        assert len(list(run)) == 2


def test_recordings_that_follow_each_other_do_not_count_as_overlapping(bench):
    before = Footage(bench.store.cameras.all()[0], START - timedelta(seconds=0.45))

    with bench.service.open_run(make_source(5, -0.45), before, [PERSON]) as run:
        assert len(list(run)) == 5


def test_stopped_recount_goes_on_after_its_last_frame(bench):
    footage = bench.service.find("list", None, None)
    with bench.service.open_run(make_source(5), footage, [CAR]) as run:
        next(iter(run))
    with bench.service.open_run(make_source(5), footage, [CAR], resume=True) as run:
        rest = [item.frame.index for item in run]

    assert rest == [1, 2, 3, 4]


def test_queries_counted_to_different_moments_cannot_go_on_together(bench):
    with pytest.raises(InputError, match="one by one"):
        bench.recount(PERSON, CAR, resume=True)


def test_runs_that_started_at_different_times_ask_for_the_start(bench):
    bench.count(5, shift_s=3600.0)

    with pytest.raises(InputError, match=r"2026-03-01T13:00:00.*2026-03-01T12:00:00.*--start-at"):
        bench.service.find("list", None, None)


def test_told_start_needs_no_earlier_run_of_this_file(bench):
    start_at = START + timedelta(days=1)

    assert bench.service.find("other", "gate", start_at).start_at == start_at


def test_file_that_the_camera_was_not_counted_from_needs_a_start(bench):
    with pytest.raises(InputError, match="not from this file"):
        bench.service.find("other", "gate", None)


def test_recount_leaves_the_address_of_the_camera(bench):
    footage = bench.service.find("other", "gate", START + timedelta(days=1))
    source = make_source(1, 86400.0)
    source.info = type(source.info)("other", (48, 64), 10.0, 1, 0.1, False, 0.1)

    with bench.service.open_run(source, footage, [PERSON]) as run:
        list(run)

    assert bench.store.cameras.all()[0].uri == "list"


@pytest.mark.parametrize(
    ("uri", "camera", "message"),
    [("other", None, "no camera was last counted"), ("list", "door", "unknown camera 'door'")],
)
def test_unknown_camera_is_refused(bench, uri, camera, message):
    with pytest.raises(CameraError, match=message):
        bench.service.find(uri, camera, None)


def test_file_of_two_cameras_needs_a_name(bench):
    bench.count(2, camera="door")

    with pytest.raises(CameraError, match="more than one camera was counted"):
        bench.service.find("list", None, None)


def test_camera_whose_runs_counted_nothing_needs_a_start():
    bench = Bench(frames=0)
    bench.store.cameras.record("gate", "list")

    with pytest.raises(InputError, match="none of its runs counted anything"):
        bench.service.find("list", None, None)


def test_recording_that_was_played_over_and_over_needs_a_start():
    bench = Bench(frames=100)
    footage = bench.service.find("list", None, None)

    with pytest.raises(InputError, match="played over and over"):
        bench.service.open_run(make_source(5), footage, [CAR])


def test_live_source_is_refused(bench):
    footage = bench.service.find("list", None, None)

    with pytest.raises(InputError, match="live"):
        bench.service.open_run(ListSource([make_frame()], live=True), footage, [CAR])
