"""A small HTTP camera and web server: motion JPEG, a recording, a web page, a login, an error."""

import base64
import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

BOUNDARY = "frame"
LOGIN = "viewer:s3cret-pass"


class CameraHandler(BaseHTTPRequestHandler):
    server: "MjpegServer"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/private" and self.headers.get("Authorization") != _basic(LOGIN):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        elif path in ("/live", "/private"):
            self._show_live()
        elif path == "/page":
            self._send("text/html", b"<!doctype html><title>camera</title>" + b"<p>hello" * 200)
        elif path == "/clip.mp4":
            self._send("video/mp4", self.server.clip.read_bytes())
        elif path == "/cut.mp4":
            whole = self.server.clip.read_bytes()
            self._send("video/mp4", whole[: len(whole) // 2], declared=len(whole))
        else:
            self.send_error(404)

    def _send(self, kind: str, body: bytes, declared: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(declared or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _show_live(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        for jpeg in itertools.cycle(self.server.jpegs):
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            )
            try:
                self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return
            if self.server.ended.wait(1 / self.server.fps):
                return

    def log_message(self, *_: object) -> None:
        pass


def _basic(login: str) -> str:
    return f"Basic {base64.b64encode(login.encode()).decode()}"


class MjpegServer(ThreadingHTTPServer):
    """Serves in threads of this process; leaving the context ends every stream."""

    daemon_threads = True

    def __init__(self, jpegs: list[bytes], clip: Path, fps: float = 20.0) -> None:
        super().__init__(("127.0.0.1", 0), CameraHandler)
        self.jpegs = jpegs
        self.clip = clip
        self.fps = fps
        self.ended = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()

    def url(self, path: str, login: str = "") -> str:
        user = f"{login}@" if login else ""
        return f"http://{user}127.0.0.1:{self.server_port}{path}"
