"""The selection of a wall: how many cameras at once, and which of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ovd.errors import InputError

LAYOUTS = (1, 4, 9, 16)
Item = TypeVar("Item")


@dataclass(frozen=True)
class WallSelection:
    """The tiles of a wall.

    Attributes:
        tiles: How many cameras are shown at once, one of `LAYOUTS`; 0 shows one camera alone.
        page: Which of them, from 0.
    """

    tiles: int = 0
    page: int = 0

    def pages(self, cameras: int) -> int:
        """Return how many pages the cameras fill."""
        return max(1, -(-cameras // self.tiles)) if self.tiles else 1

    def shown(self, cameras: Sequence[Item]) -> tuple[Item, ...]:
        """Return the cameras on the page; the last page where there are fewer by now."""
        page = min(self.page, self.pages(len(cameras)) - 1)
        return tuple(cameras[page * self.tiles : (page + 1) * self.tiles])

    def changed(self, choice: str, cameras: int) -> "WallSelection":
        """Return the selection after a choice: a number of tiles, or `before` or `after`.

        Raises:
            InputError: If it is none of them.
        """
        pages = self.pages(cameras)
        if choice in ("before", "after"):
            step = 1 if choice == "after" else -1
            return replace(self, page=(min(self.page, pages - 1) + step) % pages)
        if not choice.isdecimal() or int(choice) not in LAYOUTS:
            raise InputError(f"a wall has {', '.join(map(str, LAYOUTS))} tiles, got {choice!r}")
        return WallSelection(int(choice), 0)


def fitting_layout(cameras: int) -> int:
    """Return the smallest layout that shows all cameras at once; else the largest."""
    return next((tiles for tiles in LAYOUTS if tiles >= cameras), LAYOUTS[-1])
