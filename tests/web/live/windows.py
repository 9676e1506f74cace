"""Open windows of the page, without a browser: they speak its protocol to the application."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from threading import Event
from typing import Any, TypeVar

from starlette.types import Message

from ovd.ui.live_page import LivePage
from ovd.ui.session import Session
from ovd.web.app import build_web_app
from tests.stages import WAIT_S, Stage

Result = TypeVar("Result")


class RefusedError(Exception):
    """The server ended the connection."""


class Window:
    """One connection of a window."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[Message] = asyncio.Queue()
        self.from_server: asyncio.Queue[Message] = asyncio.Queue()

    async def watch(self, *cameras: str, width: int = 300) -> None:
        await self.say(json.dumps({"watch": [[camera, width] for camera in cameras]}))

    async def say(self, text: str) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": text})

    async def read(self) -> Message:
        message = await self.from_server.get()
        if message["type"] == "websocket.close":
            raise RefusedError
        return message

    async def read_json(self) -> dict[str, Any]:
        while not (message := await self.read()).get("text"):
            pass
        told: dict[str, Any] = json.loads(message["text"])
        return told

    async def read_images(self, number: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < number:
            data = (await self.read()).get("bytes")
            if data:
                (length,) = struct.unpack(">I", data[:4])
                assert data[4 + length :].startswith(b"\xff\xd8")
                found.append(json.loads(data[4 : 4 + length]))
        return found


@asynccontextmanager
async def open_window(
    web: Callable[..., Awaitable[None]], tab: str = "tab", origin: str = ""
) -> AsyncIterator[Window]:
    window = Window()
    headers = [(b"host", b"localhost"), *([(b"origin", origin.encode())] if origin else [])]
    scope = {
        "type": "websocket",
        "path": "/live",
        "raw_path": b"/live",
        "query_string": f"tab={tab}".encode(),
        "root_path": "",
        "scheme": "ws",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "subprotocols": [],
        "state": {},
        "extensions": {},
    }
    await window.to_server.put({"type": "websocket.connect"})
    task = asyncio.ensure_future(web(scope, window.to_server.get, window.from_server.put))
    try:
        async with asyncio.timeout(WAIT_S):
            first = await window.read()
            assert first["type"] == "websocket.accept"
            yield window
    finally:
        await window.to_server.put({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(WAIT_S):
            await task


def with_window(
    stage: Stage,
    act: Callable[[Window], Awaitable[Result]],
    session: Session | None = None,
    tab: str = "tab",
    origin: str = "",
) -> Result:
    """Do something in a window whose session is known as `tab`."""

    async def run() -> Result:
        web = build_web_app(stage.services, Event())
        page: LivePage = web.state.live
        page.sessions.begin("tab", session or Session(camera="gate"))
        async with web.router.lifespan_context(web), open_window(web, tab, origin) as window:
            return await act(window)

    return asyncio.run(run())
