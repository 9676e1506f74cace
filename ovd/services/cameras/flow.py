"""Lines proposed across the flow of what was tracked: the places that most tracks cross."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ovd.domain.zones import LineZone, Point

# A track that moves by less than this share of the image stands still.
LEAST_MOVE = 0.12
FEWEST_TRACKS = 3
# Share of all tracks that a second direction must have to get a line of its own.
_SECOND_SHARE = 0.25
_MARGIN = 0.04
_STEM = "flow"

Path = NDArray[np.float64]


def propose_lines(paths: Sequence[Path]) -> tuple[LineZone, ...]:
    """Return a line across the direction in which most objects move, and one across another.

    "In" is the way that more of them went. A line is as long as the tracks lie apart.

    Args:
        paths: `(N, 2)` points of each track in shares of the image, in order of time.

    Returns:
        None, one or two lines, that which more tracks cross first.
    """
    moving = [path for path in paths if np.hypot(*(path[-1] - path[0])) >= LEAST_MOVE]
    if len(moving) < FEWEST_TRACKS:
        return ()
    moves = np.array([path[-1] - path[0] for path in moving])
    axis = _axis_of(moves)
    along = np.abs(moves @ axis) >= np.abs(moves @ np.array([-axis[1], axis[0]]))
    groups = [np.flatnonzero(along), np.flatnonzero(~along)]
    least = max(FEWEST_TRACKS, _SECOND_SHARE * len(moving))
    chosen = sorted((group for group in groups if len(group) >= least), key=len, reverse=True)
    return tuple(
        LineZone(f"{_STEM} {number}", _line_across([moving[index] for index in group]))
        for number, group in enumerate(chosen, start=1)
    )


def _axis_of(moves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit direction of moves, whichever of both ways each goes."""
    doubled = 2 * np.arctan2(moves[:, 1], moves[:, 0])
    weights = np.hypot(moves[:, 0], moves[:, 1])
    angle = np.arctan2(weights @ np.sin(doubled), weights @ np.cos(doubled)) / 2
    return np.array([np.cos(angle), np.sin(angle)])


def _line_across(paths: Sequence[Path]) -> tuple[Point, Point]:
    """Return the ends of a line across some tracks, in the middle of where they went."""
    moves = np.array([path[-1] - path[0] for path in paths])
    forth = _axis_of(moves)
    if np.count_nonzero(moves @ forth > 0) * 2 < len(moves):
        forth = -forth
    # What goes forth comes out on the right of the line, which counts as in.
    line = np.array([forth[1], -forth[0]])
    extents = [(path @ forth).min() + (path @ forth).max() for path in paths]
    middle = float(np.median(extents)) / 2
    aside = np.array([_place_at(path, forth, middle) @ line for path in paths])
    low, high = aside.min() - _MARGIN, aside.max() + _MARGIN
    ends = [np.clip(forth * middle + line * at, 0.0, 1.0) for at in (low, high)]
    first, second = ((round(float(x), 4), round(float(y), 4)) for x, y in ends)
    return first, second


def _place_at(path: Path, forth: NDArray[np.float64], middle: float) -> NDArray[np.float64]:
    """Return the point of a track that is nearest to the middle of the flow."""
    nearest = int(np.abs(path @ forth - middle).argmin())
    place: NDArray[np.float64] = path[nearest]
    return place
