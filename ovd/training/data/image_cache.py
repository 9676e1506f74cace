"""Images of a training run, decoded once and shared by its workers."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.errors import DatasetError, ImageError
from ovd.evaluation.labelled_images import load_labelled_image

MIB = 2**20
DECODE_THREADS = 2


@dataclass(frozen=True)
class StoredImage:
    """An image file and the size at which it is kept.

    Attributes:
        path: The file.
        size_hw: Height and width that its dataset states.
        kept_hw: Height and width after shrinking.
    """

    path: Path
    size_hw: tuple[int, int]
    kept_hw: tuple[int, int]

    @property
    def byte_count(self) -> int:
        """Return the size of the kept pixels in bytes."""
        return self.kept_hw[0] * self.kept_hw[1] * 3


class ImageCache:
    """Decoded pixels in one array, as far as they fit; the rest is decoded at each use.

    The array is filled before workers fork and never written again, so they share its pages.
    """

    def __init__(self, images: Sequence[StoredImage], limit_mib: int) -> None:
        """Decode the images that fit into the limit.

        Raises:
            DatasetError: If an image is unreadable or has another size than its dataset states.
        """
        self._images = tuple(images)
        ends = np.cumsum([image.byte_count for image in images])
        self._cached = int(np.searchsorted(ends, limit_mib * MIB, side="right"))
        self._ends = ends[: self._cached]
        self._pixels = np.empty(int(ends[self._cached - 1]) if self._cached else 0, dtype=np.uint8)
        with ThreadPoolExecutor(DECODE_THREADS) as pool:
            for _ in pool.map(self._fill, range(self._cached)):
                pass
        self._pixels.setflags(write=False)

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """Return the kept image, `(H, W, 3)` uint8 RGB; read-only where it is cached."""
        if index >= self._cached:
            return _decode(self._images[index])
        return self._view(index)

    def _view(self, index: int) -> NDArray[np.uint8]:
        end = int(self._ends[index])
        image = self._images[index]
        return self._pixels[end - image.byte_count : end].reshape(*image.kept_hw, 3)

    def _fill(self, index: int) -> None:
        self._view(index)[:] = _decode(self._images[index])


def kept_size(size_hw: tuple[int, int], max_side_px: int) -> tuple[int, int]:
    """Return height and width of an image after shrinking its longer side to `max_side_px`."""
    factor = min(1.0, max_side_px / max(size_hw))
    return max(1, round(size_hw[0] * factor)), max(1, round(size_hw[1] * factor))


def _decode(image: StoredImage) -> NDArray[np.uint8]:
    try:
        pixels = load_labelled_image(image.path, image.size_hw)
    except ImageError as error:
        raise DatasetError(f"an image of a training set cannot be used: {error}") from error
    if image.kept_hw != image.size_hw:
        height, width = image.kept_hw
        resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(resized, dtype=np.uint8)
    return pixels
