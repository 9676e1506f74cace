"""Judge what the ghost network says about a batch: names, boxes, and how sure it is of their sides.

Pairs of place and phrase of which nobody knows anything give no gradient.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.model.box_ops import paired_giou, pairwise_iou
from ovd.model.ghost.network import BINS, GhostScores
from ovd.training.losses.criterion import BatchTargets, Losses, quality_focal_loss
from ovd.training.student.assign import PredictedBoxes, assign_by_predictions

FINEST_STRIDE = 8.0
# A point whose logits are all below this, and that learns no box, has no gradient to speak of:
# that of the focal loss is below 2e-5 there. Leaving these out halves the time of the losses.
QUIET_LOGIT = -4.0


@dataclass(frozen=True)
class GhostLossWeights:
    """Say how much each loss counts.

    Attributes:
        box: GIoU of the boxes.
        bins: Cross entropy of the distances to their sides.
    """

    box: float = 2.0
    bins: float = 0.25


@dataclass(frozen=True, eq=False)
class GhostGrid:
    """Hold the points of the network for one input size.

    Attributes:
        points: `(Q, 2)` as (x, y) in pixels.
        strides: `(Q,)`.
    """

    points: Tensor
    strides: Tensor


@dataclass(frozen=True, eq=False)
class ImageTargets:
    """Targets of one image.

    Attributes:
        row: `(R,)` points that take part in the class loss.
        target: `(R, C)`.
        weight: `(R, C)`.
        point: `(M,)` points that learn a box.
        box: `(M,)` that box.
        iou: `(M,)` its overlap with the point's own.
    """

    row: Tensor
    target: Tensor
    weight: Tensor
    point: Tensor
    box: Tensor
    iou: Tensor


class GhostCriterion:
    """Compute the losses of `OvGhost` for one batch."""

    def __init__(self, weights: GhostLossWeights) -> None:
        self.weights = weights

    def __call__(self, scored: GhostScores, targets: BatchTargets, grid: GhostGrid) -> Losses:
        """Compute them.

        Args:
            scored: What the network says about B images.
            targets: What is known about them, for the same phrases.
            grid: The network's points for this input size.
        """
        per_image = [
            _image_targets(scored, targets, grid, index) for index in range(len(scored.logits))
        ]
        logits = scored.logits
        names = sum(
            (
                quality_focal_loss(logits[i, one.row], one.target, one.weight)
                for i, one in enumerate(per_image)
            ),
            start=logits.new_zeros(()),
        )
        image = torch.repeat_interleave(
            torch.arange(len(per_image), device=logits.device),
            torch.tensor([len(one.point) for one in per_image], device=logits.device),
        )
        point = torch.cat([one.point for one in per_image])
        box = torch.cat([one.box for one in per_image])
        iou = torch.cat([one.iou for one in per_image])
        trust = targets.soft_score[box]
        norm = (iou * trust).sum().clamp(min=1.0)
        box_term, bin_term = _side_losses(scored, targets.xyxy[box], (image, point, trust), grid)
        names = names / norm
        sides = self.weights.box * box_term + self.weights.bins * bin_term
        return Losses(
            total=names + sides,
            many=names.item(),
            single=0.0,
            box=sides.item(),
            presence=0.0,
            mean_iou=iou.mean().item() if len(iou) else 0.0,
        )


def _image_targets(
    scored: GhostScores, targets: BatchTargets, grid: GhostGrid, index: int
) -> ImageTargets:
    """Assign the labels of one image to the points of the network that expect something."""
    predicted = PredictedBoxes(scored.xyxy[index].detach(), scored.logits[index].detach())
    is_heard = predicted.logits.amax(dim=1) > QUIET_LOGIT
    return assign_image(predicted, targets, grid, index, is_heard)


def assign_image(
    predicted: PredictedBoxes, targets: BatchTargets, grid: GhostGrid, index: int, chosen: Tensor
) -> ImageTargets:
    """Assign the labels of one image to the points of the network.

    Args:
        predicted: What the network predicts for it.
        targets: Of the batch.
        grid: The network's points.
        index: Of the image in the batch.
        chosen: `(Q,)` bool, points that take part in the class loss, beside those that learn a box.
    """
    mine = (targets.image == index).nonzero()[:, 0]
    xyxy, match = targets.xyxy[mine], targets.match[mine]
    teaching = (~targets.is_ignored[mine]).nonzero()[:, 0]
    point, local = assign_by_predictions(grid.points, predicted, xyxy[teaching], match[teaching])
    box = mine[teaching[local]]
    iou = pairwise_iou(predicted.xyxy[point][:, None], targets.xyxy[box][:, None])[:, 0, 0]
    takes_part = chosen.clone()
    takes_part[point] = True
    row = takes_part.nonzero()[:, 0]
    weight = _negative_weights(targets, mine, grid, (index, row))
    at = torch.searchsorted(row, point)
    target = torch.zeros_like(weight)
    target[at] = targets.match[box] * (iou * targets.soft_score[box])[:, None]
    weight[at] = (~targets.ignore[box]).float()
    return ImageTargets(row, target, weight, point, box, iou)


def _negative_weights(
    targets: BatchTargets, mine: Tensor, grid: GhostGrid, at: tuple[int, Tensor]
) -> Tensor:
    """Return `(R, C)` weights of the phrases as negatives at R points of one image.

    Args:
        targets: Of the batch.
        mine: Indices of the image's boxes.
        grid: All points.
        at: Index of the image, and the R points.
    """
    index, row = at
    points = grid.points[row]
    weight = targets.negative[index].repeat(len(row), 1)
    is_fine = (grid.strides[row] == FINEST_STRIDE)[:, None]
    silent = targets.ignore[mine] | (targets.is_ignored[mine][:, None] & targets.match[mine])
    xyxy = targets.xyxy[mine]
    low, high = xyxy[:, None, :2], xyxy[:, None, 2:]
    inside = ((points > low) & (points < high)).all(dim=-1)
    unknown = (inside.T.float() @ silent.float()) > 0
    return weight.masked_fill(unknown | (is_fine & targets.small_uncertain[index]), 0.0)


def _side_losses(
    scored: GhostScores, wanted: Tensor, pairs: tuple[Tensor, Tensor, Tensor], grid: GhostGrid
) -> tuple[Tensor, Tensor]:
    """Compute the losses of boxes and of distances over the learning points.

    Args:
        scored: What the network says.
        wanted: `(M, 4)` boxes that they learn.
        pairs: `(M,)` image, point and trust of each.
        grid: The points.
    """
    image, point, trust = pairs
    sure = scored.logits.detach()[image, point].amax(dim=1).sigmoid() * trust
    norm = sure.sum().clamp(min=1.0)
    giou = ((1 - paired_giou(scored.xyxy[image, point], wanted)) * sure).sum() / norm
    at, stride = grid.points[point], grid.strides[point, None]
    reach = torch.cat((at - wanted[:, :2], wanted[:, 2:] - at), dim=1) / stride
    bins = bin_loss(scored.bin_logits[image, point].flatten(0, 1), reach.flatten())
    return giou, (bins.view(-1, 4).mean(dim=1) * sure).sum() / norm


def bin_loss(bin_logits: Tensor, distance: Tensor) -> Tensor:
    """Return `(M,)` cross entropies with the two bins nearest to a distance.

    Li et al., 2020, "Generalized Focal Loss": distribution focal loss.

    Args:
        bin_logits: `(M, BINS)`.
        distance: `(M,)` in strides; what is beyond the last bin counts as just below it.
    """
    distance = distance.clamp(0.0, BINS - 1 - 0.01)
    low = distance.long()
    share = distance - low
    chance = bin_logits.log_softmax(dim=1)
    below = F.nll_loss(chance, low, reduction="none")
    above = F.nll_loss(chance, low + 1, reduction="none")
    return below * (1 - share) + above * share
