import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import ovd.store
from ovd.domain.cameras import (
    Camera,
    CameraAddress,
    CameraChanges,
    CameraOptions,
    CameraQuery,
    CameraSettings,
)
from ovd.domain.live import OnUnreachable, Transport
from ovd.domain.ports import SourceOptions
from ovd.domain.records import RunStatus
from ovd.domain.zones import Mask, MaskKind
from ovd.errors import StoreOpenError
from ovd.services.cameras import parse_camera_address
from ovd.store import SqlStore
from ovd.store.credentials import CredentialCipher
from ovd.store.database import DatabaseOptions
from tests.builders import make_frame, make_query
from tests.fakes import ListSource, MemoryCameras, MemoryStore
from tests.services.counting.yard import CAR, PERSON, WAIT_S, FedSource, Yard
from tests.store.databases import make_url

URI = "rtsp://me:hunter2@h/1"
SHOWN = "rtsp://h/1"


class BrokenCameras(MemoryCameras):
    """Cameras of a database that cannot be read while `broken`."""

    broken = False

    def all(self, include_removed: bool = False) -> tuple[Camera, ...]:
        if self.broken:
            raise StoreOpenError("the database is locked")
        return super().all(include_removed)


@pytest.fixture
def yard() -> Iterator[Yard]:
    """A fleet that follows its database as far as the test makes it."""
    store = MemoryStore()
    store.cameras = BrokenCameras()
    made = Yard(store)
    made.fleet._supervisor.follow(made.fleet._sync)
    yield made
    made.fleet.close()
    made.hub.close()


def add(yard: Yard, *queries: str, uri: str = URI, enabled: bool = True) -> FedSource:
    """Add a camera as another process does, and let its address be opened."""
    source = FedSource(parse_camera_address(uri).uri)
    yard.sources[uri] = source
    asked = tuple(CameraQuery(text) for text in queries)
    yard.store.cameras.add(
        CameraSettings("gate", parse_camera_address(uri), asked, CameraOptions(2.0), enabled)
    )
    return source


def change(yard: Yard, **changes: object) -> None:
    """Change the camera as another process does, and let the fleet see it."""
    yard.store.cameras.update("gate", CameraChanges(**changes))
    yard.fleet._supervisor.step()


def wait_for_end(yard: Yard) -> None:
    while yard.fleet.status("gate").state is RunStatus.RUNNING:
        yard.fleet.wait_newer("gate", 0, 0.001)
    worker = yard.fleet._slots.find("gate").worker
    assert worker is not None
    worker.stop()


def test_enabled_camera_is_counted_as_the_database_says(yard: Yard):
    source = add(yard, "person", "car")

    yard.fleet._supervisor.step()
    source.feed(make_frame(1))
    yard.wait_for_frames(yard.fleet, "gate")

    status = yard.fleet.status("gate")
    assert (status.state, status.uri) == (RunStatus.RUNNING, SHOWN)
    assert [query.text for query in status.queries] == ["person", "car"]
    assert yard.opened == [(URI, SourceOptions(2.0, on_unreachable=OnUnreachable.DEFER))]
    assert [run.camera.id for run in yard.store.runs.kept] == [1]


def test_camera_that_is_not_enabled_is_left_alone(yard: Yard):
    add(yard, "person", enabled=False)

    yard.fleet._supervisor.step()

    assert (yard.fleet.statuses(), yard.opened) == ((), [])


def test_camera_without_queries_is_asked_the_saved_ones(yard: Yard):
    yard.store.saved_queries.add("car")
    add(yard)

    yard.fleet._supervisor.step()

    assert yard.fleet.status("gate").queries == (CAR,)


def test_queries_that_count_the_same_are_asked_once(yard: Yard):
    add(yard, "person", "persn", "보행자", "car")

    yard.fleet._supervisor.step()

    assert yard.fleet.status("gate").queries == (PERSON, CAR)


def test_camera_without_any_query_says_what_is_missing(yard: Yard):
    add(yard)

    yard.fleet._supervisor.step()

    status = yard.fleet.status("gate")
    assert status.state is RunStatus.INTERRUPTED
    assert "has no queries" in status.error


def test_other_queries_are_counted_without_another_run(yard: Yard):
    add(yard, "person")
    yard.fleet._supervisor.step()

    change(yard, queries=(CameraQuery("car", 0.5),))

    assert yard.fleet.status("gate").queries == (make_query("car", 0.5),)
    assert len(yard.opened) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"options": CameraOptions(5.0, Transport.UDP)},
        {"address": CameraAddress(SHOWN, "rtsp://me:changed@h/1")},
    ],
)
def test_other_address_or_rate_starts_another_run(yard: Yard, changes: dict[str, object]):
    add(yard, "person")
    yard.fleet._supervisor.step()
    for uri in (URI, "rtsp://me:changed@h/1"):
        yard.sources[uri] = FedSource(SHOWN)

    change(yard, **changes)
    wait_for_end(yard)
    yard.fleet._supervisor.step()

    assert yard.fleet.status("gate").state is RunStatus.RUNNING
    assert [run.status for run in yard.store.runs.kept] == [RunStatus.STOPPED, RunStatus.RUNNING]
    assert len(yard.opened) == 2


