"""Finding out whether part of a fixed camera's view has changed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image


def mean_blocks(image: Image, blocks_w: int) -> NDArray[np.uint8]:
    """Return the mean colours of square blocks as `(H, W, 3)` with `W` at most `blocks_w`."""
    height, width = image.shape[:2]
    size_w = min(blocks_w, width)
    size_h = max(1, round(height * size_w / width))
    blocks = cv2.resize(image, (size_w, size_h), interpolation=cv2.INTER_AREA)
    return blocks.astype(np.uint8, copy=False)


def changed_blocks(
    blocks: NDArray[np.uint8], others: NDArray[np.uint8], threshold: float
) -> NDArray[np.bool_]:
    """Return `(H, W)`, which blocks of two views differ by more than `threshold`, 0 to 255.

    All of them, if the views have different sizes.
    """
    if blocks.shape != others.shape:
        return np.ones(blocks.shape[:2], dtype=np.bool_)
    changed: NDArray[np.bool_] = cv2.absdiff(blocks, others).max(axis=2) > threshold
    return changed
