import itertools
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import Patience
from ovd.domain.ports import FrameSource, LiveFrame, SourceInfo, SourceOptions
from ovd.domain.records import Run, RunStatus
from ovd.errors import CameraError, SourceLostError, SourceOpenError, StoreWriteError
from ovd.services.counting.fleet import NOT_COMPLETE, Fleet
from ovd.services.counting.fleet_plan import PlanFile
from ovd.services.counting.run import CountService
from ovd.services.counting.slots import CameraPlan, Slot, SlotTable
from ovd.services.counting.supervisor import SupervisionConfig
from ovd.services.events import CameraStateChanged, Event, EventHub
from ovd.threads import Backoff
from tests.builders import START, make_frame, make_query
from tests.fakes import (
    FakeDetector,
    FakeReader,
    FixedClock,
    ListSource,
    MemoryCameras,
    MemoryRuns,
    MemoryStore,
)

PERSON, CAR = make_query("person"), make_query("car")
WAIT_S = 10.0
AT_ONCE = SupervisionConfig(check_s=0.01, backoff=Backoff(first_s=0.0, ceiling_s=0.0))


class FedSource:
    """A live source that yields what the test puts into it, until it is closed."""

    def __init__(self, uri: str = "fed") -> None:
        self._items: queue.Queue[Frame | Gap | None] = queue.Queue()
        self.frames_read = 0
        self.info = SourceInfo(uri, (48, 64), 10.0, None, 0.1, True)

    def feed(self, item: Frame | Gap) -> None:
        self._items.put(item)

    def __iter__(self) -> Iterator[Frame | Gap]:
        while (item := self._items.get()) is not None:
            self.frames_read += isinstance(item, Frame)
            yield item

    def close(self) -> None:
        self._items.put(None)


class Yard:
    """A fleet over fakes; sources are opened by URI from a table."""

    def __init__(self, plans: PlanFile | None = None, store: MemoryStore | None = None) -> None:
        self.sources: dict[str, FrameSource] = {}
        self.later: dict[str, FrameSource] = {}
        self.store = store or MemoryStore()
        self.opened: list[tuple[str, SourceOptions]] = []
        self.hub = EventHub()
        self._service = CountService(FakeDetector(), self.store, FixedClock(), self.hub)
        self.plans = plans
        self.fleet = self.make_fleet()

    def make_fleet(self) -> Fleet:
        """Another fleet, as after a restart of the app."""
        return Fleet(self._service, self._open, self.plans, supervision=AT_ONCE)

    def _open(self, uri: str, camera: str, options: SourceOptions) -> FrameSource:
        self.opened.append((uri, options))
        if uri not in self.sources:
            raise SourceOpenError(f"cannot open {uri}")
        later = self.later.pop(uri, None)
        if later is not None:
            source, self.sources[uri] = self.sources[uri], later
            return source
        return self.sources[uri]

    def start_fed(self, camera: str = "gate") -> FedSource:
        source = FedSource()
        self.sources[camera] = source
        self.fleet.start(camera, camera, [PERSON], SourceOptions())
        return source

    def wait_for_frames(self, fleet: Fleet, camera: str) -> LiveFrame:
        """The newest frame, waited for also while the camera has no thread yet."""
        latest = None
        while latest is None:
            latest = fleet.wait_newer(camera, 0, WAIT_S)
        return latest

    def wait_for_end(self, camera: str) -> RunStatus:
        latest = self.fleet.latest(camera)
        seen = latest.sequence if latest else 0
        while self.fleet.status(camera).state is RunStatus.RUNNING:
            newer = self.fleet.wait_newer(camera, seen, WAIT_S)
            seen = newer.sequence if newer else seen
        assert self.hub.wait_idle(WAIT_S)
        return self.fleet.status(camera).state


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


def test_fleet_stop_writes_and_keeps_the_last_picture(yard: Yard):
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
    with pytest.raises(CameraError, match="needs a name"):
        yard.fleet.start("  ", "gate", [PERSON], SourceOptions())


