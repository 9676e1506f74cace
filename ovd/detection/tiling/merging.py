"""Views of one frame and what was found in them -> detections of the frame, without doubles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.detection.tiling.layout import Tile
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections

# Boxes of one object from views of different scale differ more than those of one view.
MAX_IOU = 0.4
# A box that ends where its tile does, though the frame goes on, shows part of an object. It
# shows a known one if a whole box covers this share of it.
MAX_COVERED = 0.5
# Parts on both sides of a seam are one object if they agree along the seam this well.
MIN_AGREEMENT = 0.5
EDGE_SHARE = 0.01
MIN_EDGE_PX = 2.0


@dataclass(frozen=True, eq=False)
class TileFindings:
    """Detections of one tile.

    Attributes:
        tile: The part of the frame.
        detections: Found in it, in pixels of the tile.
    """

    tile: Tile
    detections: Detections


@dataclass(frozen=True, eq=False)
class _Boxes:
    """N boxes of a frame as parallel arrays.

    Attributes:
        xyxy: `(N, 4)` float32, pixels of the frame.
        score: `(N,)` float32.
        label_id: `(N,)` int64.
        cut: `(N, 4)` bool, whether the box is cut off on its left, top, right, bottom.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    label_id: NDArray[np.int64]
    cut: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.score)

    def where(self, keep: NDArray[np.bool_] | NDArray[np.int64]) -> "_Boxes":
        return _Boxes(self.xyxy[keep], self.score[keep], self.label_id[keep], self.cut[keep])

    @staticmethod
    def joined(parts: Sequence["_Boxes"]) -> "_Boxes":
        return _Boxes(
            np.concatenate([part.xyxy for part in parts]),
            np.concatenate([part.score for part in parts]),
            np.concatenate([part.label_id for part in parts]),
            np.concatenate([part.cut for part in parts]),
        )


def merge_views(
    whole: Detections, tiles: Sequence[TileFindings], size_hw: tuple[int, int]
) -> Detections:
    """Return what a frame shows, each object once for each label.

    Of a box in several views the best score stays. A box that the edge of a tile cuts off is a
    part: it is dropped where a whole box covers it, joined with the part beyond the seam, and
    kept as it is if nothing else is known of the object.

    Args:
        whole: What the full view shows, in pixels of the frame.
        tiles: What the tiles show.
        size_hw: Height and width of the frame in pixels.

    Returns:
        Best score first.
    """
    uncut = np.zeros((len(whole), 4), dtype=np.bool_)
    views = [_Boxes(whole.xyxy, whole.score, whole.label_id, uncut)]
    views += [_to_frame(found, size_hw) for found in tiles]
    found = _Boxes.joined(views)
    is_part: NDArray[np.bool_] = np.logical_or.reduce(found.cut, axis=1)
    complete = _without_doubles(found.where(~is_part))
    parts = _not_covered(found.where(is_part), complete)
    joined = _without_slivers(_join_across_seams(parts))
    merged = _without_doubles(_Boxes.joined([complete, joined]))
    return Detections(merged.xyxy, merged.score, merged.label_id, whole.labels)


def _to_frame(found: TileFindings, size_hw: tuple[int, int]) -> _Boxes:
    tile, detections = found.tile, found.detections
    height, width = size_hw
    offset = np.array([tile.x0, tile.y0, tile.x0, tile.y0], dtype=np.float32)
    edge_x = max(MIN_EDGE_PX, EDGE_SHARE * (tile.x1 - tile.x0))
    edge_y = max(MIN_EDGE_PX, EDGE_SHARE * (tile.y1 - tile.y0))
    xyxy = detections.xyxy + offset
    cut = np.stack(
        [
            (xyxy[:, 0] <= tile.x0 + edge_x) & (tile.x0 > 0),
            (xyxy[:, 1] <= tile.y0 + edge_y) & (tile.y0 > 0),
            (xyxy[:, 2] >= tile.x1 - edge_x) & (tile.x1 < width),
            (xyxy[:, 3] >= tile.y1 - edge_y) & (tile.y1 < height),
        ],
        axis=1,
    )
    return _Boxes(xyxy, detections.score, detections.label_id, cut)


def _without_doubles(boxes: _Boxes) -> _Boxes:
    """Return the best box of each object, best score first."""
    boxes = boxes.where(np.argsort(-boxes.score, kind="stable"))
    doubles = pairwise_iou(boxes.xyxy, boxes.xyxy) > MAX_IOU
    doubles &= boxes.label_id[:, None] == boxes.label_id
    keep = np.ones(len(boxes), dtype=np.bool_)
    for index in range(len(boxes) - 1):
        if keep[index]:
            keep[index + 1 :] &= ~doubles[index, index + 1 :]
    return boxes.where(keep)


