"""A hub on loopback that can break off, lie about checksums, ignore ranges and lose revisions."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

REVISION = "a" * 40


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return


class HubServer:
    """Serves the files of one repository."""

    def __init__(self, repository: str, files: dict[str, bytes]) -> None:
        self.repository = repository
        self.files = files
        self.revision = REVISION
        self.ranges: list[tuple[str, str]] = []
        self.breaks_after: dict[str, list[int]] = {}
        self.lies_about: set[str] = set()
        self.ignores_ranges = False
        self.status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self, urlsplit(self.path).path)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        if self.status != 200:
            handler.send_error(self.status)
            return
        start = f"/api/models/{self.repository}/revision/"
        if path in (f"{start}main", f"{start}{self.revision}"):
            self._list(handler)
            return
        name = path.removeprefix(f"/{self.repository}/resolve/{self.revision}/")
        if name not in self.files:
            handler.send_error(404)
            return
        self._send(handler, name)

    def _list(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"sha": self.revision, "siblings": [*map(self._entry, self.files)]})
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    def _entry(self, name: str) -> dict[str, object]:
        content = self.files[name]
        blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()  # noqa: S324
        entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
        sha256 = hashlib.sha256(content).hexdigest()
        if name in self.lies_about:
            entry["blobId"], sha256 = "0" * 40, "0" * 64
        if name.endswith(".safetensors"):
            entry["lfs"] = {"sha256": sha256, "size": len(content)}
        return entry

    def _send(self, handler: BaseHTTPRequestHandler, name: str) -> None:
        wanted = handler.headers.get("Range", "")
        self.ranges.append((name, wanted))
        content, start = self.files[name], 0
        if wanted and not self.ignores_ranges:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        breaks = self.breaks_after.get(name)
        if breaks:
            handler.wfile.write(content[start : start + breaks.pop(0)])
            handler.wfile.flush()
            handler.close_connection = True
            return
        handler.wfile.write(content[start:])
