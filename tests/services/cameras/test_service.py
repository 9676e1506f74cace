import pytest

from ovd.domain.cameras import CameraAddress, CameraQuery, CameraSettings
from ovd.errors import AddressError, CameraError, ReferenceRefusedError, SourceOpenError
from ovd.services.cameras import (
    CameraService,
    add_login,
    choose_camera_name,
    parse_camera_address,
)
from tests.fakes import MemoryCameras

SHOWN, FULL = "rtsp://192.0.2.7/1", "rtsp://viewer:hunter2@192.0.2.7/1"
REFERENCE = "rtsp://viewer:{GATE}@192.0.2.7/1"


@pytest.fixture
def cameras() -> MemoryCameras:
    return MemoryCameras()


@pytest.fixture
def service(cameras: MemoryCameras) -> CameraService:
    return CameraService(cameras)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (f" {SHOWN} ", CameraAddress(SHOWN, SHOWN)),
        (FULL, CameraAddress(SHOWN, FULL)),
        (REFERENCE, CameraAddress(REFERENCE, REFERENCE)),
        ("webcam:0", CameraAddress("webcam:0", "webcam:0")),
    ],
)
def test_address_is_split_into_what_is_shown_and_what_opens_it(typed, address):
    assert parse_camera_address(typed) == address


@pytest.mark.parametrize(("typed", "name"), [("", "192.0.2.7"), ("  ", "192.0.2.7"), (" a ", "a")])
def test_camera_without_a_name_takes_one_from_its_address(typed, name):
    assert choose_camera_name(typed, FULL) == name


def test_name_that_cannot_be_used_is_refused():
    with pytest.raises(CameraError, match="printable name"):
        choose_camera_name("a\nb", SHOWN)


@pytest.mark.parametrize("typed", ["", " ", "/etc/passwd", "clip.mp4", "file:///etc/passwd"])
def test_files_of_the_machine_are_not_opened_from_afar(service, typed):
    with pytest.raises(AddressError, match="ovd cameras add"):
        service.parse_remote_address(typed)


def test_address_that_is_none_is_refused(service):
    with pytest.raises(SourceOpenError):
        service.parse_remote_address("gopher://192.0.2.7")


def test_variables_of_the_machine_are_not_sent_to_a_host_given_from_afar(service):
    with pytest.raises(ReferenceRefusedError):
        service.parse_remote_address(REFERENCE)


def test_reference_of_a_camera_that_was_added_on_the_machine_may_be_used(service, cameras):
    cameras.add(CameraSettings("gate", parse_camera_address(REFERENCE)))

    assert service.parse_remote_address(REFERENCE).full_uri == REFERENCE


def test_shown_address_of_a_camera_stands_for_its_credentials(service, cameras):
    cameras.add(CameraSettings("gate", parse_camera_address(FULL)))

    assert service.parse_remote_address(SHOWN) == CameraAddress(SHOWN, FULL)


def test_new_credentials_win_over_those_that_are_kept(service, cameras):
    cameras.add(CameraSettings("gate", parse_camera_address(FULL)))
    other = FULL.replace("hunter2", "hunter3")

    assert service.parse_remote_address(other).full_uri == other


def test_saving_adds_a_camera_and_changes_it_the_next_time(service, cameras):
    first = service.save(CameraSettings("gate", parse_camera_address(SHOWN)))
    queries = (CameraQuery("car"),)

    second = service.save(CameraSettings("gate", parse_camera_address(FULL), queries))

    assert (first.continues, second.continues) == (False, True)
    assert (second.camera.id, cameras.find("gate").queries) == (first.camera.id, queries)
    assert cameras.find_address("gate") == FULL


def test_login_typed_apart_is_encoded_into_the_address():
    added = add_login(SHOWN, "an na", "p@ss/1")

    assert added == "rtsp://an%20na:p%40ss%2F1@192.0.2.7/1"
    assert add_login(SHOWN, "", "") == SHOWN


@pytest.mark.parametrize(
    ("uri", "user", "password"), [(SHOWN, "", "x"), (FULL, "anna", "x"), ("webcam:0", "anna", "x")]
)
def test_login_that_is_given_twice_or_without_a_user_is_refused(uri, user, password):
    with pytest.raises(AddressError):
        add_login(uri, user, password)
