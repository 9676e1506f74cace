"""Server-sent events: counts, gaps and states as they happen."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from ovd.api.context import ApiContext, Context, Viewer
from ovd.domain.access import Identity
from ovd.services.streaming.feed import FeedMessage

router = APIRouter(tags=["live"])
HEARTBEAT_S = 15.0
_STREAM = {"content": {"text/event-stream": {"schema": {"type": "string"}}}}


@router.get("/live", response_class=StreamingResponse, responses={200: _STREAM})
async def live(
    context: Context,
    who: Viewer,
    camera: Annotated[str | None, Query(max_length=200, description="Only this camera.")] = None,
    last_event_id: Annotated[
        str | None, Header(max_length=20, description="Go on after this event.")
    ] = None,
) -> StreamingResponse:
    """Send `count`, `gap`, `state` and `alert` events, and a comment every 15 s.

    After a break a client that sends `Last-Event-ID`, as browsers do, gets what it missed.
    """
    begin = context.feed.newest
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdecimal():
        begin = int(last_event_id)
    return StreamingResponse(
        stream_events(context, who, camera, begin),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream_events(
    context: ApiContext, who: Identity, camera: str | None, begin: int
) -> AsyncIterator[bytes]:
    """Yield the events after a number until the server closes or the client leaves."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    context.feed.subscribe(wake)
    sent_at, number = loop.time(), begin
    try:
        yield b": ovd\n\n"
        while not context.closing():
            changed.clear()
            messages = context.feed.after(number)
            wanted = [m for m in messages if _is_for(m, who, camera)]
            if messages:
                number = messages[-1].number
            if wanted:
                sent_at = loop.time()
                yield b"".join(map(_encode, wanted))
            elif loop.time() - sent_at >= HEARTBEAT_S:
                sent_at = loop.time()
                yield b": beat\n\n"
            try:
                async with asyncio.timeout(1.0):
                    await changed.wait()
            except TimeoutError:
                continue
    finally:
        context.feed.unsubscribe(wake)


def _is_for(message: FeedMessage, who: Identity, camera: str | None) -> bool:
    shown = not message.camera or who.may_see(message.camera)  # none: about the machine
    return camera in (None, message.camera) and shown


def _encode(message: FeedMessage) -> bytes:
    data = json.dumps(message.data, ensure_ascii=False)
    return f"id: {message.number}\nevent: {message.kind}\ndata: {data}\n\n".encode()
