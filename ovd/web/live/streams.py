"""Draws what moves on the page, once for all open tabs, and tells each what changed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from anyio.to_thread import run_sync
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

from ovd.domain.access import Identity
from ovd.errors import NotFoundError
from ovd.services.access.scope import identity_of
from ovd.ui.live_page import Changes, LivePage, Viewer

ROUND_S = 1.0
# A tab that hears nothing for ten seconds says that the server is gone.
BEAT_S = 4.0
RESTART_S = 1.0
BEAT = b"event: beat\ndata: {}\n\n"
UNKNOWN = b"event: unknown\ndata: {}\n\n"
_LOG = logging.getLogger(__name__)


class _Connection:
    """One open stream; what could not be sent yet is kept by part, the newest only."""

    def __init__(self, tab: str) -> None:
        self.viewer = Viewer(tab)
        self._pending: Changes = {}
        self._ready = asyncio.Event()

    def put(self, changes: Changes) -> None:
        if changes:
            self._pending |= changes
            self._ready.set()

    async def take(self) -> Changes:
        """Wait for changes; return none after a round's time without them."""
        try:
            async with asyncio.timeout(ROUND_S):
                await self._ready.wait()
        except TimeoutError:
            return {}
        self._ready.clear()
        taken, self._pending = self._pending, {}
        return taken


class LiveStreams:
    """All open streams; what changed is drawn once a round for all of them together."""

    def __init__(self, page: LivePage, closing: Callable[[], bool]) -> None:
        """Begin without streams.

        Args:
            page: Draws what changed.
            closing: Says when the streams are to end.
        """
        self._page = page
        self._closing = closing
        self._connections: set[_Connection] = set()
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Serve all streams until cancelled."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        self._page.subscribe(wake)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_keep_running(self._draw_rounds))
                tasks.create_task(_keep_running(self._read_reports))
        finally:
            self._page.unsubscribe(wake)

    def require_tab(self, tab: str, identity: Identity) -> None:
        """Refuse the tab of another user.

        Raises:
            NotFoundError: If it is one; a tab that is not known is told so by its events.
        """
        session = self._page.sessions.find(tab)
        if session is not None and not session.belongs_to(identity):
            raise NotFoundError("unknown tab")

    async def changes(self, tab: str) -> AsyncIterator[Changes]:
        """Yield what changes on one tab, all parts of its page first; nothing as a sign of life.

        A tab that is not known is told so by a "session" without value, and no more.
        """
        connection = _Connection(tab)
        self._connections.add(connection)
        self._wake.set()
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        try:
            while not self._closing():
                changes = await connection.take()
                if "session" in changes:
                    yield changes
                    return
                if changes or clock() - sent_at >= BEAT_S:
                    sent_at = clock()
                    yield changes
        finally:
            self._connections.discard(connection)

    async def events(self, tab: str) -> AsyncIterator[bytes]:
        """Yield the same as server-sent events, for windows that get no other connection."""
        async for changes in self.changes(tab):
            if "session" in changes:
                yield UNKNOWN
            else:
                yield _event(changes) if changes else BEAT

    async def _draw_rounds(self) -> None:
        while True:
            self._wake.clear()
            connections = tuple(self._connections)
            if connections:
                viewers = [connection.viewer for connection in connections]
                sent = await run_sync(self._page.draw_changes, viewers)
                for connection, changes in zip(connections, sent, strict=True):
                    connection.put(changes)
            await self._wait_for_round()

    async def _wait_for_round(self) -> None:
        try:
            async with asyncio.timeout(ROUND_S if self._connections else None):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _read_reports(self) -> None:
        while True:
            was_read = bool(self._connections) and await run_sync(self._page.refresh_report)
            if was_read:
                self._wake.set()
            else:
                await asyncio.sleep(ROUND_S / 2)


async def _keep_running(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` for ever; log how it failed and start it again, if it does."""
    while True:
        [outcome] = await asyncio.gather(work(), return_exceptions=True)
        _LOG.error("the live page is restarted after an error", exc_info=outcome)
        await asyncio.sleep(RESTART_S)


def _event(changes: Changes) -> bytes:
    data = json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
    return f"event: parts\ndata: {data}\n\n".encode()


def add_live_route(app: FastAPI, streams: LiveStreams) -> None:
    """Serve `/live`, the events of a tab; one that is not known is told so."""

    @app.get("/live")
    async def live(tab: str, request: Request) -> StreamingResponse:
        try:
            streams.require_tab(tab, identity_of(request.scope))
        except NotFoundError as error:
            raise HTTPException(404, str(error)) from error
        return StreamingResponse(
            streams.events(tab),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
