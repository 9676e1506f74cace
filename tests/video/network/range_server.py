"""A small web server of one file, over HTTP or HTTPS, with or without parts of it."""

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ovd.web.tls import TlsFiles


@dataclass
class FileServer:
    """Where it listens, what it was asked for, and how it answers."""

    content: bytes
    gives_parts: bool = True
    cut_off_at: int | None = None
    moved_to: str = ""
    port: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # path, host, range


@contextmanager
def serve_file(server: FileServer, tls: TlsFiles | None = None) -> Iterator[FileServer]:
    """Serve a file at every path while the block lasts; `/moved` leads to `moved_to`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append((self.path, self.headers["Host"], wanted))
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", server.moved_to)
                self.end_headers()
                return
            match = re.fullmatch(r"bytes=(\d+)-", wanted) if server.gives_parts else None
            begin = int(match[1]) if match else 0
            self.send_response(206 if match else 200)
            if server.gives_parts:
                self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(server.content) - begin))
            self.end_headers()
            self.wfile.write(server.content[begin : server.cut_off_at])

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.handle_error = lambda *_: None  # type: ignore[method-assign]
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.cert, tls.key)
        web.socket = context.wrap_socket(web.socket, server_side=True)
    server.port = web.server_address[1]
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()
        thread.join()