def test_wait_newer_gives_up_when_nothing_comes(yard: Yard):
    yard.start_fed()

    assert yard.fleet.wait_newer("gate", 0, 0.01) is None


def test_camera_that_is_away_is_waited_for(yard: Yard):
    yard.start_fed()

    assert yard.opened[0][1].patience is Patience.AWAY


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
    assert yard.opened[-1][1].patience is Patience.ALL
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


def test_fleet_goes_on_after_a_restart_of_the_app(tmp_path: Path):
    yard = Yard(PlanFile(tmp_path / "fleet.json"))
    yard.sources["rtsp://h/1"] = FedSource("rtsp://h/1")
    yard.fleet.start("gate", "rtsp://h/1", [CAR], SourceOptions(sample_fps=2.0))
    yard.sources["rtsp://h/2"] = FedSource("rtsp://h/2")
    yard.fleet.start("door", "rtsp://h/2", [CAR], SourceOptions())
    yard.fleet.stop("door")
    yard.fleet.close()
    source = FedSource("rtsp://h/1")
    source.feed(make_frame(1))
    yard.sources["rtsp://h/1"] = source

    fleet = yard.make_fleet()
    fleet.resume(FakeReader())
    while fleet.latest("gate") is None:
        fleet.wait_newer("gate", 0, 0.01)
    statuses = fleet.statuses()
    fleet.close()

    assert [status.camera for status in statuses] == ["gate"]
    assert statuses[0].queries[0].text == "car"
    assert yard.opened[-1] == ("rtsp://h/1", SourceOptions(2.0, patience=Patience.ALL))


def test_password_is_not_kept_and_the_camera_says_so(tmp_path: Path):
    plans = PlanFile(tmp_path / "fleet.json")
    yard = Yard(plans)
    source = FedSource("rtsp://h/1")
    yard.sources["rtsp://me:hunter2@h/1"] = source
    yard.fleet.start("gate", "rtsp://me:hunter2@h/1", [CAR], SourceOptions())
    yard.fleet.close()

    fleet = yard.make_fleet()
    fleet.resume(FakeReader())
    status = fleet.status("gate")
    with pytest.raises(CameraError, match="password is not kept"):
        fleet.restart("gate")
    fleet.close()

    assert "hunter2" not in (tmp_path / "fleet.json").read_text()
    assert (status.state, status.error) == (RunStatus.INTERRUPTED, NOT_COMPLETE)


def test_capacity_is_unknown_before_anything_was_counted(yard: Yard):
    yard.start_fed()

    capacity = yard.fleet.capacity()

    assert (capacity.frames_per_s, capacity.cameras_at(2.0)) == (None, None)
    assert (capacity.cameras, capacity.wanted_fps) == (1, 10.0)


class BlockedRuns(MemoryRuns):
    """Runs of a database that is locked from when `locked` is set until `unlocked` is."""

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


class BlockedStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.runs: BlockedRuns = BlockedRuns(self.cameras)


@pytest.fixture
def locked() -> Iterator[Yard]:
    """A yard whose camera "door" runs, and whose database is locked from then on."""
    store = BlockedStore()
    made = Yard(store=store)
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
    store = locked.store
    store.runs.locked.clear()
    locked.sources["gate"] = Crashing()
    locked.fleet.start("gate", "gate", [PERSON], SourceOptions())
    while locked.fleet.status("gate").state is RunStatus.RUNNING:
        locked.fleet.wait_newer("door", 0, 0.001)
    store.runs.locked.set()

    assert store.runs.waiting.wait(WAIT_S)

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


def test_pauses_grow_while_a_camera_cannot_be_started():
    slots, slot = SlotTable(), Slot(CameraPlan("gate", "gate", (PERSON,), SourceOptions()))
    slots.add(slot)
    now_s, pauses = 1000.0, []

    for _ in range(3):
        slots.plan_restart(slot, Backoff(first_s=1.0), now_s, "no room")
        pauses.append(slot.pause_s)

    assert pauses == [1.0, 2.0, 4.0]
