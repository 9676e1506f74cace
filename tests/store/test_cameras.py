"""One contract for every `CameraRepository`: in SQLite, in PostgreSQL and in the fake."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest

from ovd.domain.cameras import (
    Camera,
    CameraAddress,
    CameraChanges,
    CameraOptions,
    CameraQuery,
    CameraRepository,
    CameraSettings,
)
from ovd.domain.live import Transport
from ovd.domain.zones import Anchor, Mask, MaskKind
from ovd.errors import CameraError, CredentialsError
from ovd.store.cameras import SqlCameraRepository
from ovd.store.credentials import CredentialCipher
from ovd.store.database import Database
from ovd.store.statements import writing
from tests.builders import START, make_run
from tests.fakes import FixedClock, MemoryCameras
from tests.store.databases import make_empty, make_url, query_database, query_file

WEBCAM = CameraAddress.without_credentials("webcam:0")
OTHER = CameraAddress.without_credentials("webcam:1")
WITH_PASSWORD = CameraAddress("rtsp://192.0.2.7/1", "rtsp://viewer:hunter2@192.0.2.7/1")
COMPOSED, DECOMPOSED = "\uc815\ubb38", "\u110c\u1165\u11bc\u1106\u116e\u11ab"


class CountsOnce(Protocol):
    def __call__(self, camera: Camera) -> None: ...


@dataclass
class Kept:
    """A repository, and a way to give one of its cameras counts."""

    cameras: CameraRepository
    clock: FixedClock
    count: CountsOnce


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    clock = FixedClock()
    if request.param == "fake":
        fake = MemoryCameras(clock.now)
        yield Kept(fake, clock, lambda camera: fake.used.add(camera.name))
        return
    url = make_url(make_empty(tmp_path / "ovd.db"))
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    with Database(url, now=clock.now) as database:

        def count(camera: Camera) -> None:
            database.change(lambda to: writing.insert_run(to, make_run(camera), START))

        cipher = CredentialCipher(tmp_path / "secret.key")
        yield Kept(SqlCameraRepository(database, cipher), clock, count)


def make_settings(name: str = "gate", address: CameraAddress = WEBCAM) -> CameraSettings:
    return CameraSettings(name, address)


def test_cameras_are_listed_by_name(kept: Kept):
    kept.cameras.add(make_settings("gate"))
    kept.cameras.add(make_settings("door"))

    assert [camera.name for camera in kept.cameras.all()] == ["door", "gate"]
    assert kept.cameras.find("gate").created_at == START


def test_everything_a_user_set_comes_back(kept: Kept):
    settings = CameraSettings(
        "gate",
        WEBCAM,
        (CameraQuery("person", 0.5), CameraQuery("red car")),
        CameraOptions(2.5, Transport.UDP),
        enabled=False,
    )

    kept.cameras.add(settings)

    found = kept.cameras.find("gate")
    assert (found.uri, found.queries, found.options, found.enabled, found.complete) == (
        "webcam:0",
        settings.queries,
        settings.options,
        False,
        True,
    )


def test_two_cameras_cannot_have_one_name(kept: Kept):
    kept.cameras.add(make_settings())

    with pytest.raises(CameraError, match="already"):
        kept.cameras.add(make_settings())


@pytest.mark.parametrize("other", [DECOMPOSED, f" {COMPOSED} "])
def test_spellings_of_one_name_are_one_camera(kept: Kept, other: str):
    camera = kept.cameras.add(make_settings(COMPOSED)).camera

    with pytest.raises(CameraError, match="already"):
        kept.cameras.add(make_settings(other))
    assert kept.cameras.find(other) == kept.cameras.record(other, "webcam:0") == camera
    assert kept.cameras.find_address(other) == "webcam:0"
    kept.cameras.remove(other)
    assert kept.cameras.all() == ()


def test_credentials_open_the_camera_and_are_shown_nowhere(kept: Kept):
    added = kept.cameras.add(make_settings(address=WITH_PASSWORD))

    assert kept.cameras.find_address("gate") == WITH_PASSWORD.full_uri
    assert (added.camera.uri, added.camera.complete) == ("rtsp://192.0.2.7/1", True)
    assert "hunter2" not in repr(added) + repr(WITH_PASSWORD) + repr(kept.cameras.all())


def test_camera_whose_password_is_not_known_cannot_be_opened(kept: Kept):
    kept.cameras.add(make_settings(address=CameraAddress("rtsp://192.0.2.7/1", None)))

    assert not kept.cameras.find("gate").complete
    with pytest.raises(CredentialsError, match="'gate' cannot be opened: its password is not kept"):
        kept.cameras.find_address("gate")


def test_an_address_with_a_password_to_be_shown_is_refused_and_a_reference_is_not():
    with pytest.raises(ValueError, match="free of credentials"):
        CameraAddress.without_credentials("rtsp://me:hunter2@h/1")

    CameraAddress.without_credentials("rtsp://me:{PASS}@h/1")


def test_changes_leave_the_rest_and_raise_the_revision(kept: Kept):
    before = kept.cameras.add(make_settings(address=WITH_PASSWORD)).camera
    queries = (CameraQuery("car"),)

    after = kept.cameras.update("gate", CameraChanges(queries=queries, enabled=False))

    assert after == replace(before, queries=queries, enabled=False, revision=after.revision)
    assert after.revision > before.revision
    assert kept.cameras.find("gate") == after
    assert kept.cameras.find_address("gate") == WITH_PASSWORD.full_uri


def test_a_new_address_replaces_the_credentials(kept: Kept):
    kept.cameras.add(make_settings(address=WITH_PASSWORD))

    kept.cameras.update("gate", CameraChanges(address=OTHER))

    assert kept.cameras.find_address("gate") == "webcam:1"


def test_unknown_camera_cannot_be_changed(kept: Kept):
    kept.cameras.add(make_settings("door"))

    with pytest.raises(CameraError, match="no camera 'gate'; known: door"):
        kept.cameras.update("gate", CameraChanges(enabled=True))


def test_camera_that_is_only_counted_is_not_enabled(kept: Kept):
    camera = kept.cameras.record("gate", "clip.mp4")

    assert (camera.name, camera.uri, camera.enabled) == ("gate", "clip.mp4", False)
    assert kept.cameras.all() == (camera,)


def test_camera_that_is_only_counted_takes_the_address_it_is_counted_from(kept: Kept):
    first = kept.cameras.record("gate", "clip.mp4")

    second = kept.cameras.record("gate", "other.mp4")

    assert (second.id, second.uri) == (first.id, "other.mp4")


def test_camera_that_a_user_added_keeps_its_address_when_it_is_counted(kept: Kept):
    added = kept.cameras.add(make_settings(address=WITH_PASSWORD)).camera

    assert kept.cameras.record("gate", "rtsp://192.0.2.8/1") == added


def test_an_added_camera_that_is_stopped_keeps_its_address_when_it_is_counted(kept: Kept):
    kept.cameras.add(CameraSettings("gate", WEBCAM))
    stopped = kept.cameras.update("gate", CameraChanges(enabled=False))

    assert kept.cameras.record("gate", "clip.mp4") == stopped


def test_a_counted_camera_whose_settings_a_user_changes_keeps_its_address(kept: Kept):
    kept.cameras.record("gate", "webcam:0")
    kept.cameras.update("gate", CameraChanges(enabled=False))

    assert kept.cameras.record("gate", "clip.mp4").uri == "webcam:0"


def test_camera_that_was_only_counted_is_added_with_its_history(kept: Kept):
    counted = kept.cameras.record("gate", "clip.mp4")

    added = kept.cameras.add(make_settings())

    assert added.continues
    assert (added.camera.id, added.camera.uri, added.camera.enabled) == (
        counted.id,
        "webcam:0",
        True,
    )


def test_camera_without_counts_is_deleted(kept: Kept):
    kept.cameras.add(make_settings())

    assert kept.cameras.remove("gate") is False
    assert kept.cameras.all(include_removed=True) == ()


def test_removed_camera_with_counts_is_listed_only_on_demand(kept: Kept):
    kept.count(kept.cameras.add(make_settings()).camera)
    kept.clock.advance(60)

    assert kept.cameras.remove("gate") is True

    (removed,) = kept.cameras.all(include_removed=True)
    assert (removed.name, removed.enabled, removed.removed_at) == (
        "gate",
        False,
        START + timedelta(seconds=60),
    )
    assert kept.cameras.all() == ()
    with pytest.raises(CameraError, match="no camera 'gate'; known: none"):
        kept.cameras.find("gate")


def test_removed_camera_that_is_added_again_continues_its_history(kept: Kept):
    first = kept.cameras.add(make_settings(address=WITH_PASSWORD)).camera
    kept.count(first)
    kept.cameras.remove("gate")

    again = kept.cameras.add(make_settings(address=OTHER))

    assert again.continues
    assert (again.camera.id, again.camera.uri, again.camera.removed_at) == (
        first.id,
        "webcam:1",
        None,
    )
    assert again.camera.revision > first.revision


def test_removed_camera_that_is_counted_is_back_without_being_enabled(kept: Kept):
    kept.count(kept.cameras.add(make_settings()).camera)
    kept.cameras.remove("gate")

    back = kept.cameras.record("gate", "clip.mp4")

    assert (back.uri, back.enabled, back.removed_at) == ("clip.mp4", False, None)
    assert kept.cameras.all() == (back,)


def open_cameras(database: Database, folder: Path, key: str = "") -> SqlCameraRepository:
    return SqlCameraRepository(database, CredentialCipher(folder / "secret.key", key))


def test_no_part_of_a_password_is_in_the_database(url: str, tmp_path: Path):
    with Database(url) as database:
        cameras = open_cameras(database, tmp_path)
        cameras.add(make_settings(address=WITH_PASSWORD))
        before = query_database(url, "SELECT * FROM cameras")
        cameras.record("gate", "clip.mp4")
        cameras.remove("gate")

    assert "hunter2" not in str(before)
    assert query_database(url, "SELECT * FROM cameras") == []


def test_credentials_of_a_removed_camera_are_forgotten(tmp_path: Path):
    path = make_empty(tmp_path / "ovd.db")
    with Database(make_url(path)) as database:
        cameras = open_cameras(database, tmp_path)
        camera = cameras.add(make_settings(address=WITH_PASSWORD)).camera
        database.change(lambda to: writing.insert_run(to, make_run(camera), START))
        cameras.remove("gate")

    assert query_file(path, "SELECT credentials, complete FROM cameras") == [(None, 0)]


def test_a_lost_key_is_an_error_for_the_camera_that_needs_it_only(tmp_path: Path):
    url = make_url(make_empty(tmp_path / "ovd.db"))
    with Database(url) as database:
        cameras = open_cameras(database, tmp_path)
        cameras.add(make_settings("gate", WITH_PASSWORD))
        cameras.add(make_settings("door"))
        (tmp_path / "secret.key").unlink()

        with pytest.raises(CredentialsError, match="'gate' cannot be opened: the key"):
            cameras.find_address("gate")
        assert cameras.find_address("door") == "webcam:0"
        assert [camera.name for camera in cameras.all()] == ["door", "gate"]


def test_renamed_camera_keeps_its_address_queries_and_history(kept: Kept):
    settings = CameraSettings("gate", WITH_PASSWORD, (CameraQuery("person"),))
    before = kept.cameras.add(settings).camera
    kept.count(before)

    after = kept.cameras.update("gate", CameraChanges(name=" north gate "))

    assert (after.id, after.name, after.queries) == (before.id, "north gate", before.queries)
    assert kept.cameras.find_address("north gate") == WITH_PASSWORD.full_uri
    with pytest.raises(CameraError):
        kept.cameras.find("gate")


def test_name_of_another_camera_is_not_taken_also_when_it_was_removed(kept: Kept):
    kept.cameras.add(CameraSettings("gate", WEBCAM))
    kept.count(kept.cameras.add(CameraSettings("yard", OTHER)).camera)
    kept.cameras.remove("yard")

    with pytest.raises(CameraError, match="yard"):
        kept.cameras.update("gate", CameraChanges(name="yard"))

    assert kept.cameras.find("gate").name == "gate"


def test_masks_are_kept_and_stay_when_a_camera_is_removed(kept: Kept):
    corners = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))
    masks = (
        Mask("desk", MaskKind.PRIVACY, corners),
        Mask("statue", MaskKind.IGNORE, corners, Anchor.CENTER, "person"),
    )
    kept.count(kept.cameras.add(CameraSettings("gate", WEBCAM)).camera)

    before = kept.cameras.find("gate")
    assert kept.cameras.update("gate", CameraChanges(masks=masks)).masks == masks
    assert kept.cameras.find("gate").revision > before.revision
    kept.cameras.remove("gate")

    assert kept.cameras.add(CameraSettings("gate", OTHER)).camera.masks == masks


def test_masks_leave_open_where_a_counted_camera_is_read_from(kept: Kept):
    kept.cameras.record("gate", "a.mp4")

    kept.cameras.update("gate", CameraChanges(masks=()))

    assert kept.cameras.record("gate", "b.mp4").uri == "b.mp4"


def test_detector_and_judge_of_a_camera_are_kept(kept: Kept):
    options = CameraOptions(5.0, None, "owlv2-base", "none")
    kept.cameras.add(CameraSettings("gate", WEBCAM, options=options))

    assert kept.cameras.find("gate").options == options
    changed = kept.cameras.update("gate", CameraChanges(options=CameraOptions(verify="clip:a/b")))
    assert (changed.options.detector, changed.options.verify) == ("", "clip:a/b")
