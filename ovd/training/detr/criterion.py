"""Losses of `OvDetr`: sets of boxes per decoder and encoder layer; what is unknown teaches nothing.

Matched queries learn their box and its texts, all others that they are nothing, as far as that is
known (federated labels), after each decoder layer (Carion et al., 2020, "DETR"). Tokens learn the
same with a single name, "any object": the two stages of Zhu et al., 2020, "Deformable DETR", after
each encoder layer as the auxiliary heads of Roh et al., 2022, "Sparse DETR". The scoring network
learns which tokens the decoder reads. Class losses are quality focal, as in the dense criterion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.model.box_ops import cxcywh_to_xyxy, paired_giou, pairwise_iou
from ovd.model.detr.network import DetrPredictions, QueryPredictions, ReadTokens
from ovd.model.detr.tokens import best_tokens, count_kept
from ovd.model.heads import InnerProductHead
from ovd.training.detr.config import DetrLossWeights
from ovd.training.detr.denoising import NoisyTruth
from ovd.training.detr.matching import (
    MatchingCosts,
    ScoredBoxes,
    match_at_least_cost,
    matching_cost,
)
from ovd.training.losses.criterion import BatchTargets, Losses, paired_iou, quality_focal_loss

# Two boxes that overlap by more are one object.
SAME_OBJECT_IOU = 0.5
SMALL_SIDE_PX = 32.0


@dataclass(frozen=True, eq=False)
class SetTargets:
    """Targets of a batch, with its boxes in fractions of the input.

    Attributes:
        known: The targets.
        cxcywh_norm: `(N, 4)` its boxes.
        size_hw: Height and width of the input in pixels.
    """

    known: BatchTargets
    cxcywh_norm: Tensor
    size_hw: tuple[int, int]

    def any_object(self) -> "SetTargets":
        """Return the same targets for the single name "any object".

        An image that says little about the absence of names says as little about that of objects.
        """
        known = self.known
        count, device = len(known.xyxy), known.xyxy.device
        return replace(
            self,
            known=replace(
                known,
                match=torch.ones((count, 1), dtype=torch.bool, device=device),
                ignore=torch.zeros((count, 1), dtype=torch.bool, device=device),
                negative=known.negative.mean(dim=1, keepdim=True),
                small_uncertain=known.small_uncertain.any(dim=1, keepdim=True),
            ),
        )


def to_set_targets(targets: BatchTargets, size_hw: tuple[int, int]) -> SetTargets:
    """Return targets with their boxes in fractions of an input of `size_hw`."""
    height, width = size_hw
    corners = targets.xyxy / targets.xyxy.new_tensor([width, height, width, height])
    corners = corners.clamp(0, 1)
    centre, side = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    return SetTargets(targets, torch.cat((centre, side), dim=1), size_hw)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Queries of a batch and the boxes that they learn, as parallel `(M,)` int64 indices."""

    image: Tensor
    query: Tensor
    box: Tensor


@dataclass(frozen=True, eq=False)
class SetLoss:
    """Losses of one set of predictions: of names and of boxes, and the pairs' mean overlap."""

    names: Tensor
    boxes: Tensor
    mean_iou: float


