from pathlib import Path

import numpy as np
import pytest

from ovd.domain.access import Role
from ovd.render.annotate import encode_jpeg
from tests.api.conftest import Client, api, code_of
from tests.mjpeg_server import LOGIN, MjpegServer
from tests.stages import stage

__all__ = ["api", "stage"]


def make_jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3))
    return encode_jpeg(noise.astype(np.uint8))


def test_camera_is_opened_and_shown_without_being_added(api: Client):
    with MjpegServer([make_jpeg()] * 2, Path("none.mp4")) as server:
        uri = server.url("/live")
        tested = api.post("/camera-test", json={"uri": uri}).json()

    assert (tested["problem"], tested["width"] > 0) == ("", True)
    assert tested["image"].startswith("data:image/jpeg;base64,")
    assert api.get("/cameras").json()["items"] == []


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("rtsp://127.0.0.1:9/1", "silent"),
        ("rtps://camera/1", "address"),
        ("/etc/passwd", "address"),
        ("rtsp://camera.invalid/1", "host"),
        ("http://169.254.169.254/latest", "address"),
    ],
)
def test_camera_that_does_not_open_says_why(api: Client, uri: str, problem: str):
    answer = api.post("/camera-test", json={"uri": uri}).json()

    assert (answer["problem"], answer["image"]) == (problem, "")
    assert answer["message"]


def test_login_is_taken_apart_from_the_address(api: Client):
    user, _, password = LOGIN.partition(":")
    with MjpegServer([make_jpeg()] * 2, Path("none.mp4")) as server:
        body = {"uri": server.url("/private"), "user": user}
        refused = api.post("/camera-test", json=body | {"password": "wrong"}).json()
        accepted = api.post("/camera-test", json=body | {"password": password}).json()

    assert (refused["problem"], accepted["problem"]) == ("refused", "")


def test_kept_camera_is_opened_by_its_name(api: Client):
    api.post("/cameras", json={"name": "gate", "uri": "rtsp://127.0.0.1:9/1", "enabled": False})

    assert api.post("/camera-test", json={"name": "gate"}).json()["problem"] == "silent"
    assert code_of(api.post("/camera-test", json={"name": "yard"})) == (404, "not_found")


def test_new_address_takes_an_admin(api: Client):
    api.acting_as(Role.OPERATOR)

    answer = api.post("/camera-test", json={"uri": "rtsp://127.0.0.1:9/1"})

    assert code_of(answer) == (403, "forbidden")


def test_cameras_of_the_network_are_listed_for_an_admin(api: Client):
    found = api.post("/camera-discovery").json()["items"]

    assert found == [{"host": "192.0.2.7", "name": "AXIS P1", "hardware": "P1"}]
    api.acting_as(Role.OPERATOR)
    assert code_of(api.post("/camera-discovery")) == (403, "forbidden")


def test_templates_name_the_host(api: Client):
    items = api.get("/camera-templates").json()["items"]

    assert all("{host}" in item["main"] for item in items)
    assert [item["maker"] for item in items] == sorted(item["maker"] for item in items)
