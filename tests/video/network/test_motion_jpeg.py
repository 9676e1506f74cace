"""What answers at an HTTP address: motion JPEG in all its shapes, and what is no video."""

from itertools import islice

import pytest

from ovd.domain.frame import Frame
from ovd.domain.live import OnUnreachable
from ovd.domain.ports import SourceOptions
from ovd.errors import OpenFailure, SourceOpenError
from ovd.render.annotate import encode_jpeg
from ovd.video import open_source
from ovd.video.decoding.container import Timeouts
from ovd.video.live.policy import BackOff, StreamPolicy
from tests.clips import make_image, make_steady_clip, read_number
from tests.mjpeg_server import LOGIN, SHAPES, MjpegServer

POLICY = StreamPolicy(Timeouts(open_s=10.0, read_s=1.0), back_off=BackOff(0.05, 0.2))


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    clip = make_steady_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")
    jpegs = [encode_jpeg(make_image(number), quality=95) for number in range(20)]
    with MjpegServer(jpegs, clip) as server:
        yield server


def take(url, number=5):
    source = open_source(url, "gate", SourceOptions(), POLICY)
    items = list(islice(source, number))
    source.close()
    return items


@pytest.mark.parametrize("shape", SHAPES)
def test_motion_jpeg_of_any_shape_is_read_without_gaps(camera, shape):
    items = take(camera.url(f"/shape/{shape.replace(' ', '%20')}"))

    assert all(isinstance(item, Frame) for item in items)
    assert [read_number(item.image) for item in items] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("path", ["/private", "/digest/MD5", "/digest/SHA-256", "/moved-private"])
def test_camera_is_asked_with_the_login_of_its_address(camera, path):
    assert len(take(camera.url(path, LOGIN))) == 5


def test_login_is_sent_only_when_it_is_asked_for(camera):
    camera.asked.clear()

    take(camera.url("/moved", LOGIN), 1)

    assert camera.asked == [("/moved", ""), ("/live", "")]


def test_password_is_refused_after_one_try(camera):
    camera.asked.clear()

    with pytest.raises(SourceOpenError, match="refused the user or password") as caught:
        take(camera.url("/digest/MD5", "viewer:wr0ng"))

    assert caught.value.failure is OpenFailure.REFUSED
    assert len(camera.asked) == 2
    assert "wr0ng" not in str(caught.value)


def test_login_is_not_sent_to_another_host(camera, tmp_path):
    with MjpegServer([], tmp_path) as other:
        camera.redirects["/to-other"] = f"http://localhost:{other.server_port}/private"

        with pytest.raises(SourceOpenError, match="another host"):
            take(camera.url("/to-other", LOGIN))

    assert [login for _, login in other.asked] == [""]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/page", "no video there; the answer is a web page"),
        ("/short-page", "no video there; the answer is a web page"),
        ("/json", "no video there; the answer is JSON"),
        ("/json-as-page", "no video there; the answer is JSON"),
        ("/nothing-there", "no video there; the answer is nothing"),
        ("/playlist", "playlist"),
        ("/archive", "no video"),
        ("/image", "single image"),
        ("/loop", "no video there; it redirects in a circle"),
        ("/loop-a", "no video there; it redirects in a circle"),
        ("/elsewhere", "not HTTP"),
        ("/status/404", r"nothing at this path \(404\)"),
        ("/status/410", "410"),
    ],
)
def test_what_is_no_video_is_told_and_not_waited_for(camera, path, message):
    options = SourceOptions(on_unreachable=OnUnreachable.WAIT)

    with pytest.raises(SourceOpenError, match=message) as caught:
        open_source(camera.url(path), "gate", options, POLICY)

    assert caught.value.failure is OpenFailure.UNUSABLE


def test_camera_that_needs_a_login_says_so(camera):
    with pytest.raises(SourceOpenError, match="needs a user and a password") as caught:
        take(camera.url("/private"))

    assert caught.value.failure is OpenFailure.REFUSED


def test_camera_that_fails_may_be_back(camera):
    with pytest.raises(SourceOpenError, match=r"failed \(500\)") as caught:
        take(camera.url("/status/500"))

    assert caught.value.failure is OpenFailure.AWAY


def test_damaged_image_is_a_gap(camera, tmp_path):
    jpegs = [encode_jpeg(make_image(number), quality=95) for number in range(20)]
    jpegs[2] = jpegs[2][: len(jpegs[2]) // 2]
    with MjpegServer(jpegs, tmp_path) as server:
        first, second, gap, fourth = take(server.url("/live"), 4)

    assert [read_number(item.image) for item in (first, second, fourth)] == [0, 1, 3]
    assert gap.reason == "damaged stream"


def test_camera_that_stops_sending_is_lost_in_time(tmp_path):
    jpegs = [encode_jpeg(make_image(0), quality=95)]
    with MjpegServer(jpegs, tmp_path) as server:
        source = open_source(server.url("/live"), "gate", SourceOptions(), POLICY)
        next(iter(source))
        server.fps = 0.01
        with source._changed:
            lost = source._changed.wait_for(lambda: source._outage is not None, 20)
        source.close()

    assert lost
    assert "no frame within 1 s" in str(source._outage)
