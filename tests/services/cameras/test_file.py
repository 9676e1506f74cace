import json
from pathlib import Path

import pytest

from ovd.domain.cameras import CameraAddress, CameraOptions, CameraQuery, CameraSettings
from ovd.domain.live import Transport
from ovd.errors import InputError, OutputError
from ovd.services.cameras.file import export_cameras, import_cameras
from tests.fakes import MemoryCameras

SHOWN, FULL = "rtsp://192.0.2.7/1", "rtsp://viewer:hunter2@192.0.2.7/1"
GATE = CameraSettings(
    "gate",
    CameraAddress(SHOWN, FULL),
    (CameraQuery("person", 0.5), CameraQuery("car")),
    CameraOptions(2.0, Transport.UDP),
)
DOOR = CameraSettings("door", CameraAddress.without_credentials("webcam:0"), enabled=False)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    cameras = MemoryCameras()
    for settings in (GATE, DOOR):
        cameras.add(settings)
    assert export_cameras(cameras, tmp_path / "cameras.json") == 2
    return tmp_path / "cameras.json"


def test_cameras_come_back_without_their_passwords(exported: Path):
    cameras = MemoryCameras()

    names = import_cameras(cameras, exported)

    gate, door = cameras.find("gate"), cameras.find("door")
    assert names == ("door", "gate")
    assert "hunter2" not in exported.read_text()
    assert (gate.uri, gate.queries, gate.options) == (SHOWN, GATE.queries, GATE.options)
    assert (gate.complete, gate.enabled, door.complete, door.enabled) == (False, True, True, False)


def test_camera_that_is_known_keeps_its_credentials(exported: Path):
    cameras = MemoryCameras()
    cameras.add(GATE)

    import_cameras(cameras, exported)

    assert cameras.find_address("gate") == FULL


def test_file_that_exists_is_not_overwritten(exported: Path):
    with pytest.raises(OutputError, match="exists"):
        export_cameras(MemoryCameras(), exported)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        json.dumps({"version": 2, "cameras": []}),
        json.dumps({"version": 1, "cameras": [{"name": "a"}]}),
        json.dumps({"version": 1, "cameras": [{"name": "a", "uri": FULL}]}),
    ],
)
def test_file_that_is_wrong_changes_nothing_and_shows_no_password(tmp_path: Path, text: str):
    (tmp_path / "cameras.json").write_text(text)
    cameras = MemoryCameras()

    with pytest.raises(InputError, match=r"cameras\.json") as caught:
        import_cameras(cameras, tmp_path / "cameras.json")

    assert cameras.all() == ()
    assert "hunter2" not in str(caught.value)
