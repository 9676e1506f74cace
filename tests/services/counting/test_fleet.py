import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import OnUnreachable
from ovd.domain.ports import SourceOptions
from ovd.domain.records import Run, RunStatus
from ovd.errors import CameraError, SourceLostError, SourceOpenError, StoreWriteError
from ovd.services.events import CameraStateChanged, Event
from tests.builders import START, make_frame
from tests.fakes import ListSource, MemoryCameras, MemoryRuns, MemoryStore
from tests.services.counting.yard import CAR, PERSON, WAIT_S, FedSource, Yard


@pytest.fixture
def yard() -> Iterator[Yard]:
    made = Yard()
    yield made
    made.fleet.close()
    made.hub.close()


def test_fleet_counts_a_file_to_its_end(yard: Yard):
    yard.sources["clip"] = ListSource([make_frame(index) for index in range(4)])

    yard.fleet.start("gate", "clip", [PERSON], SourceOptions())

    assert yard.wait_for_end("gate") is RunStatus.DONE
    status = yard.fleet.status("gate")
    assert (status.frames_counted, status.frame_count) == (4, 4)
    assert [point.counts for point in yard.fleet.history("gate")] == [
        (("person", count),) for count in range(4)
    ]


def test_fleet_applies_new_queries_without_restart(yard: Yard):
    source = yard.start_fed()
    source.feed(make_frame(1))
    first = yard.fleet.wait_newer("gate", 0, WAIT_S)

    yard.fleet.set_queries("gate", [PERSON, CAR])
    source.feed(make_frame(2))
    second = yard.fleet.wait_newer("gate", 1, WAIT_S)

    assert first is not None
    assert second is not None
    assert [count.query.text for count in second.result.counts] == ["person", "car"]
    assert len(yard.store.runs.kept) == 1


def test_fleet_stop_writes_and_keeps_the_last_frame(yard: Yard):
    source = yard.start_fed()
    source.feed(make_frame(1))
    yard.fleet.wait_newer("gate", 0, WAIT_S)

    status = yard.fleet.stop("gate")

    assert status.state is RunStatus.STOPPED
    assert yard.store.runs.kept[0].status is RunStatus.STOPPED
    assert yard.fleet.latest("gate") is not None


def test_fleet_refuses_a_camera_that_is_being_counted(yard: Yard):
    yard.start_fed()

    with pytest.raises(CameraError, match="already being counted"):
        yard.fleet.start("gate", "gate", [PERSON], SourceOptions())


def test_fleet_starts_a_stopped_camera_again(yard: Yard):
    yard.start_fed()
    yard.fleet.stop("gate")

    yard.start_fed()

    assert yard.fleet.status("gate").state is RunStatus.RUNNING
    assert len(yard.store.runs.kept) == 2


def test_lost_camera_says_why_and_leaves_others_running(yard: Yard):
    yard.start_fed("door")
    yard.sources["clip"] = ListSource([make_frame(0)], error=SourceLostError("cable cut"))

    yard.fleet.start("gate", "clip", [PERSON], SourceOptions())

    assert yard.wait_for_end("gate") is RunStatus.LOST
    assert yard.fleet.status("gate").error == "cable cut"
    assert yard.fleet.status("door").state is RunStatus.RUNNING


def test_gap_shows_in_the_history_as_a_hole(yard: Yard):
    first, later = make_frame(0), make_frame(50)
    gap = Gap("gate", first.captured_at, later.captured_at, "stalled")
    yard.sources["clip"] = ListSource([first, gap, later])

    yard.fleet.start("gate", "clip", [PERSON], SourceOptions())
    yard.wait_for_end("gate")

    assert [len(point.counts) for point in yard.fleet.history("gate")] == [1, 0, 1]
    assert yard.fleet.history("gate")[1].at == START


def test_source_that_cannot_be_opened_leaves_no_trace(yard: Yard):
    with pytest.raises(SourceOpenError):
        yard.fleet.start("gate", "nowhere", [PERSON], SourceOptions())

    assert yard.fleet.statuses() == ()
    assert yard.store.runs.kept == []


def test_unknown_camera_is_refused_with_the_known_ones(yard: Yard):
    yard.start_fed("door")

    with pytest.raises(CameraError, match="known: door"):
        yard.fleet.status("gate")


def test_blank_camera_name_is_refused(yard: Yard):
    with pytest.raises(CameraError, match="needs a printable name"):
        yard.fleet.start("  ", "gate", [PERSON], SourceOptions())


def test_wait_newer_gives_up_when_nothing_comes(yard: Yard):
    yard.start_fed()

    assert yard.fleet.wait_newer("gate", 0, 0.01) is None


def test_camera_that_is_away_is_waited_for(yard: Yard):
    yard.start_fed()

    assert yard.opened[0][1].on_unreachable is OnUnreachable.WAIT


