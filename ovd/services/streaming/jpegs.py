"""Live images as JPEG."""

import threading
from functools import lru_cache

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from ovd.domain.frame import Image
from ovd.domain.ports import CameraFleet, LiveFrame
from ovd.render.annotate import encode_jpeg
from ovd.render.counted_frame import draw_result
from ovd.services.streaming.signal import has_signal

LONGEST_SIDE = 1280
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