class DetrCriterion:
    """Computes the losses of `OvDetr` for one batch."""

    def __init__(
        self, weights: DetrLossWeights, costs: MatchingCosts, quality_floor: float = 0.0
    ) -> None:
        """Keep the weights.

        Args:
            weights: Weights of the losses.
            costs: Of the matching.
            quality_floor: Least target of a matched query, however bad its box is.
        """
        self._weights, self._costs, self._floor = weights, costs, quality_floor

    def __call__(
        self,
        predictions: DetrPredictions,
        texts: tuple[InnerProductHead, Tensor],
        targets: SetTargets,
        keep: float = 1.0,
        noisy: NoisyTruth | None = None,
    ) -> Losses:
        """Compute the losses of a batch.

        Args:
            predictions: Of the network in training.
            texts: Its text head, and `(C, D)` unit-length embeddings of the phrases.
            targets: Targets of the same phrases.
            keep: Share of the tokens that the encoder kept.
            noisy: What the denoising queries should become, if there were any.
        """
        scored = _score(predictions.layers, texts)
        layers = [self._set_loss(logits, boxes, targets) for logits, boxes in scored]
        objects = targets.any_object()
        tokens = [
            self._set_loss(item.objectness[..., None], item.cxcywh_norm, objects)
            for item in predictions.tokens
        ]
        weights, nothing = self._weights, targets.cxcywh_norm.new_zeros(())
        names = sum((layer.names for layer in layers), nothing)
        boxes = sum((layer.boxes for layer in layers), nothing)
        of_tokens = weights.tokens * sum((item.names + item.boxes for item in tokens), nothing)
        read = nothing
        if predictions.read is not None:
            read = weights.read * read_loss(predictions.read, keep)
        denoising = nothing
        if noisy is not None:
            scored = _score(predictions.denoised, texts)
            denoising = weights.denoising * sum(
                (self._denoising_loss(*item, targets, noisy) for item in scored), nothing
            )
        return Losses(
            total=names + boxes + of_tokens + read + denoising,
            many=names.item(),
            single=of_tokens.item(),
            box=boxes.item(),
            presence=read.item(),
            distill=denoising.item(),
            mean_iou=layers[-1].mean_iou,
        )

    def _set_loss(self, logits: Tensor, boxes: Tensor, targets: SetTargets) -> SetLoss:
        """Match `(B, Q, C)` logits and `(B, Q, 4)` boxes with the targets, and compare."""
        pairs = self.match(logits, boxes, targets)
        box_term, iou = self._box_loss(boxes, targets, pairs)
        quality = iou.clamp(min=self._floor) * targets.known.soft_score[pairs.box]
        total = logits.new_zeros(())
        for index, image_logits in enumerate(logits.unbind()):
            target, weight = class_targets(boxes[index].detach(), index, targets, pairs, quality)
            total = total + quality_focal_loss(image_logits, target, weight)
        names = self._weights.names * total / quality.sum().clamp(min=1.0)
        return SetLoss(names, box_term, iou.mean().item() if len(iou) else 0.0)

    def match(self, logits: Tensor, boxes: Tensor, targets: SetTargets) -> Pairs:
        """Match the queries of each image with its boxes, without those to be ignored."""
        known = targets.known
        found: list[tuple[Tensor, Tensor, Tensor]] = []
        for index in range(len(logits)):
            mine = ((known.image == index) & ~known.is_ignored).nonzero()[:, 0]
            scored = ScoredBoxes(logits[index].detach(), boxes[index].detach())
            cost = matching_cost(scored, known.match[mine], targets.cxcywh_norm[mine], self._costs)
            query, box = match_at_least_cost(cost)
            found.append((torch.full_like(query, index), query, mine[box]))
        return Pairs(*(torch.cat(part) for part in zip(*found, strict=True)))

    def _box_loss(self, boxes: Tensor, targets: SetTargets, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """Return the loss of the pairs' boxes, and their `(M,)` overlaps."""
        predicted, wanted = boxes[pairs.image, pairs.query], targets.cxcywh_norm[pairs.box]
        confidence = targets.known.soft_score[pairs.box]
        distance = (predicted - wanted).abs().sum(dim=1)
        a, b = cxcywh_to_xyxy(predicted), cxcywh_to_xyxy(wanted)
        giou = 1 - paired_giou(a, b)
        each = self._weights.distance * distance + self._weights.giou * giou
        loss = (each * confidence).sum() / confidence.sum().clamp(min=1.0)
        return loss, paired_iou(a.detach(), b)

    def _denoising_loss(
        self, logits: Tensor, boxes: Tensor, targets: SetTargets, noisy: NoisyTruth
    ) -> Tensor:
        """Return the loss of denoising queries; false copies refuse the texts of their box."""
        has_box = noisy.box >= 0
        image, query = (has_box & noisy.is_true).nonzero(as_tuple=True)
        pairs = Pairs(image, query, noisy.box[image, query])
        box_term, iou = self._box_loss(boxes, targets, pairs)
        known = targets.known
        quality = iou.clamp(min=self._floor) * known.soft_score[pairs.box]
        target, weight = torch.zeros_like(logits), torch.zeros_like(logits)
        target[image, query] = known.match[pairs.box] * quality[:, None]
        weight[image, query] = (~known.ignore[pairs.box]).float()
        image, query = (has_box & ~noisy.is_true).nonzero(as_tuple=True)
        weight[image, query] = known.match[noisy.box[image, query]].float()
        names = quality_focal_loss(logits, target, weight) / quality.sum().clamp(min=1.0)
        return self._weights.names * names + box_term


def class_targets(
    cxcywh_norm: Tensor, index: int, targets: SetTargets, pairs: Pairs, quality: Tensor
) -> tuple[Tensor, Tensor]:
    """Return target and weight `(Q, C)` of the queries of one image for each phrase.

    A query that learns no box refuses a phrase as much as its absence is known; wholly, if it lies
    on a box that matches the phrase, which another query has; not at all, if its centre is in a
    box of which it is unknown whether it matches.

    Args:
        cxcywh_norm: `(Q, 4)` predicted boxes.
        index: Of the image.
        targets: Of the batch.
        pairs: All pairs of the batch.
        quality: `(M,)` target of each pair for the phrases that its box matches.
    """
    known = targets.known
    mine = (known.image == index).nonzero()[:, 0]
    wanted, found = cxcywh_to_xyxy(targets.cxcywh_norm[mine]), cxcywh_to_xyxy(cxcywh_norm)
    match = known.match[mine]
    weight = known.negative[index].repeat(len(found), 1)
    height, width = targets.size_hw
    is_small = cxcywh_norm[:, 2] * width * cxcywh_norm[:, 3] * height < SMALL_SIDE_PX**2
    weight[is_small[:, None] & known.small_uncertain[index]] = 0.0
    is_double = pairwise_iou(found, wanted) > SAME_OBJECT_IOU
    weight[(is_double.float() @ match.float()) > 0] = 1.0
    centre = cxcywh_norm[:, None, :2]
    inside = ((centre > wanted[:, :2]) & (centre < wanted[:, 2:])).all(dim=-1)
    undecided = known.ignore[mine] | (known.is_ignored[mine][:, None] & match)
    weight[(inside.float() @ undecided.float()) > 0] = 0.0
    target = torch.zeros_like(weight)
    own = pairs.image == index
    query, box = pairs.query[own], pairs.box[own]
    target[query] = known.match[box] * quality[own, None]
    weight[query] = (~known.ignore[box]).float()
    return target, weight


def read_loss(read: ReadTokens, keep: float) -> Tensor:
    """Return the mean cross entropy of the scoring network.

    Its target is 1 for the share `keep` of tokens that the decoder read most, if it read them at
    all, and 0 for the others (Roh et al., 2022).
    """
    best = best_tokens(read.attention, count_kept(read.attention.shape[1], keep))
    target = torch.zeros_like(read.scores).scatter_(1, best, 1.0) * (read.attention > 0)
    return F.binary_cross_entropy_with_logits(read.scores, target)


def _score(
    layers: Sequence[QueryPredictions], texts: tuple[InnerProductHead, Tensor]
) -> list[tuple[Tensor, Tensor]]:
    """Return logits `(B, Q, C)` and boxes `(B, Q, 4)` after each layer."""
    head, embeds = texts
    return [
        (head.similarity(layer.region_embeds.float(), embeds), layer.cxcywh_norm)
        for layer in layers
    ]
