"""Live images as JPEG, and as a multipart stream, which a browser shows in a plain `<img>`."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import lru_cache

import anyio
import numpy as np
from anyio.to_thread import run_sync
from PIL import Image as PilImage
from PIL import ImageDraw

from ovd.domain.frame import Image
from ovd.domain.ports import CameraFleet, LiveFrame
from ovd.render.annotate import encode_jpeg
from ovd.render.counted_frame import draw_result
from ovd.services.streaming.signal import has_signal

BOUNDARY = "frame"
LONGEST_SIDE = 1280
SHORTEST_INTERVAL_S = 0.1
# Chromium shows an image when the next one begins, so one that stands still is sent again after
# this long, and then every now and then, which is also how a client that left is noticed.
WAIT_S = 1.0
REPEAT_S = 3.0
WAITING_THREADS = 32

_CARD_HW = (360, 640)
_CARD_GROUND = (16, 23, 32)
_CARD_LINE = (62, 76, 92)


class LiveJpegs:
    """Newest annotated image per camera, encoded once however many clients watch."""

    def __init__(self, fleet: CameraFleet) -> None:
        self._fleet = fleet
        self._lock = threading.Lock()
        self._encoded: dict[str, tuple[LiveFrame, bytes]] = {}

    def next_jpeg(self, camera: str, than: int, timeout_s: float) -> tuple[int, bytes | None]:
        """Wait for an image newer than sequence number `than`.

        Returns:
            Its sequence number and JPEG; `than` and None when there is none in time.

        Raises:
            CameraError: If no camera has that name.
        """
        live = self._fleet.wait_newer(camera, than, timeout_s)
        if live is None:
            return than, None
        with self._lock:
            cached = self._encoded.get(camera)
            if cached is None or cached[0] is not live:
                result = live.result
                drawn = draw_result(result, legend=False)
                cached = (live, encode_jpeg(shrink(drawn)))
                self._encoded[camera] = cached
        return live.sequence, cached[1]

    def has_signal(self, camera: str) -> bool:
        """Return whether the camera delivers frames, or has ended as expected."""
        return has_signal(self._fleet.status(camera))


def shrink(image: Image, side: int = LONGEST_SIDE) -> Image:
    """Return an image whose longest side has at most `side` pixels."""
    height, width = image.shape[:2]
    if max(height, width) <= side:
        return image
    shrunk = PilImage.fromarray(image)
    # `reducing_gap` skips most pixels of a large image first: three times as fast.
    shrunk.thumbnail((side, side), reducing_gap=2.0)
    return np.asarray(shrunk)


@lru_cache(maxsize=1)
def no_signal_jpeg() -> bytes:
    """Return a dark card with a crossed-out camera, in place of an image that stands still."""
    height, width = _CARD_HW
    card = PilImage.new("RGB", (width, height), _CARD_GROUND)
    draw = ImageDraw.Draw(card)
    x, y = width // 2, height // 2
    draw.rounded_rectangle((x - 46, y - 28, x + 22, y + 28), 8, outline=_CARD_LINE, width=5)
    draw.polygon(((x + 22, y - 6), (x + 50, y - 24), (x + 50, y + 24), (x + 22, y + 6)), _CARD_LINE)
    draw.line((x - 54, y + 46, x + 56, y - 46), fill=_CARD_GROUND, width=16)
    draw.line((x - 54, y + 46, x + 56, y - 46), fill=_CARD_LINE, width=5)
    return encode_jpeg(np.asarray(card))


def _part(jpeg: bytes) -> bytes:
    # The boundary follows the image: browsers show a part when they see where it ends.
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
    return head + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()


async def multipart_jpegs(
    jpegs: LiveJpegs, camera: str, closing: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Yield the images of a camera until `closing` says so or the client leaves.

    At most one image per `SHORTEST_INTERVAL_S`; while a running camera delivers nothing, a
    card takes its place.
    """
    limiter = anyio.CapacityLimiter(1)
    clock = asyncio.get_running_loop().time
    sequence, shown, sent_at, repeat_s = 0, b"", clock(), WAIT_S
    yield f"--{BOUNDARY}\r\n".encode()
    while not closing():
        sequence, fresh = await run_sync(jpegs.next_jpeg, camera, sequence, WAIT_S, limiter=limiter)
        wanted = fresh or shown
        if fresh is None and not await run_sync(jpegs.has_signal, camera, limiter=limiter):
            wanted = no_signal_jpeg()
        if wanted and (wanted is not shown or clock() - sent_at >= repeat_s):
            repeat_s = WAIT_S if wanted is not shown else REPEAT_S
            shown, sent_at = wanted, clock()
            yield _part(wanted)
        await asyncio.sleep(SHORTEST_INTERVAL_S)
