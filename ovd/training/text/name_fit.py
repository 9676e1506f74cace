"""Fit the text embeddings of names to a detector whose network stays as it is.

A region's logit is an inner product with a text embedding, so that with the network frozen each
name is a convex problem of its own: some hundred labelled images teach it a new name within
minutes, and no other name changes.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ovd.model.ovdense import make_points
from ovd.training.losses.assignment import PointGrid
from ovd.training.losses.criterion import (
    BatchTargets,
    PointTargets,
    paired_iou,
    positive_pairs,
    quality_focal_loss,
)

WARMUP_STEPS = 20
FULL = 255


@dataclass(frozen=True)
class NameFitConfig:
    """Configure the fit.

    Attributes:
        steps: Steps of the fit.
        regions: Regions in each step.
        rate: Highest learning rate; it falls to 0 along a cosine.
        pull: Weight of the squared distance of all embeddings from those they started from.
        hard: Regions of an image with the highest scores, beside those that learn a box.
        random: Regions taken at random.
    """

    steps: int = 300
    regions: int = 6144
    rate: float = 0.02
    pull: float = 1e-3
    hard: int = 120
    random: int = 40


@dataclass(frozen=True)
class LogitScale:
    """Convert inner products to the logits that the network was trained with.

    Attributes:
        scale: Factor of the inner product.
        bias: Added to every logit.
    """

    scale: float
    bias: float

    def logits(self, regions: Tensor, embeds: Tensor) -> Tensor:
        """Return `(N, C)` logits of `(N, D)` regions for `(C, D)` text embeddings."""
        return regions.float() @ (embeds * self.scale).T + self.bias


@dataclass(frozen=True, eq=False)
class DenseRegions:
    """All regions of a batch of images, as the frozen network finds them.

    Attributes:
        embeds: `(B, Q, D)`.
        xyxy: `(B, Q, 4)` boxes in pixels of the network's input.
        size_hw: Height and width of that.
    """

    embeds: Tensor
    xyxy: Tensor
    size_hw: tuple[int, int]


@dataclass(frozen=True, eq=False)
class LabelledRegions:
    """N regions of images and what is known about C names there.

    Attributes:
        embeds: `(N, D)` float16 embeddings.
        target: `(N, C)` uint8 score that a name should have, 255 being 1.
        weight: `(N, C)` uint8 how much that counts, 255 being 1.
    """

    embeds: Tensor
    target: Tensor
    weight: Tensor

    def __len__(self) -> int:
        return len(self.embeds)


def join_regions(parts: Iterable[LabelledRegions]) -> LabelledRegions:
    """Return the regions of several images together."""
    kept = list(parts)
    return LabelledRegions(
        torch.cat([part.embeds for part in kept]),
        torch.cat([part.target for part in kept]),
        torch.cat([part.weight for part in kept]),
    )


def select_names(targets: BatchTargets, columns: list[int]) -> BatchTargets:
    """Return the targets of some of the phrases."""
    return replace(
        targets,
        match=targets.match[:, columns],
        ignore=targets.ignore[:, columns],
        negative=targets.negative[:, columns],
        small_uncertain=targets.small_uncertain[:, columns],
    )


def label_regions(
    found: DenseRegions,
    texts: tuple[Tensor, LogitScale],
    targets: BatchTargets,
    config: NameFitConfig,
) -> Iterator[LabelledRegions]:
    """Yield the chosen regions of each image of a batch, and what each name should score there.

    Regions learn boxes as when the network was trained.

    Args:
        found: Of the network.
        texts: `(C, D)` embeddings of the names and their scale, to find what is mistaken.
        targets: Labels of the batch.
        config: How many regions to take.
    """
    grid = PointGrid(*make_points(found.size_hw))
    pairs = positive_pairs(grid, targets)
    iou = paired_iou(found.xyxy[pairs.image, pairs.point].float(), targets.xyxy[pairs.box])
    quality = iou * targets.soft_score[pairs.box]
    point_targets = PointTargets(grid, targets)
    for index, embeds in enumerate(found.embeds):
        target, weight = point_targets.image_targets(index, pairs, quality, is_single=False)
        logits = texts[1].logits(embeds, texts[0]).masked_fill(weight == 0, -math.inf)
        chosen = _choose(logits, pairs.point[pairs.image == index], config)
        yield LabelledRegions(
            embeds[chosen].half(),
            (target[chosen] * FULL).round().to(torch.uint8),
            (weight[chosen] * FULL).round().to(torch.uint8),
        )


def _choose(logits: Tensor, region: Tensor, config: NameFitConfig) -> Tensor:
    """Return the rows of an image that are kept, rising."""
    count = len(logits)
    chosen = torch.zeros(count, dtype=torch.bool)
    chosen[logits.amax(dim=1).topk(min(config.hard, count)).indices] = True
    chosen[torch.randint(count, (config.random,))] = True
    chosen[region] = True
    return chosen.nonzero()[:, 0]


def fit_names(
    regions: LabelledRegions, start: Tensor, scale: LogitScale, config: NameFitConfig
) -> tuple[Tensor, list[float]]:
    """Fit the embeddings of names.

    Args:
        regions: What the network sees, and what it should be called.
        start: `(C, D)` unit-length embeddings from words.
        scale: From inner products to logits.
        config: Steps and rate.

    Returns:
        `(C, D)` embeddings of any length, and the losses of all steps.
    """
    embeds = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.Adam([embeds], lr=config.rate)
    losses = []
    for step in range(config.steps):
        share = min(1.0, (step + 1) / WARMUP_STEPS) * (1 + math.cos(math.pi * step / config.steps))
        optimizer.param_groups[0]["lr"] = config.rate * share / 2
        rows = torch.randint(len(regions), (config.regions,))
        target = regions.target[rows].float() / FULL
        weight = regions.weight[rows].float() / FULL
        loss = quality_focal_loss(scale.logits(regions.embeds[rows], embeds), target, weight)
        loss = loss / target.sum().clamp(min=1.0)
        losses.append(loss.item())
        pulled = loss + config.pull * (embeds - start).square().sum()
        optimizer.zero_grad()
        torch.autograd.backward(pulled)
        optimizer.step()
    return embeds.detach(), losses