def test_camera_whose_counting_failed_is_started_again_and_others_go_on(yard: Yard):
    yard.start_fed("door")
    frames = [make_frame(index) for index in range(3)]
    yard.sources["gate"] = ListSource(frames, error=StoreWriteError("disk full"), live=True)
    again = FedSource()
    yard.later["gate"] = again
    yard.fleet.start("gate", "gate", [PERSON], SourceOptions())

    while yard.fleet.status("gate").run_id < 3:
        yard.fleet.wait_newer("door", 0, 0.01)
    again.feed(make_frame(4))
    while len(yard.fleet.history("gate")) < 4:
        yard.fleet.wait_newer("door", 0, 0.01)

    status = yard.fleet.status("gate")
    assert (status.state, status.restarts) == (RunStatus.RUNNING, 1)
    assert yard.opened[-1][1].on_unreachable is OnUnreachable.DEFER
    assert yard.fleet.status("door").state is RunStatus.RUNNING


class Crashing(ListSource):
    """A live source that fails of a bug."""

    def __init__(self) -> None:
        super().__init__([], live=True)

    def __iter__(self) -> Iterator[Frame | Gap]:
        raise RuntimeError("a bug at rtsp://me:hunter2@h/1")


def test_camera_whose_thread_crashed_is_started_again(yard: Yard, caplog: pytest.LogCaptureFixture):
    yard.sources["gate"] = Crashing()
    again = FedSource()
    again.feed(make_frame(4))
    yard.later["gate"] = again
    yard.fleet.start("gate", "gate", [PERSON], SourceOptions())

    while yard.fleet.latest("gate") is None:
        yard.fleet.wait_newer("gate", 0, 0.01)

    assert yard.fleet.status("gate").restarts == 1
    assert yard.store.runs.kept[0].error == "RuntimeError: a bug at rtsp://h/1"
    assert "a bug at rtsp://h/1" in caplog.text
    assert "hunter2" not in caplog.text


def test_camera_that_cannot_be_started_again_for_a_bug_is_tried_once_more(yard: Yard):
    broken, again = FedSource(), FedSource()
    again.feed(make_frame(4))
    start_run, calls = yard.store.runs.start, itertools.count(1)

    def fail_the_second_time(*args: Any) -> Run:
        if next(calls) == 2:
            yard.sources["gate"] = again
            raise RuntimeError("a bug")
        return start_run(*args)

    yard.store.runs.start = fail_the_second_time
    yard.sources["gate"], yard.later["gate"] = Crashing(), broken
    yard.fleet.start("gate", "gate", [PERSON], SourceOptions())

    while yard.fleet.latest("gate") is None:
        yard.fleet.wait_newer("gate", 0, 0.01)

    assert yard.fleet.status("gate").restarts == 2
    assert list(broken) == [], "the source was not closed"
    assert [thread.good for thread in yard.fleet.threads] == [True]


def test_recording_that_failed_is_not_counted_twice(yard: Yard):
    yard.sources["clip"] = ListSource([make_frame(0)], error=StoreWriteError("disk full"))
    yard.fleet.start("gate", "clip", [PERSON], SourceOptions())

    assert yard.wait_for_end("gate") is RunStatus.FAILED
    yard.start_fed("door")
    yard.fleet._supervisor.step()
    assert yard.fleet.status("gate").restarts == 0


def test_recording_paced_like_a_camera_is_no_camera_of_the_database(yard: Yard):
    clip = FedSource()
    clip.info = replace(clip.info, recorded=True)
    yard.sources["clip"] = clip
    yard.fleet.follow_database()

    yard.fleet.start("campus", "clip", [PERSON], SourceOptions(realtime=True, loop=True))
    yard.fleet._supervisor.step()

    assert [camera.enabled for camera in yard.store.cameras.all()] == [False]
    assert yard.fleet.status("campus").state is RunStatus.RUNNING


def test_removed_camera_is_forgotten(yard: Yard):
    yard.start_fed()

    yard.fleet.remove("gate")

    assert yard.fleet.statuses() == ()
    assert yard.store.runs.kept[0].status is RunStatus.STOPPED


def test_restarted_camera_is_counted_as_before(yard: Yard):
    yard.sources["gate"] = FedSource()
    yard.fleet.start("gate", "gate", [PERSON], SourceOptions(sample_fps=2.0))
    yard.fleet.set_queries("gate", [CAR])
    yard.sources["gate"] = FedSource()

    status = yard.fleet.restart("gate")

    assert (status.state, status.queries) == (RunStatus.RUNNING, (CAR,))
    assert yard.opened[-1][1].sample_fps == 2.0
    assert len(yard.store.runs.kept) == 2


