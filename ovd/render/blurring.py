"""Anonymisation of people in an image before it is stored."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import clip_xyxy
from ovd.domain.frame import Image

# A blurred area keeps this many blocks across and down, too few to recognise a person.
_CELLS = 6
_MARGIN = 0.1
_HEAD_OF_HEIGHT, _HEAD_OF_SHORT_SIDE = 0.3, 0.8


def pixelate(image: Image, xyxy: NDArray[np.float32]) -> Image:
    """Replace areas by a few blocks of their mean colours, irreversibly.

    Args:
        image: `(H, W, 3)` uint8 RGB; not modified.
        xyxy: `(N, 4)` corners in pixels; enlarged by a tenth, so that edges are covered.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    blurred = image.copy()
    margin = np.float32(_MARGIN) * (xyxy[:, 2:] - xyxy[:, :2])
    expanded = clip_xyxy(
        np.concatenate([xyxy[:, :2] - margin, xyxy[:, 2:] + margin], axis=1), image.shape[:2]
    )
    for x0, y0, x1, y1 in expanded.tolist():
        area = blurred[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))]
        if area.size:
            height, width = area.shape[:2]
            blocks = cv2.resize(area, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
            area[:] = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_NEAREST)
    return blurred


def blacken(image: Image, outlines: Sequence[Sequence[tuple[float, float]]]) -> Image:
    """Fill areas with black, so that nothing of them is left.

    Args:
        image: `(H, W, 3)` uint8 RGB; not modified.
        outlines: Corners of each area as (x, y) in [0, 1] of width and height.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    concealed = np.ascontiguousarray(image).copy()
    height, width = image.shape[:2]
    for outline in outlines:
        corners = np.round(np.array(outline) * (width, height)).astype(np.int32)
        cv2.fillPoly(concealed, [corners], (0, 0, 0))
    return concealed


def head_boxes(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the estimated boxes of heads, from the boxes of people.

    The head is the upper 30% of the box of a standing person, and more of a box that is wide for
    its height, because it shows only a part of the body.

    Args:
        xyxy: `(N, 4)` corners in pixels.
    """
    size = xyxy[:, 2:] - xyxy[:, :2]
    head = np.maximum(_HEAD_OF_HEIGHT * size[:, 1], _HEAD_OF_SHORT_SIDE * size.min(axis=1))
    heads = xyxy.copy()
    heads[:, 3] = np.minimum(xyxy[:, 1] + head, xyxy[:, 3])
    return heads
