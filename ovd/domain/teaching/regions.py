"""Regions of an image as a detector sees them, and the vectors they are compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image

NO_OFFSET = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Regions:
    """The Q regions of one image, before any text has been compared with them.

    Attributes:
        embeds: `(Q, D)` float32, in the detector's space of regions.
        xyxy: `(Q, 4)` float32 corners in pixels of the image, inside of it.
        image_hw: Height and width of the image in pixels.
    """

    embeds: NDArray[np.float32]
    xyxy: NDArray[np.float32]
    image_hw: tuple[int, int]

    def __post_init__(self) -> None:
        if self.embeds.ndim != 2 or self.xyxy.shape != (len(self.embeds), 4):
            raise ValueError(
                f"wanted (Q, D) and (Q, 4), got {self.embeds.shape} and {self.xyxy.shape}"
            )


@dataclass(frozen=True, eq=False)
class RegionVector:
    """One linear score of regions: the logit of a region `r` is `<vector, r> + bias`.

    Attributes:
        vector: `(D,)` float32 in the space of the regions.
        bias: Added to the inner product.
        box_offset: What to add to the corners (x0, y0, x1, y1) of a region's box, as fractions of
            its width and height, to get the box of the object.
    """

    vector: NDArray[np.float32]
    bias: float
    box_offset: tuple[float, float, float, float] = NO_OFFSET

    def __post_init__(self) -> None:
        if self.vector.ndim != 1:
            raise ValueError(f"vector must be (D,), got {self.vector.shape}")


@runtime_checkable
class RegionEncoder(Protocol):
    """Shows the regions in which a detector thinks. Safe to share between threads."""

    def find_regions(self, images: Sequence[Image]) -> list[Regions]:
        """Return the regions of `(H, W, 3)` uint8 RGB images, in order.

        Raises:
            ImageError: If an image is empty or of another shape or type.
        """
        ...

    def text_vectors(self, names: Sequence[str]) -> list[RegionVector]:
        """Return what regions are compared with when a name is looked for by its words alone.

        Raises:
            QueryError: If a name cannot be encoded.
        """
        ...
