"""Why an RTSP camera does not send: the true reason, and what to do."""

from itertools import islice
from urllib.parse import quote

import pytest

from ovd.domain.frame import Frame
from ovd.domain.live import Transport
from ovd.domain.ports import SourceOptions
from ovd.errors import OpenFailure, SourceOpenError
from ovd.video import open_source
from ovd.video.decoding.container import Timeouts
from ovd.video.live.policy import BackOff, StreamPolicy
from tests.clips import make_steady_clip
from tests.rtsp_server import RtspServerProcess

POLICY = StreamPolicy(Timeouts(open_s=10.0, read_s=2.0), back_off=BackOff(0.05, 0.2))
LOGIN = "viewer:s3cret-pass"
PASSWORD = "a@b:c/d#e?f%41 g"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_steady_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


def open_camera(url, transport=None):
    return open_source(url, "gate", SourceOptions(transport=transport), POLICY)


def refusal(url, transport=None):
    with pytest.raises(SourceOpenError) as caught:
        open_camera(url, transport).close()
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_camera_that_needs_a_login_says_so(clip):
    with RtspServerProcess(clip, login=LOGIN) as server:
        error = refusal(server.url())

    assert "needs a user and a password (401)" in str(error)
    assert error.failure is OpenFailure.REFUSED


@pytest.mark.parametrize("auth", ["basic", "MD5", "basic+MD5", "MD5+basic"])
def test_login_with_marks_of_an_address_in_it_is_taken_once_encoded(clip, auth):
    login = f"me@home:{PASSWORD}"
    with RtspServerProcess(clip, login=login, auth=auth) as server:
        source = open_camera(server.url(f"me%40home:{quote(PASSWORD, safe='')}"))
        source.close()

    assert source.info.uri == server.url()


def test_camera_that_wants_another_digest_says_so_and_is_not_asked_with_the_password_again(clip):
    with RtspServerProcess(clip, login=LOGIN, auth="SHA-256") as server:
        error = refusal(server.url(LOGIN))
        asked = server.refusals()

    assert "only as Digest with SHA-256" in str(error)
    assert "MD5 or Basic" in str(error)
    assert (error.failure, asked) == (OpenFailure.REFUSED, 0)


@pytest.mark.parametrize(
    ("sends", "asked", "message"),
    [
        ("udp", Transport.TCP, "does not send by TCP (461); choose UDP: --transport udp"),
        ("tcp", Transport.UDP, "does not send by UDP (461); choose TCP: --transport tcp"),
    ],
)
def test_camera_that_sends_another_way_says_what_to_choose(clip, sends, asked, message):
    with RtspServerProcess(clip, transport=sends) as server:
        error = refusal(server.url(), asked)
        source = open_camera(server.url(), Transport(sends))
        frames = [item for item in islice(source, 2) if isinstance(item, Frame)]
        source.close()

    assert message in str(error)
    assert frames


@pytest.mark.parametrize(
    ("refuse", "message", "failure"),
    [
        ("DESCRIBE:400", "(400)", OpenFailure.UNUSABLE),
        ("DESCRIBE:403", "forbids this (403)", OpenFailure.REFUSED),
        ("DESCRIBE:404", "nothing at this path (404)", OpenFailure.UNUSABLE),
        ("SETUP:404", "nothing at this path (404)", OpenFailure.UNUSABLE),
        ("SETUP:453", "lacks bandwidth (453)", OpenFailure.AWAY),
        ("SETUP:454", "no such session (454)", OpenFailure.AWAY),
        ("PLAY:454", "no such session (454)", OpenFailure.AWAY),
        ("DESCRIBE:418", "refused the request (418)", OpenFailure.UNUSABLE),
        ("DESCRIBE:500", "failed (500)", OpenFailure.AWAY),
        ("PLAY:503", "busy or starting (503)", OpenFailure.AWAY),
    ],
)
@pytest.mark.parametrize("login", ["", LOGIN])
def test_status_of_the_camera_is_told(clip, refuse, message, failure, login):
    with RtspServerProcess(clip, login=login, refuse=refuse, auth="MD5") as server:
        error = refusal(server.url(login))

    assert message in str(error)
    assert error.failure is failure


@pytest.mark.parametrize("auth", ["basic+MD5", "basic"])
def test_session_that_times_out_is_kept_alive(clip, auth):
    with RtspServerProcess(clip, login=LOGIN, auth=auth, session_timeout=2.0) as server:
        source = open_camera(server.url(LOGIN))
        items = list(islice(source, 40))
        source.close()

    assert all(isinstance(item, Frame) for item in items)
