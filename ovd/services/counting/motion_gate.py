"""MotionGate: tells frames in which nothing can have changed, so that they need no look."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Frame, Image


@dataclass(frozen=True)
class GateConfig:
    """When a scene counts as still.

    Attributes:
        blocks_w: Blocks across the picture whose mean colours are compared. Averaging takes
            sensor noise away; an object a hundredth of the width wide still fills one.
        threshold: Difference of a block, in any colour, 0 to 255, that is a change.
        refresh_s: Longest time without a look, whatever the picture shows.
    """

    blocks_w: int = 96
    threshold: float = 8.0
    refresh_s: float = 10.0


class MotionGate:
    """Compares frames with the one that was looked at last, not with the one before.

    So a change adds up, however slowly it comes, until it is looked at.
    """

    def __init__(self, config: GateConfig | None) -> None:
        """Begin; without a configuration only the very same picture needs no look."""
        self._config = config
        self._looked: Frame | None = None
        self._blocks: NDArray[np.uint8] | None = None

    def is_still(self, frame: Frame) -> bool:
        """Whether what was found last must still be there; otherwise this frame is looked at."""
        looked = self._looked
        if looked is not None and frame.image is looked.image:
            return True
        if self._config is None:
            self._looked = frame
            return False
        blocks = mean_blocks(frame.image, self._config.blocks_w)
        if looked is not None and self._blocks is not None:
            fresh = frame.time_s - looked.time_s < self._config.refresh_s
            if fresh and not _differ(blocks, self._blocks, self._config.threshold):
                return True
        self._looked, self._blocks = frame, blocks
        return False

    def forget(self) -> None:
        """Look at the next frame in any case."""
        self._looked = self._blocks = None


def mean_blocks(image: Image, blocks_w: int) -> NDArray[np.uint8]:
    """Mean colours of square blocks as `(H, W, 3)` with `W` at most `blocks_w`."""
    height, width = image.shape[:2]
    size_w = min(blocks_w, width)
    size_h = max(1, round(height * size_w / width))
    blocks = cv2.resize(image, (size_w, size_h), interpolation=cv2.INTER_AREA)
    return blocks.astype(np.uint8, copy=False)


def _differ(blocks: NDArray[np.uint8], others: NDArray[np.uint8], threshold: float) -> bool:
    return blocks.shape != others.shape or float(cv2.absdiff(blocks, others).max()) > threshold
