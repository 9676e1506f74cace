"""Choose few frames of a long recording that differ most from each other.

Incremental k-centre clustering after Charikar et al., 1997, "Incremental clustering and dynamic
information retrieval": a frame is kept when it differs from all kept ones by more than a radius;
of too many the one that differs least is dropped, and the radius grows to that. So a still scene
gives few frames, and a busy hour gives many, whatever the length of the recording.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image

THUMBNAIL_WH = (64, 36)
# Grey levels below which two frames show the same: noise of a camera, and compression.
LEAST_CHANGE = 6.0
# Share of the area that is compared: that which changed most, so that a small object counts.
COMPARED_SHARE = 0.02

Thumbnail = NDArray[np.float32]


def make_thumbnail(image: Image) -> Thumbnail:
    """Return the brightness of the blocks of a `(H, W, 3)` uint8 RGB image, flattened."""
    small = cv2.resize(image, THUMBNAIL_WH, interpolation=cv2.INTER_AREA)
    brightness: Thumbnail = np.asarray(small, dtype=np.float32).mean(axis=2).ravel()
    return brightness


def measure_change(kept: NDArray[np.float32], thumbnail: Thumbnail) -> NDArray[np.float32]:
    """Return how much a frame differs from each of `(N, T)` kept ones, in grey levels.

    A change of the whole image's brightness alone is none: clouds and exposure.
    """
    difference = kept - thumbnail
    difference -= np.median(difference, axis=1, keepdims=True)
    size = np.abs(difference)
    compared = max(1, round(COMPARED_SHARE * size.shape[1]))
    largest = np.partition(size, -compared, axis=1)[:, -compared:]
    return np.asarray(largest.mean(axis=1), dtype=np.float32)


@dataclass(frozen=True)
class Choice:
    """The fate of a frame that was offered.

    Attributes:
        kept: Whether it is kept.
        dropped: Names of earlier frames that are not needed any more.
    """

    kept: bool
    dropped: tuple[str, ...] = ()


class FrameSampler:
    """Keeps at most `limit` frames that differ from each other."""

    def __init__(self, limit: int) -> None:
        """Begin without frames."""
        self._limit = limit
        self._radius = LEAST_CHANGE
        self._names: list[str] = []
        self._thumbnails: list[Thumbnail] = []
        self._changes = np.full((0, 0), np.inf, dtype=np.float32)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the frames that are kept, in the order offered."""
        return tuple(self._names)

    def offer(self, name: str, image: Image) -> Choice:
        """Keep a frame if it differs from all that are kept; then the one that differs least goes.

        Args:
            name: Name of the frame.
            image: `(H, W, 3)` uint8 RGB.
        """
        thumbnail = make_thumbnail(image)
        changes = np.zeros(0, dtype=np.float32)
        if self._thumbnails:
            changes = measure_change(np.stack(self._thumbnails), thumbnail)
            if changes.min() <= self._radius:
                return Choice(kept=False)
        self._append(name, thumbnail, changes)
        if len(self._names) <= self._limit:
            return Choice(kept=True)
        dropped = self._drop()
        return Choice(dropped != name, () if dropped == name else (dropped,))

    def _append(self, name: str, thumbnail: Thumbnail, changes: NDArray[np.float32]) -> None:
        self._names.append(name)
        self._thumbnails.append(thumbnail)
        count = len(self._names)
        grown = np.full((count, count), np.inf, dtype=np.float32)
        grown[:-1, :-1] = self._changes
        grown[-1, :-1] = changes
        self._changes = grown

    def _drop(self) -> str:
        """Forget the frame that differs least from an earlier one, and return its name."""
        nearest = self._changes.min(axis=1)
        place = int(nearest.argmin())
        self._radius = max(self._radius, float(nearest[place]))
        self._changes = np.delete(np.delete(self._changes, place, axis=0), place, axis=1)
        del self._thumbnails[place]
        return self._names.pop(place)
