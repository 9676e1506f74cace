"""MotionGate: finds frames in which nothing has changed, so that they need no detection."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.detection.motion import changed_blocks, mean_blocks
from ovd.domain.frame import Frame


@dataclass(frozen=True)
class GateConfig:
    """When a scene counts as still.

    Attributes:
        blocks_w: Blocks across the frame whose mean colours are compared. Averaging takes
            sensor noise away; an object a hundredth of the width wide still fills one.
        threshold: Difference of a block, in any colour, 0 to 255, that is a change.
        refresh_s: Longest time without a detection, whatever the frame shows.
    """

    blocks_w: int = 96
    threshold: float = 8.0
    refresh_s: float = 10.0


class MotionGate:
    """Compares frames with the one that was detected in last, not with the one before.

    So a change adds up, however slowly it comes, until it is large enough for a detection.
    """

    def __init__(self, config: GateConfig | None) -> None:
        """Begin; without a configuration only the very same image needs no detection."""
        self._config = config
        self._reference: Frame | None = None
        self._blocks: NDArray[np.uint8] | None = None

    def is_still(self, frame: Frame) -> bool:
        """Return whether the last detections are still valid; otherwise the frame is processed."""
        reference = self._reference
        if reference is not None and frame.image is reference.image:
            return True
        if self._config is None:
            self._reference = frame
            return False
        blocks = mean_blocks(frame.image, self._config.blocks_w)
        if reference is not None and self._blocks is not None:
            fresh = frame.time_s - reference.time_s < self._config.refresh_s
            if fresh and not changed_blocks(blocks, self._blocks, self._config.threshold).any():
                return True
        self._reference, self._blocks = frame, blocks
        return False

    def forget(self) -> None:
        """Ask for a detection in the next frame in any case."""
        self._reference = self._blocks = None
