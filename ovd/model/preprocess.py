"""Images -> network input, and the resize that has to be undone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import clip_xyxy
from ovd.domain.frame import Image
from ovd.errors import ImageError


@dataclass(frozen=True)
class Resize:
    """The resizing of an image to network input: stretched to fill it, without padding.

    Attributes:
        frame_hw: Height and width of the image in pixels.
    """

    frame_hw: tuple[int, int]

    def to_frame(self, xyxy_norm: NDArray[np.float32]) -> NDArray[np.float32]:
        """Convert `(N, 4)` fractions of the input to pixels of the image, clipped to it."""
        height, width = self.frame_hw
        scale = np.array([width, height, width, height], dtype=np.float32)
        return clip_xyxy(xyxy_norm * scale, self.frame_hw)


def group_by_input(
    images: Sequence[Image], sizes_hw: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[int]]:
    """Give each image the input that stretches it least.

    Args:
        images: `(H, W, 3)` uint8 RGB images; sizes may differ.
        sizes_hw: Heights and widths of the inputs to choose from; of equals the first.

    Returns:
        Indices of the images by input.

    Raises:
        ImageError: If an image is empty or of another shape or type.
    """
    groups: dict[tuple[int, int], list[int]] = {}
    for index, image in enumerate(images):
        require_rgb(image, index)
        height, width = image.shape[:2]
        stretches = [abs(math.log(w * height / (h * width))) for h, w in sizes_hw]
        groups.setdefault(sizes_hw[stretches.index(min(stretches))], []).append(index)
    return groups


def preprocess(
    images: Sequence[Image], input_hw: tuple[int, int]
) -> tuple[NDArray[np.uint8], tuple[Resize, ...]]:
    """Stretch images to the input size.

    Args:
        images: At least one `(H, W, 3)` uint8 RGB image; sizes may differ.
        input_hw: Height and width of the network's input in pixels.

    Returns:
        `(B, H, W, 3)` uint8 RGB, contiguous, and the resizes.

    Raises:
        ImageError: If an image is empty or of another shape or type.
    """
    height, width = input_hw
    batch = np.empty((len(images), height, width, 3), dtype=np.uint8)
    for index, image in enumerate(images):
        require_rgb(image, index)
        batch[index] = cv2.resize(
            np.ascontiguousarray(image), (width, height), interpolation=cv2.INTER_LINEAR
        )
    return batch, tuple(Resize((image.shape[0], image.shape[1])) for image in images)


def require_rgb(image: Image, index: int) -> None:
    """Refuse what is no image.

    Raises:
        ImageError: If it is empty or of another shape or type.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ImageError(
            f"image {index} must be a non-empty (H, W, 3) uint8 RGB array, got shape "
            f"{image.shape} of {image.dtype}"
        )
