import json
from pathlib import Path
from typing import Any

import pytest

from ovd.domain.cameras import (
    CameraAddress,
    CameraChanges,
    CameraOptions,
    CameraQuery,
    CameraSettings,
)
from ovd.domain.live import Transport
from ovd.errors import CameraError
from ovd.services.cameras import CameraService
from ovd.services.fleet_file import import_fleet_file
from tests.fakes import MemoryCameras

GATE = {
    "camera": "gate",
    "uri": "rtsp://me:{GATE_PASSWORD}@h/1",
    "complete": True,
    "queries": [["person", 0.4], ["빨간 차", 0.35]],
    "sample_fps": 2.0,
    "transport": "udp",
}
DOOR = {
    "camera": "door",
    "uri": "rtsp://h/2",
    "complete": False,
    "queries": [["car", 0.35]],
    "sample_fps": None,
    "transport": None,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "fleet.json"


def write(path: Path, *cameras: dict[str, Any], version: int = 1) -> None:
    path.write_text(json.dumps({"version": version, "cameras": cameras}), encoding="utf-8")


def test_cameras_of_the_file_become_enabled_cameras_and_the_file_is_gone(path: Path):
    cameras = MemoryCameras()
    write(path, GATE, DOOR)

    import_fleet_file(path, CameraService(cameras))

    door, gate = cameras.all()
    assert (gate.uri, gate.enabled, gate.complete) == (GATE["uri"], True, True)
    assert gate.queries == (CameraQuery("person", 0.4), CameraQuery("빨간 차", 0.35))
    assert gate.options == CameraOptions(2.0, Transport.UDP)
    assert (door.enabled, door.complete, door.options) == (True, False, CameraOptions())
    assert not path.exists()


def test_camera_that_is_known_takes_what_the_file_says(path: Path):
    cameras = MemoryCameras()
    known = CameraAddress.without_credentials("rtsp://h/old")
    cameras.add(CameraSettings("gate", known, enabled=False))
    write(path, GATE)

    import_fleet_file(path, CameraService(cameras))

    (gate,) = cameras.all()
    assert (gate.uri, gate.enabled, len(gate.queries)) == (GATE["uri"], True, 2)


@pytest.mark.parametrize(
    "refused",
    [
        DOOR | {"camera": ""},
        DOOR | {"camera": "side", "uri": "rtsp://me:hunter2@h/2"},
        DOOR | {"camera": "side", "transport": "pigeon"},
        {"camera": "side"},
        "side",
    ],
)
def test_camera_that_cannot_be_kept_does_not_keep_the_others_out(
    path: Path, refused: Any, caplog: pytest.LogCaptureFixture
):
    cameras = MemoryCameras()
    write(path, refused, GATE)
    text = path.read_text(encoding="utf-8")

    import_fleet_file(path, CameraService(cameras))

    assert [camera.name for camera in cameras.all()] == ["gate"]
    assert not path.exists()
    assert path.with_name("fleet.json.refused").read_text(encoding="utf-8") == text
    assert "fleet.json.refused" in caplog.text
    assert "'side'" in caplog.text or "''" in caplog.text
    assert "hunter2" not in caplog.text


def test_camera_that_the_database_refuses_is_kept_beside(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def refuse(settings: CameraSettings) -> None:
        raise CameraError("no room at the gate")

    cameras = MemoryCameras()
    write(path, GATE)
    monkeypatch.setattr(cameras, "add", refuse)

    import_fleet_file(path, CameraService(cameras))

    assert path.with_name("fleet.json.refused").exists()
    assert "no room at the gate" in caplog.text


def test_file_that_cannot_be_removed_does_not_undo_later_changes(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def refuse(file: Path, missing_ok: bool = False) -> None:
        raise PermissionError("read-only")

    cameras = MemoryCameras()
    cameras.used.add("door")
    write(path, GATE, DOOR)
    monkeypatch.setattr(Path, "unlink", refuse)
    import_fleet_file(path, CameraService(cameras))
    cameras.update("gate", CameraChanges(queries=(CameraQuery("dog", 0.5),), enabled=False))
    cameras.remove("door")

    import_fleet_file(path, CameraService(cameras))

    [gate] = cameras.all()
    assert (gate.enabled, gate.queries) == (False, (CameraQuery("dog", 0.5),))
    assert "cannot be removed" in caplog.text


def test_no_file_is_nothing_to_do(path: Path):
    cameras = MemoryCameras()

    import_fleet_file(path, CameraService(cameras))

    assert cameras.all() == ()


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"version": 9, "cameras": []}', '{"version": 1, "cameras": 3}']
)
def test_file_that_cannot_be_read_stays_and_is_told(
    path: Path, text: str, caplog: pytest.LogCaptureFixture
):
    path.write_text(text, encoding="utf-8")

    import_fleet_file(path, CameraService(MemoryCameras()))

    assert path.exists()
    assert "cannot be taken over" in caplog.text
