import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ovd.domain.live import Transport
from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts
from ovd.video.live.connect import NetworkVideo, open_network
from ovd.video.network import http_request
from ovd.video.network.pinning import pin_address
from ovd.video.uri import SourceUri
from ovd.web.tls import open_self_signed
from tests.clips import make_steady_clip
from tests.rtsp_server import RtspServerProcess
from tests.video.network.range_server import FileServer, serve_file

TIMEOUTS = Timeouts(5.0, 5.0)


@pytest.mark.parametrize(
    ("address", "peer", "expected"),
    [
        ("rtsp://u:p@cam.test/1?a=b", "192.0.2.7", "rtsp://u:p@192.0.2.7/1?a=b"),
        ("rtsp://cam.test:8554/1", "2001:db8::7", "rtsp://[2001:db8::7]:8554/1"),
        ("http://u:p%40@cam.test:81/x", "192.0.2.7", "http://u:p%40@192.0.2.7:81/x"),
    ],
)
def test_name_is_replaced_by_the_address_that_was_checked(address: str, peer: str, expected: str):
    assert pin_address(address, peer)[0] == expected


def test_http_host_is_asked_for_by_its_name():
    assert pin_address("http://cam.test:81/x", "192.0.2.7")[1] == {
        "headers": "Host: cam.test:81\r\n"
    }


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        ("rtsp://192.0.2.7/1", "192.0.2.7"),
        ("http://[2001:db8::7]/x", "2001:db8::7"),
        ("http://cam.test/x", ""),
        ("rtsp://cam.test/x", "fe80::1%eth0"),
    ],
)
def test_other_addresses_stay(address: str, peer: str):
    assert pin_address(address, peer) == (address, {})


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that this process alone can look up: FFmpeg would not find them."""
    look_up = socket.getaddrinfo

    def resolve(host: object, *arguments: object, **options: object) -> object:
        known = "127.0.0.1" if host in ("cam.test", "other.test") else host
        return look_up(known, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def clip_server(folder: Path) -> FileServer:
    return FileServer(make_steady_clip(folder / "clip.mp4").read_bytes())


def open_and_close(uri: str) -> None:
    connection = open_network(SourceUri.parse(uri), TIMEOUTS, Transport.TCP)
    assert isinstance(connection, NetworkVideo)
    connection.container.close()


def test_ffmpeg_connects_to_the_rtsp_host_that_was_checked(tmp_path: Path, names: None):
    with RtspServerProcess(make_steady_clip(tmp_path / "clip.mp4")) as server:
        open_and_close(server.url().replace("127.0.0.1", "cam.test"))


def test_ffmpeg_reads_the_http_host_that_was_checked(tmp_path: Path, names: None):
    with serve_file(clip_server(tmp_path)) as server:
        open_and_close(f"http://cam.test:{server.port}/clip")

    assert {host for _, host, _ in server.asked} == {f"cam.test:{server.port}"}


def test_ffmpeg_reads_the_https_host_that_was_checked(tmp_path: Path, names: None):
    """It could not look the name up by itself."""
    tls = open_self_signed(tmp_path / "tls", "cam.test", datetime.now(UTC))
    with serve_file(clip_server(tmp_path), tls) as server:
        open_and_close(f"https://cam.test:{server.port}/clip")

    assert {host for _, host, _ in server.asked} == {f"cam.test:{server.port}"}


def test_ffmpeg_is_given_the_end_of_redirects(tmp_path: Path, names: None):
    with serve_file(clip_server(tmp_path)) as server:
        server.moved_to = f"http://other.test:{server.port}/clip"
        open_and_close(f"http://cam.test:{server.port}/moved")

    assert server.asked[0][:2] == ("/moved", f"cam.test:{server.port}")
    assert {asked[:2] for asked in server.asked[1:]} == {("/clip", f"other.test:{server.port}")}


def test_redirect_to_a_service_of_this_machine_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    peers = iter(("192.0.2.7", "127.0.0.1"))
    monkeypatch.setattr(http_request, "require_permitted_peer", lambda _: next(peers))
    with serve_file(clip_server(tmp_path)) as inside, serve_file(clip_server(tmp_path)) as server:
        server.moved_to = f"http://localhost:{inside.port}/secret"
        uri = SourceUri.parse(f"http://127.0.0.1:{server.port}/moved")
        with pytest.raises(SourceOpenError, match="nearer to this machine"):
            open_network(uri, TIMEOUTS, Transport.TCP)

    assert inside.asked == []
