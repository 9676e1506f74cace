"""Losses of the dense detector: class, box, presence; unknown labels give no gradient."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.model.box_ops import paired_giou, pairwise_iou
from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import DensePredictions
from ovd.training.losses.assignment import Assignment, PointGrid, assign_many, assign_single

SCORE_POWER = 0.5
OVERLAP_POWER = 4.0


@dataclass(frozen=True, eq=False)
class BatchTargets:
    """Targets of a batch for its C phrases.

    Attributes:
        xyxy: `(N, 4)` float32 boxes of all images in pixels of the input.
        image: `(N,)` int64 index of the image each lies in.
        soft_score: `(N,)` 1 for labels, the teacher's score in [0, 1] for pseudo labels.
        is_ignored: `(N,)` bool; neither the box gives a gradient nor, for its phrases, the points
            inside it.
        match: `(N, C)` bool; the box is an instance of the phrase.
        ignore: `(N, C)` bool; it is unknown whether it is.
        negative: `(B, C)` float32 in [0, 1]; weight of the phrase as a negative outside of its
            boxes, 0 where its absence is unknown.
        small_uncertain: `(B, C)` bool; the absence of small objects is unknown.
    """

    xyxy: Tensor
    image: Tensor
    soft_score: Tensor
    is_ignored: Tensor
    match: Tensor
    ignore: Tensor
    negative: Tensor
    small_uncertain: Tensor

    def __post_init__(self) -> None:
        count, phrases = self.match.shape
        shapes = [tuple(x.shape) for x in (self.xyxy, self.image, self.soft_score, self.ignore)]
        wanted = [(count, 4), (count,), (count,), (count, phrases)]
        if shapes != wanted or self.negative.shape[1] != phrases:
            raise ValueError(f"wanted {wanted} and (B, {phrases}), got {shapes}")


@dataclass(frozen=True, eq=False)
class HeadSet:
    """The text heads of the three branches."""

    many: InnerProductHead
    single: InnerProductHead
    presence: InnerProductHead


@dataclass(frozen=True)
class LossWeights:
    """Weights of the losses.

    Attributes:
        box: GIoU of the boxes.
        single: Class loss of the one-to-one branch.
        presence: Image-level loss.
        quality_floor: Lowest target of a positive point, however bad its box is; preserves the
            classes of the initial weights until boxes are learned.
    """

    box: float = 2.0
    single: float = 1.0
    presence: float = 0.5
    quality_floor: float = 0.0


@dataclass(frozen=True, eq=False)
class Losses:
    """Weighted losses of one batch; `total` has the gradient.

    Attributes:
        total: Their sum, a scalar.
        many: Class loss of the one-to-many branch.
        single: Class loss of the one-to-one branch.
        box: Box loss.
        presence: Image-level loss.
        captions: Loss of the phrases of captions.
        distill: Divergence from the teacher.
        mean_iou: Mean overlap of the positive points' boxes with their targets.
    """

    total: Tensor
    many: float
    single: float
    box: float
    presence: float
    mean_iou: float
    captions: float = 0.0
    distill: float = 0.0

    def with_captions(self, captions: Tensor) -> "Losses":
        """Return the losses with the caption loss added."""
        return replace(self, total=self.total + captions, captions=captions.item())

    def with_distill(self, distill: Tensor) -> "Losses":
        """Return the losses with the distillation loss added."""
        return replace(self, total=self.total + distill, distill=distill.item())


class _QualityFocal(torch.autograd.Function):
    """Sum of quality focal losses, its gradient computed on the way while the data is in cache."""

    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, logits: Tensor, target: Tensor, weight: Tensor
    ) -> Tensor:
        p = torch.sigmoid(logits)
        gap = target - p
        entropy = F.softplus(logits) - logits * target
        ctx.save_for_backward(-weight * gap * (2 * p * (1 - p) * entropy + gap.square()))
        return (weight * gap.square() * entropy).sum()

    @staticmethod
    def backward(
        ctx: torch.autograd.function.FunctionCtx, grad_output: Tensor
    ) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return gradient * grad_output, None, None


def quality_focal_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the sum of `weight |target - p|^2 BCE(p, target)` with `p = sigmoid(logits)`.

    Li et al., 2020, "Generalized Focal Loss"; all of one shape, float32.
    """
    loss: Tensor = _QualityFocal.apply(logits, target, weight)  # type: ignore[no-untyped-call]
    return loss