def test_other_masks_hold_from_the_next_frame_of_the_same_run(yard: Yard):
    source = add(yard, "person")
    yard.fleet._supervisor.step()
    whole = Mask("desk", MaskKind.PRIVACY, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))

    change(yard, masks=(whole,))
    frame = make_frame(0)
    frame.image[:] = 3
    source.feed(frame)

    latest = yard.fleet.wait_newer("gate", 0, WAIT_S)
    assert latest is not None
    assert not latest.result.frame.image.any()
    assert [run.status for run in yard.store.runs.kept] == [RunStatus.RUNNING]
    assert len(yard.opened) == 1


def test_disabled_camera_is_stopped_and_enabled_again(yard: Yard):
    add(yard, "person")
    yard.fleet._supervisor.step()

    change(yard, enabled=False)
    wait_for_end(yard)
    assert yard.fleet.status("gate").state is RunStatus.STOPPED

    yard.sources[URI] = FedSource(SHOWN)
    change(yard, enabled=True)
    assert yard.fleet.status("gate").state is RunStatus.RUNNING


def test_removed_camera_leaves_the_fleet(yard: Yard):
    add(yard, "person")
    yard.fleet._supervisor.step()

    yard.store.cameras.remove("gate")
    yard.fleet._supervisor.step()

    assert yard.fleet.statuses() == ()
    assert yard.store.runs.kept[0].status is RunStatus.STOPPED


def test_camera_whose_password_is_not_kept_says_so(yard: Yard):
    yard.store.cameras.add(
        CameraSettings("gate", CameraAddress(SHOWN, None), (CameraQuery("car"),))
    )

    yard.fleet._supervisor.step()

    status = yard.fleet.status("gate")
    assert (status.state, status.uri) == (RunStatus.INTERRUPTED, SHOWN)
    assert "password is not kept" in status.error
    assert yard.opened == []


def test_recording_is_never_counted_by_itself(yard: Yard):
    add(yard, "person", uri="clip.mp4")
    recording = ListSource([make_frame(0)])
    yard.sources["clip.mp4"] = recording

    yard.fleet._supervisor.step()
    yard.fleet._supervisor.step()

    assert "is a recording" in yard.fleet.status("gate").error
    assert (recording.closed, len(yard.opened), yard.store.runs.kept) == (True, 1, [])


def test_database_that_cannot_be_read_changes_nothing(yard: Yard, caplog: pytest.LogCaptureFixture):
    add(yard, "person")
    yard.fleet._supervisor.step()
    yard.store.cameras.broken = True

    with caplog.at_level(logging.WARNING):
        yard.fleet._supervisor.step()
        yard.fleet._supervisor.step()

    assert yard.fleet.status("gate").state is RunStatus.RUNNING
    assert [record.getMessage() for record in caplog.records] == [
        "changes of cameras cannot be read: the database is locked"
    ]


def test_recording_under_the_name_of_a_camera_is_counted_to_its_end(yard: Yard):
    source = FedSource("clip")
    source.info = ListSource([make_frame(0)]).info
    yard.sources["clip"] = source
    yard.fleet.start("gate", "clip", [PERSON], SourceOptions())
    add(yard, "person")

    yard.fleet._supervisor.step()
    assert len(yard.opened) == 1

    source.close()
    wait_for_end(yard)
    yard.fleet._supervisor.step()
    assert [uri for uri, _ in yard.opened] == ["clip", URI]


def test_started_camera_is_kept_as_it_is(yard: Yard):
    yard.sources[URI] = FedSource(SHOWN)

    yard.fleet.start("gate", URI, [make_query("car", 0.5)], SourceOptions(2.0))
    yard.fleet._supervisor.step()

    (camera,) = yard.store.cameras.all()
    assert (camera.name, camera.uri, camera.enabled) == ("gate", SHOWN, True)
    assert camera.queries == (CameraQuery("car", 0.5),)
    assert camera.options.sample_fps == 2.0
    assert yard.store.cameras.find_address("gate") == URI
    assert len(yard.opened) == 1, "it was started anew for its own change"


def test_stopping_and_changing_a_camera_is_kept(yard: Yard):
    yard.sources[URI] = FedSource(SHOWN)
    yard.fleet.start("gate", URI, [PERSON], SourceOptions())

    yard.fleet.set_queries("gate", [CAR])
    yard.fleet.stop("gate")
    yard.fleet._supervisor.step()

    (camera,) = yard.store.cameras.all()
    assert (camera.enabled, camera.queries) == (False, (CameraQuery("car", 0.35),))
    assert yard.fleet.status("gate").state is RunStatus.STOPPED


