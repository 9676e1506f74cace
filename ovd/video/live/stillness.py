"""StillnessMonitor: images that arrive but show nothing, because they stand still or are blind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np

from ovd.domain.events import Gap
from ovd.domain.frame import Frame, Image
from ovd.domain.live import SourceState

FROZEN_IMAGE = "frozen image"
BLIND_LENS = "nothing to see: dark or covered lens"

_REASONS = {SourceState.FROZEN: FROZEN_IMAGE, SourceState.BLIND: BLIND_LENS}
_BLIND_HW = (18, 32)
# Spread of grey over the image, 0 to 255, below which it has no content; sensor noise is
# averaged away before. The sample clip has 40 and more.
_BLIND_SPREAD = 3.0
_ROUGH_STEP = 16


class StillnessMonitor:
    """Turns frames that cannot be believed into gaps.

    A frame that equals the one before it bit by bit is held back until the image changes, and
    then passed on after all; once it has stood still for `freeze_s` it and what was held become
    a gap from the last frame that was passed on. A frame without any content is never passed on.
    """

    def __init__(self, camera: str, freeze_s: float) -> None:
        """Begin.

        Args:
            camera: Name of the camera.
            freeze_s: Seconds for which a working camera may show exactly the same; 0 for ever.
        """
        self.state = SourceState.GOOD
        self._camera = camera
        self._freeze_s = freeze_s
        self._shown: Frame | None = None
        self._held: list[Frame] = []
        self._last_hidden: Frame | None = None
        self._hidden_since: datetime = datetime.min.replace(tzinfo=UTC)

    def admit(self, frame: Frame) -> Iterator[Frame | Gap]:
        """Judge the next frame; yields what is decided by it."""
        shown = self._shown
        if is_blind(frame.image):
            yield from self._release()
            self._hide(frame, SourceState.BLIND)
        elif (
            shown is not None
            and self.state is not SourceState.BLIND
            and same_image(frame.image, shown.image)
        ):
            self._hold(frame, shown)
        else:
            yield from self._release()
            yield from self._end_hiding(frame)
            self._shown = frame
            yield frame

    def flush(self) -> Iterator[Frame | Gap]:
        """Yield what is pending, because no more comes or something else came between."""
        yield from self._release()
        if self._last_hidden is not None:
            yield from self._end_hiding(self._last_hidden)
        self._shown = None

    def _hold(self, frame: Frame, shown: Frame) -> None:
        still_s = frame.time_s - shown.time_s
        if self.state is SourceState.FROZEN or (self._freeze_s and still_s >= self._freeze_s):
            self._held = []
            self._hide(frame, SourceState.FROZEN)
        else:
            # Sharing the image keeps what is held small, and tells that nothing changed.
            self._held.append(replace(frame, image=shown.image))

    def _release(self) -> Iterator[Frame]:
        for frame in self._held:
            self._shown = frame
            yield frame
        self._held = []

    def _hide(self, frame: Frame, state: SourceState) -> None:
        if self._last_hidden is None:
            self.state = state
            self._hidden_since = (self._shown or frame).captured_at
        self._last_hidden = frame

    def _end_hiding(self, until: Frame) -> Iterator[Gap]:
        if self._last_hidden is not None:
            reason = _REASONS[self.state]
            yield Gap(self._camera, self._hidden_since, until.captured_at, reason)
        self._last_hidden = None
        self.state = SourceState.GOOD


def same_image(image: Image, other: Image) -> bool:
    """Return whether two images are equal in every pixel."""
    if image.shape != other.shape:
        return False
    rough = (slice(None, None, _ROUGH_STEP), slice(None, None, _ROUGH_STEP))
    return np.array_equal(image[rough], other[rough]) and np.array_equal(image, other)


def is_blind(image: Image) -> bool:
    """Return whether an image has no content: black, white, or a covered lens."""
    small = cv2.resize(image, _BLIND_HW[::-1], interpolation=cv2.INTER_AREA)
    return float(small.mean(axis=2).std()) < _BLIND_SPREAD