def box_loss(predicted: Tensor, wanted: Tensor, confidence: Tensor) -> Tensor:
    """Return the mean GIoU loss; pairs of low overlap count as much as others.

    Args:
        predicted: `(M, 4)` corners.
        wanted: `(M, 4)` corners of the boxes assigned to them.
        confidence: `(M,)` confidence of these, in [0, 1].
    """
    loss: Tensor = (1 - paired_giou(predicted, wanted)) * confidence
    return loss.sum() / confidence.sum().clamp(min=1.0)


class DenseCriterion:
    """Losses of `OvDense` for one batch."""

    def __init__(self, weights: LossWeights) -> None:
        self.weights = weights

    def __call__(
        self,
        predictions: DensePredictions,
        heads: HeadSet,
        texts: Tensor,
        targets: BatchTargets,
        grid: PointGrid,
    ) -> Losses:
        """Compute the losses of a batch.

        Args:
            predictions: Of the network, for B images.
            heads: The text heads of its branches.
            texts: `(C, D)` unit-length embeddings of the phrases.
            targets: Targets of the same phrases.
            grid: The network's points for this input size.
        """
        boxes = predictions.xyxy.float()
        pairs = positive_pairs(grid, targets)
        predicted, wanted = boxes[pairs.image, pairs.point], targets.xyxy[pairs.box]
        confidence = targets.soft_score[pairs.box]
        box = self.weights.box * box_loss(predicted, wanted, confidence)
        iou = paired_iou(predicted.detach(), wanted)
        quality = iou.clamp(min=self.weights.quality_floor) * confidence
        norm = quality.sum().clamp(min=1.0)
        point_targets = PointTargets(grid, targets)
        many = point_targets.class_loss(
            (predictions.region_embeds, heads.many, texts), pairs, quality, is_single=False
        )
        many = many / norm
        single = torch.zeros_like(many)
        if self.weights.single > 0:
            score = _matching_score(predictions, heads, texts, targets, pairs)
            best = _one_to_one_positions(pairs, score * iou.pow(OVERLAP_POWER))
            single = point_targets.class_loss(
                (predictions.single_embeds, heads.single, texts),
                pairs.where(best),
                quality[best],
                is_single=True,
            )
            single = self.weights.single * single / quality[best].sum().clamp(min=1.0)
        presence = self.weights.presence * _presence_loss(predictions, heads, texts, targets)
        return Losses(
            total=many + single + box + presence,
            many=many.item(),
            single=single.item(),
            box=box.item(),
            presence=presence.item(),
            mean_iou=iou.mean().item() if len(iou) else 0.0,
        )


