"""Colour descriptors of objects: histograms of their upper and lower halves."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image

_BINS = (6, 3, 4)  # hue, saturation, value
_RANGES = (0, 180, 0, 256, 0, 256)
# The outer parts of a box show background; the top of a person is the head.
_SIDE, _TOP = 0.2, 0.1
_WIDEST_PX = 32

LENGTH = 2 * int(np.prod(_BINS))


def describe_colours(image: Image, xyxy: NDArray[np.float32]) -> NDArray[np.float64]:
    """Describe the colours inside boxes.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        xyxy: `(N, 4)` in its pixels.

    Returns:
        `(N, LENGTH)`, unit length; 0 where a box has no pixel.
    """
    return np.stack([_describe(image, box) for box in xyxy]) if len(xyxy) else np.zeros((0, LENGTH))


def similarity(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the overlap in [0, 1] of `(N, LENGTH)` and `(M, LENGTH)` descriptors as `(N, M)`."""
    return np.clip(a @ b.T, 0.0, 1.0)


def _describe(image: Image, box: NDArray[np.float32]) -> NDArray[np.float64]:
    x0, y0, x1, y1 = (float(value) for value in box)
    inset = _SIDE * (x1 - x0)
    left, right = max(round(x0 + inset), 0), round(x1 - inset)
    top, bottom = max(round(y0 + _TOP * (y1 - y0)), 0), round(y1)
    part = image[top:bottom, left:right]
    if part.shape[0] < 2 or part.shape[1] < 1:
        return np.zeros(LENGTH)
    step = max(part.shape[1] // _WIDEST_PX, 1)
    small = np.ascontiguousarray(part[::step, ::step])
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV).astype(np.uint8, copy=False)
    middle = max(len(hsv) * 4 // 9, 1)
    halves = [_histogram(half) for half in (hsv[:middle], hsv[middle:]) if len(half)]
    if len(halves) < 2:
        return np.zeros(LENGTH)
    return np.sqrt(np.concatenate(halves) / 2)


def _histogram(hsv: Image) -> NDArray[np.float64]:
    counts = cv2.calcHist([hsv], [0, 1, 2], None, list(_BINS), list(_RANGES)).ravel()
    return np.asarray(counts / max(float(counts.sum()), 1.0), dtype=np.float64)
