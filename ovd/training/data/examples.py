"""Training examples: one image each with everything that is known about its objects."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Boxes:
    """The objects of one image.

    Attributes:
        xyxy: `(N, 4)` float32 corners in pixels of the image they belong to.
        names: Category name per box.
        attributes: Weak labels per box: color, upper_color, lower_color, head, torso.
        soft_score: `(N,)` float32, 1 for labels, else a teacher's score.
        ignore: `(N,)` bool: neither an object to find nor background.
    """

    xyxy: NDArray[np.float32]
    names: tuple[str, ...]
    attributes: tuple[Mapping[str, str], ...]
    soft_score: NDArray[np.float32]
    ignore: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.names)
        shapes = (self.xyxy.shape, self.soft_score.shape, self.ignore.shape)
        if shapes != ((count, 4), (count,), (count,)) or len(self.attributes) != count:
            raise ValueError(f"{count} names need as many boxes, scores and flags; got {shapes}")

    def __len__(self) -> int:
        return len(self.names)

    def take(self, index: NDArray[np.intp]) -> "Boxes":
        """Return the boxes at the given positions."""
        return Boxes(
            self.xyxy[index],
            tuple(self.names[i] for i in index),
            tuple(self.attributes[i] for i in index),
            self.soft_score[index],
            self.ignore[index],
        )


def join_boxes(parts: list[Boxes]) -> Boxes:
    """Return all boxes of several sets that share one pixel grid, in order."""
    return Boxes(
        np.concatenate([part.xyxy for part in parts], dtype=np.float32),
        tuple(name for part in parts for name in part.names),
        tuple(attributes for part in parts for attributes in part.attributes),
        np.concatenate([part.soft_score for part in parts], dtype=np.float32),
        np.concatenate([part.ignore for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Example:
    """One training image.

    Attributes:
        image: `(H, W, 3)` uint8, RGB.
        boxes: Its objects, in pixels of `image`.
        source: Name of the source, or of the sources joined by "+".
        file_name: Path of the image below the images folder, as its dataset writes it.
        exhaustive: Names of which every object is boxed.
        exhaustive_except_small: Names of which every object is boxed unless it is small.
        absent_soft: Names that a teacher scores as absent.
        is_whole: Whether (nearly) all of the image named by `file_name` is in view, and no other.
    """

    image: NDArray[np.uint8]
    boxes: Boxes
    source: str
    file_name: str
    exhaustive: frozenset[str] = frozenset()
    exhaustive_except_small: frozenset[str] = frozenset()
    absent_soft: frozenset[str] = frozenset()
    is_whole: bool = False

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(
                f"image must be (H, W, 3) uint8, got {self.image.shape} {self.image.dtype}"
            )

    @property
    def size_hw(self) -> tuple[int, int]:
        """Return height and width in pixels."""
        return self.image.shape[0], self.image.shape[1]

    def without_colors(self) -> "Example":
        """Return the example with unknown colours, for an image that no longer shows them."""
        attributes = tuple(
            {key: value for key, value in table.items() if not key.endswith("color")}
            for table in self.boxes.attributes
        )
        return replace(self, boxes=replace(self.boxes, attributes=attributes))
