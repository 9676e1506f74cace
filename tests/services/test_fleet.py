import queue
from collections.abc import Iterator

import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import FrameSource, SourceInfo, SourceOptions
from ovd.domain.records import RunStatus
from ovd.errors import CameraError, SourceLostError, SourceOpenError
from ovd.services.count import CountService
from ovd.services.fleet import Fleet
from tests.builders import START, make_frame, make_query
from tests.fakes import FakeDetector, FixedClock, ListSource, MemoryStore

PERSON, CAR = make_query("person"), make_query("car")
WAIT_S = 10.0


class FedSource:
    """A live source that yields what the test puts into it, until it is closed."""

    def __init__(self) -> None:
        self._items: queue.Queue[Frame | Gap | None] = queue.Queue()
        self.frames_read = 0
        self.info = SourceInfo("fed", (48, 64), 10.0, None, 0.1, True)

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

    def __init__(self) -> None:
        self.sources: dict[str, FrameSource] = {}
        self.store = MemoryStore()
        service = CountService(FakeDetector(), self.store, FixedClock())
        self.fleet = Fleet(service, self._open)

    def _open(self, uri: str, camera: str, options: SourceOptions) -> FrameSource:
        if uri not in self.sources:
            raise SourceOpenError(f"cannot open {uri}")
        return self.sources[uri]

    def start_fed(self, camera: str = "gate") -> FedSource:
        source = FedSource()
        self.sources[camera] = source
        self.fleet.start(camera, camera, [PERSON], SourceOptions())
        return source

    def wait_for_end(self, camera: str) -> RunStatus:
        latest = self.fleet.latest(camera)
        seen = latest.sequence if latest else 0
        while self.fleet.status(camera).state is RunStatus.RUNNING:
            newer = self.fleet.wait_newer(camera, seen, WAIT_S)
            seen = newer.sequence if newer else seen
        return self.fleet.status(camera).state


@pytest.fixture
def yard() -> Iterator[Yard]:
    made = Yard()
    yield made
    made.fleet.close()


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
    assert len(yard.store.saved_runs) == 1


def test_fleet_stop_writes_and_keeps_the_last_picture(yard: Yard):
    source = yard.start_fed()
    source.feed(make_frame(1))
    yard.fleet.wait_newer("gate", 0, WAIT_S)

    status = yard.fleet.stop("gate")

    assert status.state is RunStatus.STOPPED
    assert yard.store.saved_runs[0].status is RunStatus.STOPPED
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
    assert len(yard.store.saved_runs) == 2


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
    assert yard.store.saved_runs == []


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
