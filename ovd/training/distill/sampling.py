"""Choose few frames of a long recording that differ most from each other.

Incremental k-centre clustering after Charikar et al., 1997, "Incremental clustering and dynamic
information retrieval": a frame is kept when it differs from all kept ones by more than a radius,
and the radius grows whenever too many are kept. So a still scene gives few frames, and a busy hour
gives many, whatever the length of the recording.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image

THUMBNAIL_WH = (64, 36)
# Grey levels below which two frames show the same: noise of a camera, and compression.
LEAST_CHANGE = 6.0
GROWTH = 1.05
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


@dataclass
class FrameSampler:
    """Keeps at most `limit` frames that differ from each other.

    Attributes:
        limit: The most that are kept.
        radius: Grey levels by which a frame must differ from all others.
    """

    limit: int
    radius: float = LEAST_CHANGE
    _names: list[str] = field(default_factory=list)
    _thumbnails: list[Thumbnail] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the frames that are kept, in the order offered."""
        return tuple(self._names)

    def offer(self, name: str, image: Image) -> Choice:
        """Keep a frame if it differs from all that are kept."""
        thumbnail = make_thumbnail(image)
        if not self._differs(self._thumbnails, thumbnail):
            return Choice(kept=False)
        self._names.append(name)
        self._thumbnails.append(thumbnail)
        before = self.names
        while len(self._names) > self.limit:
            self._thin()
        dropped = tuple(item for item in before if item not in set(self._names))
        return Choice(name not in dropped, tuple(item for item in dropped if item != name))

    def _differs(self, kept: list[Thumbnail], thumbnail: Thumbnail) -> bool:
        if not kept:
            return True
        return bool(measure_change(np.stack(kept), thumbnail).min() > self.radius)

    def _thin(self) -> None:
        """Grow the radius, and drop the frames that do not differ by it."""
        self.radius *= GROWTH
        names: list[str] = []
        thumbnails: list[Thumbnail] = []
        for name, thumbnail in zip(self._names, self._thumbnails, strict=True):
            if self._differs(thumbnails, thumbnail):
                names.append(name)
                thumbnails.append(thumbnail)
        self._names, self._thumbnails = names, thumbnails
