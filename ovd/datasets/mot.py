"""True boxes of a clip in a CSV file of the MOT format: frame, id, x, y, w, h and more."""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import xywh_to_xyxy
from ovd.errors import TruthError
from ovd.text_files import read_text

_FEWEST_COLUMNS = 6
_MOST_OUTSIDE = 0.1


@dataclass(frozen=True, eq=False)
class TruthFrame:
    """The ground truth of one frame.

    Attributes:
        xyxy: `(N, 4)` float32 corners in frame pixels.
        object_id: `(N,)` int64; an object has the same id in all frames.
        counts: `(N,)` bool; False for what may be found or not, such as people half hidden.
    """

    xyxy: NDArray[np.float32]
    object_id: NDArray[np.int64]
    counts: NDArray[np.bool_]


def load_truth(path: Path, first_frame: int = 0) -> dict[int, TruthFrame]:
    """Read the labelled frames of a clip, by their index from 0.

    A row is `frame,id,x,y,w,h` with the top-left corner and size in pixels. In a seventh column 0
    marks what may be found or not. A frame in which nothing is to be seen is a row of its number
    alone. A first row of names is skipped; lines that begin with # are comments.

    Args:
        path: The file.
        first_frame: Number that the file gives to the first frame: 0, or 1 as in MOT's own files.

    Raises:
        TruthError: If the file cannot be read, holds no row, or a row is wrong.
    """
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise TruthError(f"truth file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TruthError(f"truth file {path} cannot be read as text: {error}") from error
    rows: dict[int, dict[int, tuple[list[float], bool]]] = {}
    for place, cells in _rows(path, text):
        frame = _to_whole(place, "frame", cells[0]) - first_frame
        if frame < 0:
            raise TruthError(f"{place}: frame {cells[0]} comes before the first, {first_frame}")
        of_frame = rows.setdefault(frame, {})
        if len(cells) == 1:
            continue
        object_id, box, counts = _read_box(place, cells)
        if object_id in of_frame:
            raise TruthError(f"{place}: object {object_id} is in frame {cells[0]} twice")
        of_frame[object_id] = box, counts
    if not rows:
        raise TruthError(f"truth file {path} holds no row; one is frame,id,x,y,w,h")
    return {frame: _to_frame(rows[frame]) for frame in sorted(rows)}


def require_inside(frames: Mapping[int, TruthFrame], size_hw: tuple[int, int]) -> None:
    """Refuse boxes that were not drawn in frames of this size.

    A box may reach beyond the frame, as of a person who walks out of it, but not lie outside; and
    where the centres of many do, they were drawn at another size.

    Args:
        frames: The labelled frames.
        size_hw: Height and width of the clip's frames in pixels.

    Raises:
        TruthError: If a box lies outside, or the centres of more than a tenth do.
    """
    height, width = size_hw
    limits = np.array([width, height])
    boxes, outside = 0, 0
    for index, frame in frames.items():
        upper, lower = frame.xyxy[:, :2], frame.xyxy[:, 2:]
        apart = np.flatnonzero(((lower <= 0) | (upper >= limits)).any(axis=1))
        if apart.size:
            box = ", ".join(f"{value:.0f}" for value in frame.xyxy[apart[0]])
            raise TruthError(
                f"box ({box}) of object {frame.object_id[apart[0]]} in frame {index} lies outside "
                f"the frame of {width} x {height}; were the boxes drawn at another size?"
            )
        centres = (upper + lower) / 2
        boxes += len(centres)
        outside += int(((centres < 0) | (centres > limits)).any(axis=1).sum())
    if outside > _MOST_OUTSIDE * boxes:
        raise TruthError(
            f"the centres of {outside} of {boxes} boxes lie outside the frame of {width} x "
            f"{height}; were the boxes drawn at another size?"
        )


def _rows(path: Path, text: str) -> Iterator[tuple[str, list[str]]]:
    for number, cells in enumerate(csv.reader(text.splitlines()), start=1):
        stripped = [cell.strip() for cell in cells]
        while stripped and not stripped[-1]:
            stripped.pop()
        if not stripped or stripped[0].startswith("#"):
            continue
        if number == 1 and stripped[0].casefold() == "frame":
            continue
        yield f"row {number} of {path}", stripped


def _read_box(place: str, cells: list[str]) -> tuple[int, list[float], bool]:
    if len(cells) < _FEWEST_COLUMNS:
        raise TruthError(f"{place} has {len(cells)} columns; wanted frame,id,x,y,w,h")
    box = [_to_number(place, name, cell) for name, cell in zip("xywh", cells[2:6], strict=True)]
    if box[2] <= 0 or box[3] <= 0:
        raise TruthError(f"{place}: width and height must be above 0, got {box[2]:g} x {box[3]:g}")
    counts = len(cells) == _FEWEST_COLUMNS or _to_number(place, "column 7", cells[6]) != 0
    return _to_whole(place, "id", cells[1]), box, counts


def _to_whole(place: str, name: str, cell: str) -> int:
    number = _to_number(place, name, cell)
    if number != int(number):
        raise TruthError(f"{place}: {name} must be a whole number, got {cell!r}")
    return int(number)


def _to_number(place: str, name: str, cell: str) -> float:
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise TruthError(f"{place}: {name} must be a number, got {cell[:40]!r}")
    return number


def _to_frame(objects: dict[int, tuple[list[float], bool]]) -> TruthFrame:
    xywh = np.array([box for box, _ in objects.values()], dtype=np.float32).reshape(-1, 4)
    return TruthFrame(
        xywh_to_xyxy(xywh),
        np.array(list(objects), dtype=np.int64),
        np.array([counts for _, counts in objects.values()], dtype=np.bool_),
    )
