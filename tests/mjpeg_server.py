"""A small HTTP camera and web server: motion JPEG, a recording, a web page, a login, an error."""

import base64
import hashlib
import io
import itertools
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from PIL import Image as PilImage

BOUNDARY = "frame"
LOGIN = "viewer:s3cret-pass"
BODIES = {
    "/page": ("text/html", b"<!doctype html><title>camera</title>" + b"<p>hello" * 200),
    "/short-page": ("text/html", b"<html><form>login</form></html>"),
    "/json": ("application/json", b'{"error": "unauthorized"}'),
    "/json-as-page": ("text/html", b'{"error": "unauthorized"}'),
    "/nothing-there": ("text/plain", b""),
    "/playlist": ("application/vnd.apple.mpegurl", b"#EXTM3U\n#EXTINF:6,\n/a.ts\n"),
    "/archive": ("application/zip", b"PK\3\4" + bytes(range(256)) * 20),
}
REDIRECTS = {
    "/loop": "/loop",
    "/loop-a": "/loop-b",
    "/loop-b": "/loop-a",
    "/moved": "/live",
    "/moved-private": "/private",
    "/elsewhere": "ftp://127.0.0.1/live",
}


BOUNDARIES = {
    "quoted": 'multipart/x-mixed-replace; boundary="my boundary"',
    "upper case": "Multipart/X-Mixed-Replace;Boundary=frame",
    "with charset": "multipart/x-mixed-replace;boundary=frame; charset=utf-8",
    "with dashes": "multipart/x-mixed-replace; boundary=--frame",
    "none": "multipart/x-mixed-replace",
    "another": "multipart/x-mixed-replace; boundary=other",
    "raw": "image/jpeg",
    "unknown type": "application/octet-stream",
    "no type": "",
}
SHAPES = (
    "plain",
    *BOUNDARIES,
    "line feeds",
    "no length",
    "wrong length",
    "no first boundary",
    "text before",
    "image/jpg",
    "png",
    "odd headers",
    "nothing between",
)
"""Ways in which cameras send motion JPEG; served at `/shape/NAME`."""


def _wrap(shape: str, jpeg: bytes, first: bool) -> bytes:
    """One image as a camera of some shape sends it."""
    if shape in ("raw", "unknown type", "no type"):
        return jpeg
    line = b"\n" if shape == "line feeds" else b"\r\n"
    name = b"my boundary" if shape == "quoted" else BOUNDARY.encode()
    kind = b"image/jpeg"
    if shape in ("image/jpg", "png"):
        kind = shape.encode() if shape == "image/jpg" else b"image/png"
    length = len(jpeg) + 7 * (shape == "wrong length")
    head = b"" if first and shape == "no first boundary" else b"--" + name + line
    head += b"Content-Type: " + kind + line
    head += b"" if shape == "no length" else b"Content-Length: %d" % length + line
    head += b"X-Timestamp: 1.5" + line + b"X-Empty:" + line if shape == "odd headers" else b""
    before = b"This is a camera" + line * 2 if first and shape == "text before" else b""
    return before + head + line + jpeg + (b"" if shape == "nothing between" else line)


class CameraHandler(BaseHTTPRequestHandler):
    server: "MjpegServer"

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0])
        self.server.asked.append((path, self.headers.get("Authorization", "")))
        if path == "/private" and self.headers.get("Authorization") != _basic(LOGIN):
            self._challenge('Basic realm="camera"')
        elif path.startswith("/digest/") and not self._knows_digest(path.removeprefix("/digest/")):
            self._challenge(
                f'Digest realm="a camera", nonce="abc", qop="auth", algorithm={path[8:]}',
                'Basic realm="never"' if "both" in self.path else "",
            )
        elif path in ("/live", "/private") or path.startswith("/digest/"):
            self._show_live("plain")
        elif path.startswith("/shape/"):
            self._show_live(path.removeprefix("/shape/"))
        else:
            self._show_page(path)

    def _show_page(self, path: str) -> None:
        if path in BODIES:
            self._send(*BODIES[path])
        elif path == "/image":
            self._send("image/jpeg", self.server.jpegs[0])
        elif path.startswith("/status/"):
            self.send_error(int(path.removeprefix("/status/")))
        elif path in self.server.redirects:
            self.send_response(302)
            self.send_header("Location", self.server.redirects[path])
            self.end_headers()
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

    def _challenge(self, *challenges: str) -> None:
        self.send_response(401)
        for challenge in filter(None, challenges):
            self.send_header("WWW-Authenticate", challenge)
        self.end_headers()

    def _knows_digest(self, algorithm: str) -> bool:
        hash_of = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', self.headers.get("Authorization", "")))
        user, _, password = LOGIN.partition(":")

        def digest(text: str) -> str:
            return hash_of(text.encode()).hexdigest()

        secret, request = digest(f"{user}:a camera:{password}"), digest(f"GET:{self.path}")
        parts = [given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop")]
        return given.get("response") == digest(":".join([secret, *parts, request]))

    def _show_live(self, shape: str) -> None:
        self.send_response(200)
        kind = BOUNDARIES.get(shape, f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        if kind:
            self.send_header("Content-Type", kind)
        self.end_headers()
        for number, jpeg in enumerate(itertools.cycle(self.server.jpegs)):
            image = _to_png(jpeg) if shape == "png" else jpeg
            try:
                self.wfile.write(_wrap(shape, image, first=number == 0))
            except OSError:
                return
            if self.server.ended.wait(1 / self.server.fps):
                return

    def log_message(self, *_: object) -> None:
        pass


def _to_png(jpeg: bytes) -> bytes:
    stream = io.BytesIO()
    PilImage.open(io.BytesIO(jpeg)).save(stream, "PNG")
    return stream.getvalue()


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
        self.redirects = dict(REDIRECTS)
        self.asked: list[tuple[str, str]] = []

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
