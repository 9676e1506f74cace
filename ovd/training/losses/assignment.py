"""Label assignment: match the points of a dense head to the boxes they learn.

One-to-many: adaptive training sample selection (Zhang et al., 2020, "Bridging the Gap Between
Anchor-based and Anchor-free Detection"), written from the paper: it needs no predictions, so it
is right from the first step of a short training. One-to-one: among the points of a box the one of
highest alignment (after Feng et al., 2021, "TOOD").
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ovd.model.box_ops import box_area, pairwise_iou

CANDIDATES_PER_LEVEL = 9
ANCHOR_STRIDES = 5.0


@dataclass(frozen=True, eq=False)
class Assignment:
    """Positive pairs of a point and the box it learns.

    Attributes:
        image: `(M,)` int64 index of the image in the batch.
        point: `(M,)` int64 index of the point; an (image, point) pair appears once.
        box: `(M,)` int64 row of the batch's boxes.
    """

    image: Tensor
    point: Tensor
    box: Tensor

    def __len__(self) -> int:
        return len(self.box)

    def where(self, keep: Tensor) -> "Assignment":
        """Return the pairs for which the `(M,)` mask is True, or those at the `(K,)` positions."""
        return Assignment(self.image[keep], self.point[keep], self.box[keep])


@dataclass(frozen=True, eq=False)
class PointGrid:
    """The points of a dense head.

    Attributes:
        points: `(Q, 2)` as (x, y) in pixels of the input.
        strides: `(Q,)`; points of one stride are one level and lie together.
    """

    points: Tensor
    strides: Tensor

    def level_slices(self) -> list[slice]:
        """Return the slice of the points that belongs to each level."""
        _, counts = torch.unique_consecutive(self.strides, return_counts=True)
        ends = counts.cumsum(0).tolist()
        return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def assign_many(grid: PointGrid, xyxy: Tensor, image: Tensor) -> Assignment:
    """Assign points to each box; a point of several boxes goes to the one it overlaps best.

    Each point stands for a square of 5 strides. Per box and level the 9 nearest points are
    candidates; those whose square overlaps the box by at least mean plus standard deviation of
    all its candidates, and which lie inside it, are taken. A box so small or slim that no
    candidate lies inside takes its best one, so that every small object has a positive.

    Args:
        grid: The points.
        xyxy: `(N, 4)` boxes of the whole batch in pixels of the input.
        image: `(N,)` int64 index of the image each box lies in.

    Returns:
        The pairs, in no particular order.
    """
    if len(xyxy) == 0:
        empty = torch.zeros(0, dtype=torch.int64, device=xyxy.device)
        return Assignment(empty, empty, empty)
    centres = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    candidates = torch.cat(
        [
            (centres[:, None] - grid.points[level])
            .square()
            .sum(dim=2)
            .topk(min(CANDIDATES_PER_LEVEL, level.stop - level.start), largest=False)
            .indices
            + level.start
            for level in grid.level_slices()
        ],
        dim=1,
    )
    points, half = grid.points[candidates], ANCHOR_STRIDES / 2 * grid.strides[candidates, None]
    squares = torch.cat((points - half, points + half), dim=-1)
    iou = pairwise_iou(xyxy[:, None], squares)[:, 0]
    threshold = iou.mean(dim=1, keepdim=True) + iou.std(dim=1, keepdim=True)
    inside = ((points > xyxy[:, None, :2]) & (points < xyxy[:, None, 2:])).all(dim=-1)
    taken = inside & (iou >= threshold)
    orphan = ~taken.any(dim=1)
    taken[orphan, iou[orphan].argmax(dim=1)] = True
    box, column = taken.nonzero(as_tuple=True)
    pairs = Assignment(image[box], candidates[box, column], box)
    return pairs.where(_best_per_point(pairs, iou[box, column], box_area(xyxy)[box], grid))


def _best_per_point(pairs: Assignment, iou: Tensor, area: Tensor, grid: PointGrid) -> Tensor:
    """Return the positions of each point's best pair: highest overlap, then the smaller box."""
    key = pairs.image * len(grid.points) + pairs.point
    order = torch.argsort(area, stable=True)
    order = order[torch.argsort(iou[order], descending=True, stable=True)]
    return _first_of_each(key, order)


def _first_of_each(key: Tensor, order: Tensor) -> Tensor:
    """Return for each distinct key the position that comes first in `order`."""
    by_key = order[torch.argsort(key[order], stable=True)]
    sorted_key = key[by_key]
    is_first = torch.ones_like(sorted_key, dtype=torch.bool)
    is_first[1:] = sorted_key[1:] != sorted_key[:-1]
    return by_key[is_first]


def assign_single(pairs: Assignment, alignment: Tensor) -> Assignment:
    """Keep for each box its best aligned point.

    Args:
        pairs: Points of each box, as from `assign_many`.
        alignment: `(M,)` alignment of score and box with the target, higher is better.
    """
    order = torch.argsort(alignment, descending=True, stable=True)
    return pairs.where(_first_of_each(pairs.box, order))
