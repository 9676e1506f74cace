import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ovd.domain.live import Transport
from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts
from ovd.video.live.connect import open_network
from ovd.video.network.connections import list_connections, require_kept_host
from ovd.video.uri import SourceUri
from tests.clips import make_steady_clip
from tests.rtsp_server import RtspServerProcess

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/net/tcp").exists(), reason="the system does not tell its connections"
)


@contextmanager
def redirect_to(address: str) -> Iterator[int]:
    """An RTSP host that sends whoever asks it to another one."""

    def answer(listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                asked = connection.recv(4096)
                if not asked:
                    continue
                number = asked.partition(b"CSeq: ")[2].partition(b"\r\n")[0].decode()
                head = f"RTSP/1.0 302 Found\r\nCSeq: {number}\r\nLocation: {address}\r\n\r\n"
                connection.sendall(head.encode())
                connection.recv(4096)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            answer(listener)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_camera_that_redirects_elsewhere_is_refused(tmp_path: Path):
    clip = make_steady_clip(tmp_path / "clip.mp4")
    with RtspServerProcess(clip) as inside, redirect_to(inside.url()) as port:
        uri = SourceUri.parse(f"rtsp://127.0.0.1:{port}/cam")

        with pytest.raises(SourceOpenError, match="redirects to another host"):
            open_network(uri, Timeouts(5.0, 5.0), Transport.TCP)


@pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
def test_connection_to_the_host_that_was_checked_is_known(family: str):
    kind = socket.AF_INET6 if ":" in family else socket.AF_INET
    with socket.create_server((family, 0), family=kind) as listener:
        port = listener.getsockname()[1]
        shown = f"[{family}]" if ":" in family else family
        uri = SourceUri.parse(f"rtsp://{shown}:{port}/1")
        before = list_connections()
        with socket.create_connection((family, port)):
            require_kept_host(uri, family, before)
            with pytest.raises(SourceOpenError):
                require_kept_host(uri, "192.0.2.7", before)
