"""Serve the scripts and styles of Gradio's front end from memory, and have them fetched early.

Gradio opens, reads and compresses each of some sixty files for each visit. Their names carry a
hash of what is in them, so a browser may keep them for good.
"""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLACE = "/assets/"
_NAME = re.compile(r"\w[\w.-]*\.(js|css)")
_FOR_GOOD = "private, max-age=31536000, immutable"
# Proxies allow the headers of an answer 4 kB altogether.
_LONGEST_LINKS = 2400


@dataclass(frozen=True)
class _Asset:
    """A file as it is sent: its media type, its content, and the same compressed."""

    media_type: str
    content: bytes
    compressed: bytes


class FrontendAssets:
    """ASGI middleware that answers for the files of a folder, and leaves the rest to others."""

    def __init__(self, app: ASGIApp, folder: Path, root_path: str = "") -> None:
        """Read nothing yet.

        Args:
            app: What answers for everything else.
            folder: Where the files are.
            root_path: Path below which a proxy shows the application.
        """
        self._app = app
        self._folder = folder
        self._page = f"{root_path}/"
        self._place = f"{root_path}{PLACE}"
        self._assets: dict[str, _Asset] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path, answer = scope.get("path", ""), None
        if scope["type"] == "http" and scope["method"] == "GET":
            if path == self._page:
                send = self._with_links(send)
            elif path.startswith(self._place):
                answer = await self._answer(path.removeprefix(self._place), Headers(scope=scope))
        await (answer or self._app)(scope, receive, send)

    async def _answer(self, name: str, headers: Headers) -> Response | None:
        """Return a file; None for what there is not, such as a font."""
        if _NAME.fullmatch(name) is None:
            return None
        asset = self._assets.get(name) or await run_in_threadpool(self._read, name)
        if asset is None:
            return None
        self._assets[name] = asset
        sent, body = {"Cache-Control": _FOR_GOOD, "Vary": "Accept-Encoding"}, asset.content
        if "gzip" in headers.get("accept-encoding", ""):
            sent["Content-Encoding"], body = "gzip", asset.compressed
        return Response(body, media_type=asset.media_type, headers=sent)

    def _read(self, name: str) -> _Asset | None:
        path = self._folder / name
        if not path.is_file():
            return None
        content = path.read_bytes()
        media_type = "text/css" if name.endswith(".css") else "text/javascript"
        return _Asset(media_type, content, gzip.compress(content, mtime=0))

    def _with_links(self, send: Send) -> Send:
        """Name the scripts that pages before needed, so that they are fetched at once."""
        links = ""
        for name in tuple(self._assets):
            link = f"<{PLACE.removeprefix('/')}{name}>;rel=modulepreload"
            if name.endswith(".js") and len(links) + len(link) < _LONGEST_LINKS:
                links += f",{link}" if links else link

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start" and links:
                MutableHeaders(scope=message).append("Link", links)
            await send(message)

        return send_with_links
