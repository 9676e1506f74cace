"""Choose which points of the ghost network learn which box, by what it already predicts.

After the dynamic soft label assigner of NanoDet-Plus (RangiLyu, 2021, Apache-2.0; itself after
Ge et al., 2021, "OTA"), rewritten: a network that starts from a trained one keeps the habits that
it was trained with.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.model.box_ops import pairwise_iou

MAX_POINTS = 13
OVERLAP_WEIGHT = 3.0
NEVER = 1e9


@dataclass(frozen=True, eq=False)
class PredictedBoxes:
    """Predictions of the network for one image of Q points.

    Attributes:
        xyxy: `(Q, 4)` corners of its boxes in pixels of the input.
        logits: `(Q, C)` for the phrases of the batch.
    """

    xyxy: Tensor
    logits: Tensor


def assign_by_predictions(
    points: Tensor, predicted: PredictedBoxes, xyxy: Tensor, match: Tensor
) -> tuple[Tensor, Tensor]:
    """Give each box of an image the points inside it that predict it best.

    How many follows from how well they do. A point wanted by several boxes goes to the one that it
    fits best; a box that holds no point takes the nearest one.

    Args:
        points: `(Q, 2)` as (x, y) in pixels of the input.
        predicted: What the network says.
        xyxy: `(N, 4)` boxes to learn.
        match: `(N, C)` bool; the box is an instance of the phrase.

    Returns:
        Indices of points and of the boxes that they learn, in pairs; every point at most once.
    """
    if len(xyxy) == 0:
        empty = torch.zeros(0, dtype=torch.int64, device=xyxy.device)
        return empty, empty
    with torch.no_grad():
        inside = _inside(points, xyxy)
        iou = pairwise_iou(xyxy, predicted.xyxy) * inside
        cost = _class_cost(predicted.logits, match, iou)
        cost = cost - OVERLAP_WEIGHT * (iou + 1e-7).log()
        cost = cost.masked_fill(~inside, NEVER)
        count = iou.topk(min(MAX_POINTS, iou.shape[1]), dim=1).values.sum(dim=1)
        wanted = _cheapest(cost, count.int().clamp(min=1)) & inside
        best = cost.masked_fill(~wanted, NEVER).argmin(dim=0)
        point = wanted.any(dim=0).nonzero()[:, 0]
        return point, best[point]


def _inside(points: Tensor, xyxy: Tensor) -> Tensor:
    """Tell `(N, Q)` which points lie in which box; at least one does, if need be the nearest."""
    low, high = xyxy[:, None, :2], xyxy[:, None, 2:]
    inside = ((points > low) & (points < high)).all(dim=-1)
    lonely = (~inside.any(dim=1)).nonzero()[:, 0]
    if len(lonely):
        centres = (xyxy[lonely, :2] + xyxy[lonely, 2:]) / 2
        inside[lonely, torch.cdist(centres, points).argmin(dim=1)] = True
    return inside


def _class_cost(logits: Tensor, match: Tensor, iou: Tensor) -> Tensor:
    """Cost `(N, Q)` of each point's best matching phrase, whose target is the overlap."""
    kinds, kind = torch.unique(match, dim=0, return_inverse=True)
    best = torch.stack([
        logits[:, row].amax(dim=1) if row.any() else logits.new_zeros(len(logits)) for row in kinds
    ])[kind]  # fmt: skip
    gap = iou - best.sigmoid()
    return F.binary_cross_entropy_with_logits(best, iou, reduction="none") * gap.square()


def _cheapest(cost: Tensor, count: Tensor) -> Tensor:
    """Mark `(N, Q)` the `count` cheapest points of each row."""
    most = min(MAX_POINTS, cost.shape[1])
    order = cost.topk(most, dim=1, largest=False).indices
    taken = torch.arange(most, device=cost.device)[None] < count[:, None]
    return torch.zeros_like(cost, dtype=torch.bool).scatter_(1, order, taken)
