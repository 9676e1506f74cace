"""The connection of an open window: parts of the page, and images of the cameras it shows."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from functools import partial

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from ovd.domain.access import Identity
from ovd.domain.ports import LiveFrame
from ovd.errors import CameraError, OvdError
from ovd.services.access.scope import identity_of
from ovd.services.streaming.images import LiveImages, fitting_side
from ovd.web.live.streams import LiveStreams

# Browsers allow six connections to a server, but many web sockets: one of these for each window.
INTERVAL_S = 0.1
MOST_CAMERAS = 64
_ENCODERS = 2
_POLICY_VIOLATION = 1008
Watched = Mapping[str, int]


class _Window:
    """One open window: what it shows, and what it has."""

    def __init__(self, socket: WebSocket, identity: Identity) -> None:
        self._socket = socket
        self._identity = identity
        self._turn = asyncio.Lock()
        self.watched: Watched = {}
        self.changed = asyncio.Event()
        self.seen: dict[str, tuple[LiveFrame, int]] = {}

    def watch(self, text: str) -> None:
        """Take note of the cameras that are shown; what cannot be read is ignored."""
        try:
            asked = json.loads(text)["watch"]
            sizes = {str(name): fitting_side(int(width)) for name, width in asked[:MOST_CAMERAS]}
        except (ValueError, TypeError, KeyError):
            return
        self.watched = {name: side for name, side in sizes.items() if self._identity.may_see(name)}
        self.seen = {name: has for name, has in self.seen.items() if name in self.watched}
        self.changed.set()

    async def send(self, message: bytes | Mapping[str, object]) -> None:
        """Send an image or parts of the page; waits while the window is slow to take them."""
        async with self._turn:
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_text(json.dumps(message, ensure_ascii=False))


class LiveSockets:
    """All open windows; an image is encoded once for all of them that show it in one size."""

    def __init__(
        self, streams: LiveStreams, images: LiveImages, closing: Callable[[], bool]
    ) -> None:
        """Begin without windows.

        Args:
            streams: Tells what changed on the page.
            images: Makes the messages with images.
            closing: Says when the connections are to end.
        """
        self._streams = streams
        self._images = images
        self._closing = closing
        self._limiter: anyio.CapacityLimiter | None = None
        self._windows: set[_Window] = set()
        self._making: dict[tuple[str, int], tuple[LiveFrame, asyncio.Task[bytes]]] = {}

    async def serve(self, socket: WebSocket, tab: str, identity: Identity) -> None:
        """Send a window what it shows until it leaves or the server closes."""
        await socket.accept()
        window = _Window(socket, identity)
        self._windows.add(window)
        work: tuple[Coroutine[None, None, None], ...] = (
            self._receive(socket, window),
            self._send_parts(window, tab),
            self._send_images(window),
        )
        tasks = {asyncio.create_task(part) for part in work}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            self._windows.discard(window)
            self._forget_unwatched()
        if not any(isinstance(end, WebSocketDisconnect) for end in ended):
            await socket.close()

    async def _receive(self, socket: WebSocket, window: _Window) -> None:
        while True:
            window.watch(await socket.receive_text())
            self._forget_unwatched()

    def _forget_unwatched(self) -> None:
        """Let go of images, and the frames they were made of, that no window shows any more."""
        shown = {item for window in self._windows for item in window.watched.items()}
        self._making = {key: made for key, made in self._making.items() if key in shown}

    async def _send_parts(self, window: _Window, tab: str) -> None:
        async for changes in self._streams.changes(tab):
            await window.send({"unknown": True} if "session" in changes else {"parts": changes})
            if "session" in changes:
                return

    async def _send_images(self, window: _Window) -> None:
        while not self._closing():
            for camera, side in tuple(window.watched.items()):
                try:
                    await self._send_newest(window, camera, side)
                except CameraError:  # it was removed this moment
                    window.seen.pop(camera, None)
            if window.watched:
                await asyncio.sleep(INTERVAL_S)
            else:
                window.changed.clear()
                await window.changed.wait()

    async def _send_newest(self, window: _Window, camera: str, side: int) -> None:
        live = self._images.latest(camera)
        if live is None:
            return
        known, known_side = window.seen.get(camera, (None, 0))
        if known is live and known_side == side:
            return
        message = await self._make(camera, live, side)
        window.seen[camera] = (live, side)
        await window.send(message)

    async def _make(self, camera: str, live: LiveFrame, side: int) -> bytes:
        key = (camera, side)
        making = self._making.get(key)
        if making is None or making[0] is not live:
            self._limiter = self._limiter or anyio.CapacityLimiter(_ENCODERS)
            encode = partial(self._images.message, camera, live, side)
            making = (live, asyncio.create_task(run_sync(encode, limiter=self._limiter)))
            self._making[key] = making
        return await asyncio.shield(making[1])


def add_live_socket(app: FastAPI, streams: LiveStreams, sockets: LiveSockets) -> None:
    """Serve the web socket `/live` of a tab; that of another user is refused."""

    @app.websocket("/live")
    async def live(socket: WebSocket, tab: str) -> None:
        identity = identity_of(socket.scope)
        try:
            streams.require_tab(tab, identity)
        except OvdError:
            await socket.close(_POLICY_VIOLATION)
            return
        try:
            await sockets.serve(socket, tab, identity)
        except WebSocketDisconnect:
            return