def _not_covered(parts: _Boxes, complete: _Boxes) -> _Boxes:
    """Return the parts of objects of which no complete box is known."""
    covered = _covered_share(parts.xyxy, complete.xyxy) > MAX_COVERED
    covered &= parts.label_id[:, None] == complete.label_id
    known: NDArray[np.bool_] = np.logical_or.reduce(covered, axis=1)
    return parts.where(~known)


def _without_slivers(parts: _Boxes) -> _Boxes:
    """Return the parts without those that a larger one covers: what a tile's edge shows of it."""
    area = np.prod(parts.xyxy[:, 2:] - parts.xyxy[:, :2], axis=1)
    covered = _covered_share(parts.xyxy, parts.xyxy) > MAX_COVERED
    covered &= (parts.label_id[:, None] == parts.label_id) & (area[:, None] < area)
    covered &= np.logical_or.reduce(parts.cut, axis=1)[:, None]
    sliver: NDArray[np.bool_] = np.logical_or.reduce(covered, axis=1)
    return parts.where(~sliver)


def _covered_share(inner: NDArray[np.float32], outer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return which share of each of N boxes each of M boxes covers, `(N, M)`."""
    low = np.maximum(inner[:, None, :2], outer[None, :, :2])
    high = np.minimum(inner[:, None, 2:], outer[None, :, 2:])
    common = np.prod(np.clip(high - low, 0.0, None), axis=2)
    area = np.prod(inner[:, 2:] - inner[:, :2], axis=1)[:, None]
    share: NDArray[np.float32] = np.divide(common, area, out=np.zeros_like(common), where=area > 0)
    return share


@dataclass(frozen=True)
class _Seam:
    """Boxes `first` and `second` are one object, cut along `axis` (0 beside, 1 below)."""

    first: int
    second: int
    axis: int


def _join_across_seams(parts: _Boxes) -> _Boxes:
    """Return parts with those of the same object replaced by the box around them."""
    boxes = parts.where(np.argsort(-parts.score, kind="stable"))
    while len(boxes) > 1:
        seam = _find_seam(boxes)
        if seam is None:
            break
        boxes = _join(boxes, seam)
    return boxes


def _find_seam(boxes: _Boxes) -> _Seam | None:
    same = boxes.label_id[:, None] == boxes.label_id
    for axis in (0, 1):
        pairs = np.argwhere(same & _continues(boxes, axis))
        if len(pairs):
            return _Seam(int(pairs[0, 0]), int(pairs[0, 1]), axis)
    return None


def _continues(boxes: _Boxes, axis: int) -> NDArray[np.bool_]:
    """Return `(N, N)`, whether box i goes on as box j, to the right (axis 0) or below (1).

    The first is cut off at its end and the second at its start, they touch or overlap, and agree
    along the seam.
    """
    start, end = boxes.xyxy[:, axis], boxes.xyxy[:, axis + 2]
    across = 1 - axis
    low, high = boxes.xyxy[:, across], boxes.xyxy[:, across + 2]
    common = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    hull = np.maximum(high[:, None], high) - np.minimum(low[:, None], low)
    agree = common > MIN_AGREEMENT * hull
    touch = (end[:, None] >= start) & (start[:, None] < start) & (end[:, None] < end)
    return boxes.cut[:, axis + 2][:, None] & boxes.cut[:, axis] & touch & agree


def _join(boxes: _Boxes, seam: _Seam) -> _Boxes:
    """Return the boxes with those on both sides of a seam replaced by the box around them."""
    rows = [seam.first, seam.second]
    xyxy, cut = boxes.xyxy[rows], boxes.cut[rows]
    hull = np.concatenate([xyxy[:, :2].min(axis=0), xyxy[:, 2:].max(axis=0)])
    still_cut: NDArray[np.bool_] = np.logical_or.reduce(cut, axis=0)
    still_cut[[seam.axis, seam.axis + 2]] = cut[0, seam.axis], cut[1, seam.axis + 2]
    joined = _Boxes(
        hull[None],
        boxes.score[rows].max(keepdims=True),
        boxes.label_id[[seam.first]],
        still_cut[None],
    )
    others = np.ones(len(boxes), dtype=np.bool_)
    others[rows] = False
    return _Boxes.joined([joined, boxes.where(others)])
