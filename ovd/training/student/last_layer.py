"""Fit the layer that turns features into embeddings, with everything before it frozen.

Gradient descent on images needs many of them until rare names are told apart, because each step
is mostly about common ones. With the features of chosen points stored once, the last layer alone
is a convex problem that a few minutes solve.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.ghost.network import STRIDES, OvGhost, corner_points, corners
from ovd.training.losses.criterion import BatchTargets, quality_focal_loss
from ovd.training.student.assign import PredictedBoxes
from ovd.training.student.criterion import GhostGrid, assign_image
from ovd.training.student.origin import SurePoints

UNKNOWN_LOGIT = -30.0
WARMUP_STEPS = 30


@dataclass(frozen=True)
class LastLayerConfig:
    """Configure the fit.

    Attributes:
        images: Images to take points from; 0 for no fit.
        steps: Steps of the fit.
        points: Points in each step.
        rate: Highest learning rate; it falls to 0 along a cosine.
        synonym: Probability that a name is worded by a synonym in a step.
        hard: Points of an image with the highest scores, beside those that learn a box.
        random: Points of an image taken at random.
        origin: Weight of what the frozen network says against that of the labels.
    """

    images: int = 0
    steps: int = 1500
    points: int = 4096
    rate: float = 6e-3
    synonym: float = 0.35
    hard: int = 70
    random: int = 15
    origin: float = 2.5


@dataclass(frozen=True, eq=False)
class PointFeatures:
    """N points of images, what the last layer reads there, and what is known about C names.

    Attributes:
        level: `(N,)` uint8 index of the stride.
        tower: `(N, W)` features of the level's own tower.
        fresh: `(N, V)` features that all levels share.
        target: `(N, C)` score that a name should have.
        weight: `(N, C)` how much that counts.
        origin: `(N, K)` logits of the frozen network, `UNKNOWN_LOGIT` where it says nothing.
    """

    level: Tensor
    tower: Tensor
    fresh: Tensor
    target: Tensor
    weight: Tensor
    origin: Tensor

    def __len__(self) -> int:
        return len(self.level)

    def take(self, index: Tensor) -> "PointFeatures":
        """Return the points at the given positions."""
        return PointFeatures(*(getattr(self, item.name)[index] for item in fields(self)))


def join_points(parts: Iterable[PointFeatures]) -> PointFeatures:
    """Return the points of several images together."""
    kept = list(parts)
    names = [item.name for item in fields(PointFeatures)]
    return PointFeatures(*(torch.cat([getattr(part, name) for part in kept]) for name in names))


def read_points(
    network: OvGhost,
    pixels: Tensor,
    texts: Tensor,
    known: tuple[BatchTargets, SurePoints, Tensor],
    config: LastLayerConfig,
) -> Iterator[PointFeatures]:
    """Yield the chosen points of each image of a batch.

    Args:
        network: The student.
        pixels: `(B, 3, H, W)` RGB in [-1, 1].
        texts: `(C, D)` unit-length embeddings of the names.
        known: Labels of the names, what the frozen network is sure of, and `(B, K)` bool which of
            its names count in which image.
        config: How many points to take.
    """
    targets, sure, distilled = known
    size_hw = (int(pixels.shape[2]), int(pixels.shape[3]))
    grid = GhostGrid(*corner_points(size_hw))
    level = torch.log2(grid.strides / STRIDES[0]).to(torch.uint8)
    with torch.no_grad():
        tower, fresh, bins = network.head.features(network.neck(network.backbone(pixels)))
        boxes = corners(bins.float(), size_hw)
        for index in range(len(pixels)):
            part = PointFeatures(level, tower[index], fresh[index], *3 * (level,))
            logits = _logits(network, part, texts)
            lesson = assign_image(
                PredictedBoxes(boxes[index], logits), targets, grid, index,
                _choose(logits, sure.point[sure.image == index], config),
            )  # fmt: skip
            origin = _origin_rows(sure, distilled[index], index, lesson.row)
            yield PointFeatures(
                level[lesson.row], tower[index][lesson.row].half(), fresh[index][lesson.row].half(),
                lesson.target.half(), lesson.weight.half(), origin,
            )  # fmt: skip


def _choose(logits: Tensor, sure: Tensor, config: LastLayerConfig) -> Tensor:
    """Mark `(Q,)` the points with the highest scores, some sure ones and some random ones."""
    count = len(logits)
    chosen = torch.zeros(count, dtype=torch.bool)
    chosen[logits.amax(dim=1).topk(min(config.hard, count)).indices] = True
    chosen[sure[torch.randperm(len(sure))[: config.hard]]] = True
    chosen[torch.randint(count, (config.random,))] = True
    return chosen


def _origin_rows(sure: SurePoints, distilled: Tensor, index: int, row: Tensor) -> Tensor:
    """Return `(R, K)` logits of the frozen network at R rising points of one image."""
    mine = (sure.image == index) & torch.isin(sure.point, row)
    rows = torch.full((len(row), sure.logits.shape[1]), UNKNOWN_LOGIT, dtype=torch.half)
    wanted = sure.logits[mine].half().masked_fill(~distilled, UNKNOWN_LOGIT)
    rows[torch.searchsorted(row, sure.point[mine])] = wanted
    return rows


def fit_last_layer(
    network: OvGhost,
    points: PointFeatures,
    texts: Sequence[Tensor],
    origin_names: Tensor,
    config: LastLayerConfig,
) -> list[float]:
    """Fit the last layer of the head in place.

    Args:
        network: The student; nothing else of it changes.
        points: What it reads and should say.
        texts: Per name, `(S, D)` unit-length embeddings of its wordings, the usual one first.
        origin_names: `(K,)` position of the frozen network's names among the C names.
        config: Steps and rate.

    Returns:
        Losses of all steps.
    """
    head = network.head
    layers = nn.ModuleList([*head.embeds, head.fresh_embed])
    optimizer = torch.optim.Adam(layers.parameters(), lr=config.rate)
    losses = []
    for step in range(config.steps):
        share = min(1.0, (step + 1) / WARMUP_STEPS) * (1 + math.cos(math.pi * step / config.steps))
        optimizer.param_groups[0]["lr"] = config.rate * share / 2
        part = points.take(torch.randint(len(points), (config.points,)))
        worded = torch.stack([_pick(wordings, config.synonym) for wordings in texts])
        loss = _loss(_logits(network, part, worded), part, origin_names, config.origin)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(loss.item())
    return losses


def _pick(wordings: Tensor, synonym: float) -> Tensor:
    """Return one of `(S, D)` wordings: the first, or with some probability any."""
    other = float(torch.rand(())) < synonym
    return wordings[int(torch.randint(len(wordings), ())) if other else 0]


def _logits(network: OvGhost, part: PointFeatures, texts: Tensor) -> Tensor:
    """Compute `(N, C)` logits from stored features."""
    head, scaled = network.head, texts * network.text_head.log_scale.exp()
    shared = F.linear(part.fresh.float(), scaled @ head.fresh_embed.weight.flatten(1))
    logits = shared + network.text_head.bias
    for level, embed in enumerate(head.embeds):
        rows = (part.level == level).nonzero()[:, 0]
        kernel = scaled @ embed.get_parameter("weight").flatten(1)
        offset = scaled @ embed.get_parameter("bias")
        own = F.linear(part.tower[rows].float(), kernel, offset)
        logits = logits.index_add(0, rows, own)
    return logits


def _loss(
    logits: Tensor, part: PointFeatures, origin_names: Tensor, origin_weight: float
) -> Tensor:
    """Add the quality focal losses against the labels and against the frozen network."""
    target = part.target.float()
    labels = quality_focal_loss(logits, target, part.weight.float())
    origin = part.origin.float()
    speaks = (origin > UNKNOWN_LOGIT + 1).float()
    wanted = origin.sigmoid() * speaks
    old = quality_focal_loss(logits[:, origin_names], wanted, speaks)
    norms = target.sum().clamp(min=1.0), wanted.amax(dim=1).sum().clamp(min=1.0)
    loss: Tensor = labels / norms[0] + origin_weight * old / norms[1]
    return loss
