"""Denoising queries: noisy copies of the truth that the decoder learns to put right.

After Li et al., 2022, "DN-DETR". Every box has a true copy to be put right and a false one, further
off, to be refused, after Zhang et al., 2022, "DINO". Both are written from the papers. A query's
content comes from a text instead of a class, so that it works for any name.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ovd.model.detr.network import NoisyQueries
from ovd.training.detr.config import NoiseConfig
from ovd.training.losses.criterion import BatchTargets

MAX_GROUPS = 5
LEAST_SIDE = 1e-3


@dataclass(frozen=True, eq=False)
class NoisyTruth:
    """Denoising queries and what they should become.

    Attributes:
        queries: The queries.
        box: `(B, R)` int64 index of the box that each comes from; -1 where there is none.
        is_true: `(R,)` bool; the box is to be put right, else it is to be refused.
    """

    queries: NoisyQueries
    box: Tensor
    is_true: Tensor


def make_noisy(
    targets: BatchTargets,
    cxcywh_norm: Tensor,
    texts: Tensor,
    config: NoiseConfig,
    generator: torch.Generator,
) -> NoisyTruth | None:
    """Make the denoising queries of a batch.

    Args:
        targets: Of the batch.
        cxcywh_norm: `(N, 4)` boxes of the targets in fractions of the input.
        texts: `(C, D)` embeddings of the batch's texts.
        config: How many, and how noisy.
        generator: Of random numbers, on the CPU.

    Returns:
        The queries; None if none is asked for or no box has a text.
    """
    teaches = ~targets.is_ignored & targets.match.any(dim=1)
    chosen = [
        _choose((teaches & (targets.image == image)).nonzero()[:, 0], config, generator)
        for image in range(len(targets.negative))
    ]
    most = max((len(boxes) for boxes in chosen), default=0)
    if config.queries < 2 or most == 0:
        return None
    groups = max(1, min(MAX_GROUPS, config.queries // (2 * most)))
    device = cxcywh_norm.device
    box = torch.full((len(chosen), most), -1, device=device)
    for row, boxes in zip(box, chosen, strict=True):
        row[: len(boxes)] = boxes
    box = box.repeat(1, 2 * groups)
    is_true = (torch.arange(2 * groups, device=device) % 2 == 0).repeat_interleave(most)
    group = torch.arange(groups, device=device).repeat_interleave(2 * most)
    of_box = box.clamp(min=0)
    embeds = texts.detach()[_noisy_texts(targets.match, of_box, config.flip, generator)]
    noisy = _noisy_boxes(cxcywh_norm[of_box], is_true, config.box, generator)
    return NoisyTruth(NoisyQueries(embeds, noisy, group), box, is_true)


def _choose(boxes: Tensor, config: NoiseConfig, generator: torch.Generator) -> Tensor:
    """Return at most half as many boxes as there may be queries, at random."""
    order = torch.randperm(len(boxes), generator=generator)[: max(1, config.queries // 2)]
    return boxes[order.to(boxes.device)]


def _noisy_texts(match: Tensor, box: Tensor, flip: float, generator: torch.Generator) -> Tensor:
    """Return `(B, R)` indices of a text for each query: one its box matches, or any other."""
    chance = torch.rand((*box.shape, match.shape[1]), generator=generator).to(box.device)
    own = (chance * match[box]).argmax(dim=-1)
    other = chance.argmin(dim=-1)
    flipped = torch.rand(box.shape, generator=generator).to(box.device) < flip
    return torch.where(flipped, other, own)


def _noisy_boxes(
    cxcywh_norm: Tensor, is_true: Tensor, noise: float, generator: torch.Generator
) -> Tensor:
    """Move `(B, R, 4)` boxes; every corner by up to `noise` half sides, or by more if false."""
    device = cxcywh_norm.device
    amount = torch.rand(cxcywh_norm.shape, generator=generator).to(device)
    amount = torch.where(is_true[:, None], amount, amount + 1) * noise
    sign = torch.randint(0, 2, cxcywh_norm.shape, generator=generator).to(device) * 2 - 1
    half = cxcywh_norm[..., 2:] / 2
    corners = torch.cat((cxcywh_norm[..., :2] - half, cxcywh_norm[..., :2] + half), dim=-1)
    corners = (corners + amount * sign * torch.cat((half, half), dim=-1)).clamp(0, 1)
    low = torch.minimum(corners[..., :2], corners[..., 2:])
    high = torch.maximum(corners[..., :2], corners[..., 2:])
    return torch.cat(((low + high) / 2, (high - low).clamp(min=LEAST_SIDE)), dim=-1)
