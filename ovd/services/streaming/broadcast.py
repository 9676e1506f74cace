"""JpegBroadcast: a camera's images as a multipart stream, prepared once for all who watch."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Protocol

import anyio
from anyio.to_thread import run_sync

from ovd.errors import CameraError
from ovd.services.streaming.jpegs import no_signal_jpeg

BOUNDARY = "frame"
SHORTEST_INTERVAL_S = 0.1
# Chromium shows an image when the next one begins, so one that stands still is sent again after
# this long, and then every now and then, which is also how a client that left is noticed.
WAIT_S = 1.0
REPEAT_S = 3.0


class JpegSource(Protocol):
    """The images of cameras, as `LiveJpegs` has them."""

    def next_jpeg(self, camera: str, than: int, timeout_s: float) -> tuple[int, bytes | None]:
        """Wait for an image newer than a sequence number."""
        ...

    def has_signal(self, camera: str) -> bool:
        """Return whether the camera delivers frames, or has ended as expected."""
        ...


class _Channel:
    """The newest part of one camera's stream, and the viewers that wait for the next one."""

    def __init__(self) -> None:
        self.part = b""
        self.number = 0
        self.viewers = 0
        self.ended = False
        self.changed = asyncio.Event()

    def publish(self, part: bytes) -> None:
        """Wake everyone who waits."""
        self.part, self.number = part, self.number + 1
        self._wake()

    def end(self) -> None:
        """Send everyone away."""
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class JpegBroadcast:
    """Streams of images that browsers show in a plain `<img>`.

    One task waits for the images of a camera, however many watch it: they are encoded and framed
    once. A viewer that is slow skips images. Use it within one event loop.
    """

    def __init__(self, jpegs: JpegSource, closing: Callable[[], bool]) -> None:
        """Stream nothing yet.

        Args:
            jpegs: Images of cameras.
            closing: Says when streams are to end.
        """
        self._jpegs = jpegs
        self._closing = closing
        self._channels: dict[str, _Channel] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def parts(self, camera: str) -> AsyncIterator[bytes]:
        """Yield the parts of a stream until the server closes or the client leaves.

        At most one image per `SHORTEST_INTERVAL_S`; while a running camera delivers nothing, a
        card takes its place.
        """
        yield f"--{BOUNDARY}\r\n".encode()
        channel = self._open(camera)
        channel.viewers += 1
        number = 0
        try:
            while not (channel.ended or self._closing()):
                if channel.number == number:
                    await channel.changed.wait()
                    continue
                number = channel.number
                yield channel.part
        finally:
            channel.viewers -= 1

    def _open(self, camera: str) -> _Channel:
        channel = self._channels.get(camera)
        if channel is None:
            channel = self._channels[camera] = _Channel()
            task = asyncio.create_task(self._feed(camera, channel))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return channel

    async def _feed(self, camera: str, channel: _Channel) -> None:
        try:
            with suppress(CameraError):  # it was removed this moment
                await self._publish_all(camera, channel)
        finally:
            del self._channels[camera]
            channel.end()

    async def _publish_all(self, camera: str, channel: _Channel) -> None:
        limiter = anyio.CapacityLimiter(1)
        clock = asyncio.get_running_loop().time
        sequence, shown, sent_at, repeat_s = 0, b"", clock(), WAIT_S
        await asyncio.sleep(0)  # the viewer that began it is counted
        while channel.viewers and not self._closing():
            sequence, fresh = await run_sync(
                self._jpegs.next_jpeg, camera, sequence, WAIT_S, limiter=limiter
            )
            wanted = fresh or shown
            if fresh is None and not await run_sync(
                self._jpegs.has_signal, camera, limiter=limiter
            ):
                wanted = no_signal_jpeg()
            if wanted and (wanted is not shown or clock() - sent_at >= repeat_s):
                repeat_s = WAIT_S if wanted is not shown else REPEAT_S
                shown, sent_at = wanted, clock()
                channel.publish(_part(wanted))
            await asyncio.sleep(SHORTEST_INTERVAL_S)


def _part(jpeg: bytes) -> bytes:
    # The boundary follows the image: browsers show a part when they see where it ends.
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
    return head + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()