def test_capacity_is_unknown_before_anything_was_counted(yard: Yard):
    yard.start_fed()

    capacity = yard.fleet.capacity()

    assert (capacity.frames_per_s, capacity.cameras_at(2.0)) == (None, None)
    assert (capacity.cameras, capacity.wanted_fps) == (1, 10.0)


class LockedRuns(MemoryRuns):
    """Runs in a database that is locked from when `locked` is set until `unlocked` is."""

    def __init__(self, cameras: MemoryCameras) -> None:
        super().__init__(cameras)
        self.locked, self.waiting, self.unlocked = (threading.Event() for _ in range(3))

    def _wait(self) -> None:
        if self.locked.is_set():
            self.waiting.set()
            assert self.unlocked.wait(WAIT_S)

    def start(self, *args: Any) -> Run:
        self._wait()
        return super().start(*args)

    def end(self, *args: Any) -> None:
        self._wait()
        super().end(*args)


class LockableStore(MemoryStore):
    """A store whose runs can be locked."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = LockedRuns(self.cameras)


@pytest.fixture
def locked() -> Iterator[Yard]:
    """A yard whose camera "door" runs, and whose database is locked from then on."""
    store = LockableStore()
    made = Yard(store)
    made.start_fed("door")
    store.runs.locked.set()
    yield made
    store.runs.unlocked.set()
    made.fleet.close()
    made.hub.close()


def test_status_does_not_wait_for_a_locked_database_while_a_camera_starts(locked: Yard):
    locked.sources["gate"] = FedSource()
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(locked.fleet.start, "gate", "gate", [PERSON], SourceOptions())
        assert locked.store.runs.waiting.wait(WAIT_S)

        assert [status.camera for status in locked.fleet.statuses()] == ["door"]
        assert locked.fleet.status("door").state is RunStatus.RUNNING
        assert locked.fleet.capacity().cameras == 1
        assert locked.fleet.latest("door") is None

        locked.store.runs.unlocked.set()
        assert starting.result(WAIT_S).state is RunStatus.RUNNING


def test_status_does_not_wait_for_a_locked_database_while_a_camera_stops(locked: Yard):
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(locked.fleet.stop, "door")
        assert locked.store.runs.waiting.wait(WAIT_S)

        assert locked.fleet.status("door").camera == "door"

        locked.store.runs.unlocked.set()
        assert stopping.result(WAIT_S).state is RunStatus.STOPPED


def test_status_does_not_wait_for_a_locked_database_while_a_camera_is_started_again(locked: Yard):
    runs = locked.store.runs
    runs.locked.clear()
    locked.sources["gate"] = Crashing()
    locked.fleet.start("gate", "gate", [PERSON], SourceOptions())
    while locked.fleet.status("gate").state is RunStatus.RUNNING:
        locked.fleet.wait_newer("door", 0, 0.001)
    runs.locked.set()

    assert runs.waiting.wait(WAIT_S)

    assert len(locked.fleet.statuses()) == 2


def test_camera_is_started_by_one_caller_at_a_time(locked: Yard):
    locked.sources["gate"] = FedSource()
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(locked.fleet.start, "gate", "gate", [PERSON], SourceOptions())
        assert locked.store.runs.waiting.wait(WAIT_S)

        with pytest.raises(CameraError, match="already being counted"):
            locked.fleet.start("gate", "gate", [CAR], SourceOptions())

        locked.store.runs.unlocked.set()
        assert starting.result(WAIT_S).queries == (PERSON,)


def test_camera_that_is_stopped_while_it_starts_does_not_run(locked: Yard):
    source = FedSource()
    locked.sources["gate"] = source
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(locked.fleet.start, "gate", "gate", [PERSON], SourceOptions())
        assert locked.store.runs.waiting.wait(WAIT_S)
        with pytest.raises(CameraError, match="known: door"):
            locked.fleet.stop("gate")
        locked.store.runs.unlocked.set()

        with pytest.raises(CameraError, match="stopped while it was being started"):
            starting.result(WAIT_S)

    assert locked.store.runs.kept[-1].status is RunStatus.STOPPED
    assert list(source) == []


def test_fleet_publishes_how_a_camera_stands(yard: Yard):
    events: list[Event] = []
    yard.hub.subscribe("test", events.append)
    yard.sources["gate"] = ListSource([], error=SourceLostError("cable cut"), live=True)
    yard.fleet.start("gate", "gate", [PERSON], SourceOptions())
    yard.wait_for_end("gate")

    yard.fleet._supervisor.step()
    yard.fleet._supervisor.step()
    assert yard.hub.wait_idle(WAIT_S)

    told = [event for event in events if isinstance(event, CameraStateChanged)]
    assert (told[-1].camera, told[-1].status, told[-1].detail) == (
        "gate",
        RunStatus.LOST,
        "cable cut",
    )
    assert len(set(told)) == len(told)
