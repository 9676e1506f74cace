"""TileLayout: into which tiles an image is cut."""

import math
import re
from dataclasses import dataclass

from ovd.domain.frame import Image
from ovd.errors import SettingsError

NO_TILES = "none"
AUTOMATIC = "auto"
MAX_PER_AXIS = 8
# A tile has about this many pixels of the frame a side: what the networks here take in at once.
PREFERRED_SIDE_PX = 480
MAX_AUTOMATIC_PER_AXIS = 4
# Share of a tile that its neighbour sees too. An object that is smaller is whole in one of them.
OVERLAP = 0.2
_GRID = re.compile(r"([1-9]\d?)x([1-9]\d?)")


@dataclass(frozen=True)
class Tile:
    """A rectangle of a frame, in whole pixels; `x1` and `y1` are past the end."""

    x0: int
    y0: int
    x1: int
    y1: int

    def crop(self, image: Image) -> Image:
        """Return the part of `(H, W, 3)` that the tile covers, as a view."""
        return image[self.y0 : self.y1, self.x0 : self.x1]


@dataclass(frozen=True)
class TileLayout:
    """A grid that cuts frames into tiles.

    Attributes:
        rows: Tiles from top to bottom; None chooses by the size of the frame.
        columns: Tiles from left to right; None as for `rows`.
    """

    rows: int | None = None
    columns: int | None = None

    @property
    def automatic(self) -> bool:
        """Return whether the number of tiles is chosen by the size of the frame."""
        return self.rows is None or self.columns is None

    @classmethod
    def parse(cls, text: str) -> "TileLayout | None":
        """Read `none`, `auto` or a grid such as `2x3`, rows first.

        Returns:
            None if there shall be no tiles.

        Raises:
            SettingsError: If it is none of them, or the grid is too fine.
        """
        value = text.strip().lower()
        if value == NO_TILES:
            return None
        if value == AUTOMATIC:
            return cls()
        match = _GRID.fullmatch(value)
        rows, columns = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= rows <= MAX_PER_AXIS or not 1 <= columns <= MAX_PER_AXIS:
            raise SettingsError(
                f"tiles are none, auto or rows x columns up to {MAX_PER_AXIS}x{MAX_PER_AXIS}, such "
                f"as 2x3; got {text!r}"
            )
        return cls(rows, columns) if rows * columns > 1 else None

    def cut(self, size_hw: tuple[int, int]) -> tuple[Tile, ...]:
        """Return the tiles of a frame of `size_hw` pixels, row by row.

        None, where the frame is so small that one tile would be all of it.
        """
        height, width = size_hw
        rows, columns = self._grid(size_hw)
        if rows * columns == 1:
            return ()
        return tuple(
            Tile(x0, y0, x1, y1)
            for y0, y1 in _spans(height, rows)
            for x0, x1 in _spans(width, columns)
        )

    def _grid(self, size_hw: tuple[int, int]) -> tuple[int, int]:
        if self.rows is not None and self.columns is not None:
            return min(self.rows, size_hw[0]), min(self.columns, size_hw[1])
        rows, columns = (
            min(MAX_AUTOMATIC_PER_AXIS, max(1, math.floor(side / PREFERRED_SIDE_PX + 0.5)))
            for side in size_hw
        )
        return rows, columns


def _spans(length: int, count: int) -> list[tuple[int, int]]:
    """Return the starts and ends of `count` equal parts of `length` that overlap."""
    size = min(length, math.ceil(length / (count - (count - 1) * OVERLAP)))
    starts = [round(index * (length - size) / max(count - 1, 1)) for index in range(count)]
    return [(start, start + size) for start in starts]
