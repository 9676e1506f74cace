"""Decoder: object queries read each other and the image, and move their boxes layer by layer.

After Carion et al., 2020, "DETR", and Zhu et al., 2020, "Deformable DETR" (iterative refinement).
A query's position is its box, encoded anew in each layer, after Liu et al., 2022, "DAB-DETR".
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ovd.model.transformer.deformable import (
    AttentionShape,
    DeformableAttention,
    SampledPoints,
    find_corners,
)
from ovd.model.transformer.dense import DenseAttention
from ovd.model.transformer.encoder import FeedForward, TokenMaps
from ovd.model.transformer.positions import sine_positions

LEAST_SHARE = 1e-4


@dataclass(frozen=True, eq=False)
class ObjectQueries:
    """Object queries of a batch before a layer or after it.

    Attributes:
        content: `(B, Q, W)`.
        cxcywh_norm: `(B, Q, 4)` boxes in fractions of the input.
    """

    content: Tensor
    cxcywh_norm: Tensor


@dataclass(frozen=True)
class DecoderConfig:
    """Shape of the decoder.

    Attributes:
        inner: Width inside the feed-forward parts.
        layers: Number of layers.
        dense: Whether queries read all tokens; else a few points.
        refine: Whether each layer starts from the boxes of the one before; else all from the
            first ones.
    """

    inner: int = 512
    layers: int = 3
    dense: bool = False
    refine: bool = True


class BoxHead(nn.Module):
    """Three linear maps from content to a change of a box."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.change = nn.Linear(width, 4)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)

    def forward(self, content: Tensor, cxcywh_norm: Tensor) -> Tensor:
        """Move `(..., 4)` boxes by what `(..., W)` content says; all in (0, 1), float32."""
        change = self.change(self.hidden(content)).float()
        return torch.sigmoid(to_logit(cxcywh_norm.float()) + change)


def to_logit(share: Tensor) -> Tensor:
    """Return the logit of values in [0, 1], which are kept off its ends."""
    return share.clamp(LEAST_SHARE, 1 - LEAST_SHARE).logit()


class DecoderLayer(nn.Module):
    """Attention among queries, attention to tokens, a feed-forward part."""

    def __init__(self, shape: AttentionShape, config: DecoderConfig) -> None:
        super().__init__()
        width = shape.width
        self.among = DenseAttention(width, shape.heads)
        self.among_norm = nn.LayerNorm(width)
        self.image: nn.Module = (
            DenseAttention(width, shape.heads) if config.dense else DeformableAttention(shape)
        )
        self.image_norm = nn.LayerNorm(width)
        self.feed = FeedForward(width, config.inner)

    def forward(
        self, queries: ObjectQueries, positions: Tensor, maps: TokenMaps, allowed: Tensor | None
    ) -> tuple[Tensor, SampledPoints | None]:
        """Return the `(B, Q, W)` content after the layer, and which points were read, if any were.

        Args:
            queries: With the boxes to read at.
            positions: `(B, Q, W)` of these boxes.
            maps: The encoded tokens.
            allowed: `(Q, Q)` bool, which queries a query may read; None for all.
        """
        x = queries.content
        placed = x + positions
        x = self.among_norm(x + self.among(placed, placed, x, allowed))
        read: SampledPoints | None = None
        if isinstance(self.image, DeformableAttention):
            found, read = self.image(x + positions, queries.cxcywh_norm, maps.tokens, maps.sizes)
        else:
            found = self.image(x + positions, maps.tokens + maps.positions, maps.tokens)
        return self.feed(self.image_norm(x + found)), read


class Decoder(nn.Module):
    """Decoder layers one after the other, with a box head each."""

    def __init__(self, shape: AttentionShape, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.width = shape.width
        self.layers = nn.ModuleList(DecoderLayer(shape, config) for _ in range(config.layers))
        self.boxes = nn.ModuleList(BoxHead(shape.width) for _ in range(config.layers))
        self.place = nn.Sequential(
            nn.Linear(2 * shape.width, shape.width), nn.ReLU(), nn.Linear(shape.width, shape.width)
        )

    def forward(
        self, queries: ObjectQueries, maps: TokenMaps, allowed: Tensor | None = None
    ) -> tuple[tuple[ObjectQueries, ...], tuple[SampledPoints, ...]]:
        """Decode queries.

        Args:
            queries: At their start; no gradient flows into their boxes.
            maps: The encoded tokens.
            allowed: `(Q, Q)` bool, which queries a query may read; None for all.

        Returns:
            The queries after each layer, and the points that each layer read (none where dense).
        """
        start = queries.cxcywh_norm.detach()
        queries = ObjectQueries(queries.content, start)
        after, reads = [], []
        for layer, box in zip(self.layers, self.boxes, strict=True):
            positions = self.place(sine_positions(queries.cxcywh_norm, 2 * self.width))
            content, read = layer(queries, positions, maps, allowed)
            found = ObjectQueries(content, box(content, queries.cxcywh_norm))
            after.append(found)
            reads += [read] if read is not None else []
            following = found.cxcywh_norm.detach() if self.config.refine else start
            queries = ObjectQueries(content, following)
        return tuple(after), tuple(reads)


def attention_map(reads: tuple[SampledPoints, ...], maps: TokenMaps, phase: float) -> Tensor:
    """Return how much the decoder read each token, over all layers, heads and queries.

    The decoder attention map of Roh et al., 2022, "Sparse DETR": each weight is given to the four
    cells around its point, as it was read.

    Returns:
        `(B, T)`, without gradient.
    """
    batch, count, _ = maps.tokens.shape
    found = torch.zeros((batch, count), device=maps.tokens.device)
    with torch.no_grad():
        for read in reads:
            cells, shares = find_corners(maps.sizes, read, phase)
            found.scatter_add_(1, cells.flatten(1), shares.float().flatten(1))
    return found
