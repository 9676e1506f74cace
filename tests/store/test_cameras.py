from collections.abc import Iterator
from pathlib import Path

import pytest

from ovd.errors import CameraError
from ovd.store import SqlCountStore
from ovd.store.cameras import SqlCameraRegister
from ovd.store.engine import open_engine
from tests.builders import START
from tests.fakes import FixedClock


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'counts.db'}"


@pytest.fixture
def cameras(url: str) -> Iterator[SqlCameraRegister]:
    register = SqlCameraRegister(open_engine(url), FixedClock())
    yield register
    register.close()


def test_cameras_are_listed_by_name(cameras):
    cameras.add("gate", "webcam:0")
    cameras.add("door", "webcam:1")

    assert [camera.name for camera in cameras.all()] == ["door", "gate"]
    assert cameras.find("gate").created_at == START


def test_two_cameras_cannot_have_one_name(cameras):
    cameras.add("gate", "webcam:0")

    with pytest.raises(CameraError, match="already"):
        cameras.add("gate", "webcam:1")


def test_password_is_refused_and_a_reference_is_not(cameras):
    with pytest.raises(ValueError, match="free of credentials"):
        cameras.add("gate", "rtsp://me:hunter2@h/1")

    assert cameras.add("gate", "rtsp://me:{PASS}@h/1").uri == "rtsp://me:{PASS}@h/1"


def test_camera_without_counts_is_deleted(cameras):
    cameras.add("gate", "webcam:0")

    assert cameras.remove("gate") is False
    assert cameras.all() == ()


def test_camera_with_counts_stays_for_reports_and_is_taken_up_again(cameras, url):
    with SqlCountStore(url) as store:
        counted = store.save_camera("gate", "webcam:0")
        store.start_run(counted, "fake", "", START)
        kept = cameras.remove("gate")
        hidden = cameras.all()
        in_reports = [camera.name for camera in store.cameras()]
        again = cameras.add("gate", "webcam:1")

    assert (kept, hidden, in_reports) == (True, (), ["gate"])
    assert (again.id, again.uri) == (counted.id, "webcam:1")


def test_removed_camera_that_is_counted_is_back(cameras, url):
    with SqlCountStore(url) as store:
        store.start_run(store.save_camera("gate", "webcam:0"), "fake", "", START)
        cameras.remove("gate")
        store.save_camera("gate", "webcam:0")

    assert [camera.name for camera in cameras.all()] == ["gate"]