class PointTargets:
    """Class targets of each point for each phrase."""

    def __init__(self, grid: PointGrid, targets: BatchTargets) -> None:
        self._targets = targets
        self._finest = grid.level_slices()[0]
        points = grid.points
        low, high = targets.xyxy[:, None, :2], targets.xyxy[:, None, 2:]
        self._inside = ((points > low) & (points < high)).all(dim=-1)
        self._undecided = targets.ignore | (targets.is_ignored[:, None] & targets.match)

    def class_loss(
        self,
        branch: tuple[Tensor, InnerProductHead, Tensor],
        pairs: Assignment,
        quality: Tensor,
        *,
        is_single: bool,
    ) -> Tensor:
        """Return the sum of the focal losses of one branch over images, points and phrases.

        Args:
            branch: Embeddings `(B, Q, D)`, their head and the texts `(C, D)`.
            pairs: Positive points and their boxes.
            quality: `(M,)` target of each pair for the phrases its box matches.
            is_single: Whether the other points inside a box are negatives.
        """
        embeds, head, texts = branch
        total = torch.zeros((), device=embeds.device)
        for index, image_embeds in enumerate(embeds.unbind()):
            logits = head.similarity(image_embeds.float(), texts)
            target, weight = self.image_targets(index, pairs, quality, is_single=is_single)
            total = total + quality_focal_loss(logits, target, weight)
        return total

    def image_targets(
        self, index: int, pairs: Assignment, quality: Tensor, *, is_single: bool
    ) -> tuple[Tensor, Tensor]:
        """Return target and weight `(Q, C)` of one image; see `class_loss` for the arguments."""
        targets = self._targets
        mine = targets.image == index
        inside = self._inside[mine].T.float()
        weight = targets.negative[index].repeat(len(inside), 1)
        weight[self._finest, targets.small_uncertain[index]] = 0.0
        if is_single:
            weight[(inside @ targets.match[mine].float()) > 0] = 1.0
        weight[(inside @ self._undecided[mine].float()) > 0] = 0.0
        target = torch.zeros_like(weight)
        own = pairs.image == index
        point, box = pairs.point[own], pairs.box[own]
        target[point] = targets.match[box] * quality[own, None]
        weight[point] = (~targets.ignore[box]).float()
        return target, weight


def positive_pairs(grid: PointGrid, targets: BatchTargets) -> Assignment:
    """Return which points learn which of a batch's boxes."""
    keep = (~targets.is_ignored).nonzero()[:, 0]
    pairs = assign_many(grid, targets.xyxy[keep], targets.image[keep])
    return Assignment(pairs.image, pairs.point, keep[pairs.box])


def paired_iou(a: Tensor, b: Tensor) -> Tensor:
    """Return the `(M,)` overlaps of boxes `(M, 4)` with as many others, one by one."""
    return pairwise_iou(a[:, None], b[:, None])[:, 0, 0]


def _matching_score(
    predictions: DensePredictions,
    heads: HeadSet,
    texts: Tensor,
    targets: BatchTargets,
    pairs: Assignment,
) -> Tensor:
    """Return each pair's best score for a matching phrase in the one-to-one branch, to a power."""
    with torch.no_grad():
        embeds = predictions.single_embeds[pairs.image, pairs.point].float()
        logits = heads.single.similarity(embeds, texts)
        best = logits.masked_fill(~targets.match[pairs.box], -20.0).amax(dim=1)
        return best.sigmoid().pow(SCORE_POWER)


def _one_to_one_positions(pairs: Assignment, alignment: Tensor) -> Tensor:
    """Return the positions in `pairs` of the one point each box keeps."""
    positions = Assignment(
        pairs.image, torch.arange(len(pairs), device=alignment.device), pairs.box
    )
    return assign_single(positions, alignment).point


def _presence_loss(
    predictions: DensePredictions, heads: HeadSet, texts: Tensor, targets: BatchTargets
) -> Tensor:
    """Return the mean binary cross entropy of presence over known pairs of image and phrase."""
    logits = heads.presence.similarity(predictions.presence_embeds.float(), texts)
    evidence = targets.match * (targets.soft_score * ~targets.is_ignored)[:, None]
    undecided = targets.ignore | (targets.is_ignored[:, None] & targets.match)
    target = _any_of_image(evidence, targets.image, logits)
    unsure = _any_of_image(undecided.float(), targets.image, logits)
    weight = torch.where(target > 0, 1.0, targets.negative * (1 - unsure))
    losses = F.binary_cross_entropy_with_logits(logits, target, weight, reduction="sum")
    return losses / weight.sum().clamp(min=1.0)


def _any_of_image(values: Tensor, image: Tensor, like: Tensor) -> Tensor:
    """Return the highest of `(N, C)` values per image, in the shape `(B, C)` of `like`."""
    index = image[:, None].expand(values.shape)
    return torch.zeros_like(like).scatter_reduce(0, index, values, "amax")
