import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ovd.domain.live import Transport
from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts
from ovd.video.live.connect import NetworkVideo, open_network
from ovd.video.network.pinning import pin_address
from ovd.video.uri import SourceUri
from tests.clips import make_steady_clip
from tests.rtsp_server import RtspServerProcess

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
        ("https://cam.test/x", "192.0.2.7"),
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


@contextmanager
def serve_clip(clip: Path, then: str = "") -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Serve a clip at any path but `/moved`; `then` is where all but the first request lead."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            moved = f"http://other.test:{port}/clip" if self.path == "/moved" else ""
            moved = then if then and len(asked) > 1 else moved
            content = b"" if moved else clip.read_bytes()
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", moved)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield port, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def open_and_close(uri: str) -> None:
    connection = open_network(SourceUri.parse(uri), TIMEOUTS, Transport.TCP)
    assert isinstance(connection, NetworkVideo)
    connection.container.close()


def test_ffmpeg_connects_to_the_rtsp_host_that_was_checked(tmp_path: Path, names: None):
    with RtspServerProcess(make_steady_clip(tmp_path / "clip.mp4")) as server:
        open_and_close(server.url().replace("127.0.0.1", "cam.test"))


def test_ffmpeg_connects_to_the_http_host_that_was_checked(tmp_path: Path, names: None):
    with serve_clip(make_steady_clip(tmp_path / "clip.mp4")) as (port, asked):
        open_and_close(f"http://cam.test:{port}/clip")

    assert {host for _, host in asked} == {f"cam.test:{port}"}


def test_ffmpeg_is_given_the_end_of_redirects(tmp_path: Path, names: None):
    with serve_clip(make_steady_clip(tmp_path / "clip.mp4")) as (port, asked):
        open_and_close(f"http://cam.test:{port}/moved")

    assert asked[0] == ("/moved", f"cam.test:{port}")
    assert set(asked[1:]) == {("/clip", f"other.test:{port}")}


def test_redirect_that_only_ffmpeg_is_given_is_not_followed(tmp_path: Path, names: None):
    clip = make_steady_clip(tmp_path / "clip.mp4")
    with (
        serve_clip(clip) as (inside, asked_inside),
        serve_clip(clip, then=f"http://127.0.0.1:{inside}/secret") as (port, _),
        pytest.raises(SourceOpenError),
    ):
        open_and_close(f"http://cam.test:{port}/clip")

    assert asked_inside == []
