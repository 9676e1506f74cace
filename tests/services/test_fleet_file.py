import json
from pathlib import Path
from typing import Any

import pytest

from ovd.domain.cameras import CameraAddress, CameraOptions, CameraQuery, CameraSettings
from ovd.domain.live import Transport
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


def test_no_file_is_nothing_to_do(path: Path):
    cameras = MemoryCameras()

    import_fleet_file(path, CameraService(cameras))

    assert cameras.all() == ()


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"version": 9, "cameras": []}', '{"version": 1, "cameras": [{}]}']
)
def test_file_that_cannot_be_read_stays_and_is_told(
    path: Path, text: str, caplog: pytest.LogCaptureFixture
):
    path.write_text(text, encoding="utf-8")

    import_fleet_file(path, CameraService(MemoryCameras()))

    assert path.exists()
    assert "cannot be taken over" in caplog.text