def test_known_camera_is_started_without_typing_its_password_again(yard: Yard):
    add(yard, "person", enabled=False)

    yard.fleet.start("gate", SHOWN, [PERSON], SourceOptions())

    assert yard.opened[0][0] == URI
    assert yard.store.cameras.find_address("gate") == URI


def test_removed_camera_is_removed_from_the_database(yard: Yard):
    yard.sources[URI] = FedSource(SHOWN)
    yard.fleet.start("gate", URI, [PERSON], SourceOptions())

    yard.fleet.remove("gate")

    assert yard.store.cameras.all() == ()


def test_recording_is_counted_under_a_name_that_is_not_enabled(yard: Yard):
    yard.sources["clip.mp4"] = ListSource([make_frame(0)])

    yard.fleet.start("gate", "clip.mp4", [PERSON], SourceOptions())
    yard.fleet._supervisor.step()

    assert [camera.enabled for camera in yard.store.cameras.all()] == [False]


def open_keyed_store(folder: Path) -> SqlStore:
    cipher = CredentialCipher(folder / "secret.key")
    return ovd.store.open_store(make_url(folder / "ovd.db"), cipher, DatabaseOptions())


def test_password_and_queries_survive_a_killed_process(tmp_path: Path):
    killed = Yard(open_keyed_store(tmp_path))
    killed.sources[URI] = FedSource(SHOWN)
    killed.fleet.start("gate", URI, [make_query("car", 0.5)], SourceOptions(2.0))

    # Nothing is closed before the next process opens the database.
    yard = Yard(open_keyed_store(tmp_path))
    source = FedSource(SHOWN)
    source.feed(make_frame(1))
    yard.sources[URI] = source
    yard.fleet._supervisor.follow(yard.fleet._sync)
    yard.fleet._supervisor.step()
    yard.wait_for_frames(yard.fleet, "gate")

    status = yard.fleet.status("gate")
    for left in (yard, killed):
        left.fleet.close()
        left.hub.close()
        left.store.close()
    assert yard.opened == [(URI, SourceOptions(2.0, on_unreachable=OnUnreachable.DEFER))]
    assert status.queries == (make_query("car", 0.5),)
    assert b"hunter2" not in (tmp_path / "ovd.db").read_bytes()


def test_camera_that_a_user_starts_meanwhile_is_not_started_twice(yard: Yard):
    add(yard, "person")
    find_address = yard.store.cameras.find_address

    def start_meanwhile(name: str) -> str:
        yard.store.cameras.find_address = find_address
        yard.fleet.start("gate", URI, [PERSON], SourceOptions(2.0))
        return find_address(name)

    yard.store.cameras.find_address = start_meanwhile
    yard.fleet._supervisor.step()
    yard.fleet._supervisor.step()

    assert len(yard.store.runs.kept) == 1
    assert yard.fleet.status("gate").state is RunStatus.RUNNING


def test_problem_of_a_running_camera_ends_with_its_cause(yard: Yard):
    add(yard, "person")
    yard.fleet._supervisor.step()
    change(yard, queries=())
    assert "has no queries" in yard.fleet.status("gate").error

    change(yard, queries=(CameraQuery("car"),))

    assert yard.fleet.status("gate").error == ""
    assert yard.fleet.status("gate").queries == (CAR,)


def test_camera_whose_last_query_was_removed_is_not_asked_the_saved_ones(yard: Yard):
    yard.store.saved_queries.add("car")
    add(yard, "person")
    yard.fleet._supervisor.step()

    yard.fleet.set_queries("gate", [])
    yard.fleet._supervisor.step()

    assert yard.fleet.status("gate").queries == ()


def test_camera_without_queries_follows_the_saved_ones(yard: Yard):
    add(yard)
    yard.fleet._supervisor.step()

    yard.store.saved_queries.add("person")
    yard.fleet._supervisor.step()

    status = yard.fleet.status("gate")
    assert (status.state, status.queries, status.error) == (RunStatus.RUNNING, (PERSON,), "")


def test_refused_password_is_not_tried_again_for_other_queries(yard: Yard):
    add(yard, "person")
    del yard.sources[URI]
    yard.refused.add(URI)
    yard.fleet._supervisor.step()
    assert len(yard.opened) == 1

    change(yard, queries=(CameraQuery("car"),))

    assert len(yard.opened) == 1


def test_camera_is_counted_again_after_a_recording_under_its_name(yard: Yard):
    yard.sources["clip"] = ListSource([make_frame(0)])
    yard.fleet.start("gate", "clip", [PERSON], SourceOptions())
    yard.wait_for_end("gate")
    source = add(yard, "car")

    yard.fleet._supervisor.step()
    source.feed(make_frame(1))

    assert yard.fleet.status("gate").queries == (CAR,)


def test_started_webcam_is_not_started_anew_by_the_database(yard: Yard):
    yard.sources["webcam:0"] = FedSource("webcam:0")
    yard.fleet.start("desk", "webcam:0", [PERSON], SourceOptions(5.0, realtime=True))

    yard.fleet._supervisor.step()

    assert len(yard.store.runs.kept) == 1
