"""Cropping and scaling of images."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image

_MARGIN = 0.1
_SMALLEST_PX = 8


def shrink(image: Image, longest_px: int) -> Image:
    """Scale `(H, W, 3)` RGB down so that no side is longer than `longest_px`; never up."""
    height, width = image.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1.0:
        return np.ascontiguousarray(image)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return small


def crop(image: Image, xyxy: NDArray[np.float32]) -> Image:
    """Crop a box out of an image, with a margin of a tenth around it.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        xyxy: `(4,)` corners in pixels; may exceed the image.

    Returns:
        A view of `image` with at least one pixel.
    """
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (float(value) for value in xyxy)
    pad_x = max(_MARGIN * (x1 - x0), (_SMALLEST_PX - (x1 - x0)) / 2)
    pad_y = max(_MARGIN * (y1 - y0), (_SMALLEST_PX - (y1 - y0)) / 2)
    left = int(np.clip(x0 - pad_x, 0, width - 1))
    top = int(np.clip(y0 - pad_y, 0, height - 1))
    right = int(np.clip(np.ceil(x1 + pad_x), left + 1, width))
    bottom = int(np.clip(np.ceil(y1 + pad_y), top + 1, height))
    return image[top:bottom, left:right]


def contact_sheet(images: Sequence[Image], cell_px: int = 160, across: int = 10) -> Image:
    """Arrange images in a grid on white, row by row.

    Args:
        images: At least one `(H, W, 3)` uint8 RGB image; larger ones are scaled down.
        cell_px: Side of the square for each image, in pixels.
        across: Maximum number of images in a row.

    Returns:
        `(rows * cell_px, columns * cell_px, 3)` uint8 RGB.
    """
    columns = min(across, len(images))
    rows = -(-len(images) // columns)
    sheet = np.full((rows * cell_px, columns * cell_px, 3), 255, dtype=np.uint8)
    for place, image in enumerate(images):
        small = shrink(image, cell_px)
        height, width = small.shape[:2]
        top = place // columns * cell_px + (cell_px - height) // 2
        left = place % columns * cell_px + (cell_px - width) // 2
        sheet[top : top + height, left : left + width] = small
    return sheet
