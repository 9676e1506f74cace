"""Encoder: tokens of all feature maps read each other; only chosen ones need to.

After Carion et al., 2020, "DETR" (dense, one map) and Zhu et al., 2020, "Deformable DETR". That
only some tokens are queries while all are keys is after Roh et al., 2022, "Sparse DETR".
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.transformer.deformable import AttentionShape, DeformableAttention, Sizes
from ovd.model.transformer.dense import DenseAttention


@dataclass(frozen=True, eq=False)
class TokenMaps:
    """Tokens of the feature maps of a batch.

    Attributes:
        tokens: `(B, T, W)`, finest map first.
        positions: `(T, W)` of the cells, with those of their levels.
        centres: `(T, 2)` as (x, y) in fractions of the map.
        sizes: Height and width of each map.
    """

    tokens: Tensor
    positions: Tensor
    centres: Tensor
    sizes: Sizes


class FeedForward(nn.Module):
    """Two linear maps around a ReLU, added to what came in, normalised."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.widen, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width)
        for linear in (self.widen, self.narrow):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., W)` to the same shape."""
        added: Tensor = self.norm(x + self.narrow(F.relu(self.widen(x))))
        return added


class EncoderLayer(nn.Module):
    """Attention among tokens and a feed-forward part, each normalised behind its residual."""

    def __init__(self, shape: AttentionShape, inner: int, *, dense: bool) -> None:
        super().__init__()
        self.attention: nn.Module = (
            DenseAttention(shape.width, shape.heads) if dense else DeformableAttention(shape)
        )
        self.norm = nn.LayerNorm(shape.width)
        self.feed = FeedForward(shape.width, inner)

    def forward(self, maps: TokenMaps, kept: Tensor | None = None) -> Tensor:
        """Encode tokens.

        Args:
            maps: All tokens, which are read.
            kept: `(B, K)` indices of those to encode; None for all.

        Returns:
            `(B, K, W)` encoded tokens.
        """
        tokens = maps.tokens
        positions, centres = maps.positions.expand_as(tokens), maps.centres
        centres = centres.expand(len(tokens), -1, -1)
        queries = tokens
        if kept is not None:
            queries, positions = take_tokens(tokens, kept), take_tokens(positions, kept)
            centres = take_tokens(centres, kept)
        placed = queries + positions
        if isinstance(self.attention, DeformableAttention):
            found, _ = self.attention(placed, centres, tokens, maps.sizes)
        else:
            found = self.attention(placed, tokens + maps.positions, tokens)
        encoded: Tensor = self.feed(self.norm(queries + found))
        return encoded


class Encoder(nn.Module):
    """Encoder layers one after the other."""

    def __init__(self, shape: AttentionShape, inner: int, layers: int, *, dense: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(shape, inner, dense=dense) for _ in range(layers))

    def forward(self, maps: TokenMaps, kept: Tensor | None = None) -> tuple[Tensor, ...]:
        """Encode tokens; those that are not kept stay as they came and are read all the same.

        Args:
            maps: All tokens.
            kept: `(B, K)` indices of distinct tokens to encode; None for all.

        Returns:
            `(B, T, W)` all tokens after each layer.
        """
        tokens, after = maps.tokens, []
        for layer in self.layers:
            now = TokenMaps(tokens, maps.positions, maps.centres, maps.sizes)
            encoded = layer(now, kept)
            tokens = encoded if kept is None else put_tokens(tokens, kept, encoded)
            after.append(tokens)
        return tuple(after)


def take_tokens(tokens: Tensor, kept: Tensor) -> Tensor:
    """Return the `(B, K, W)` of `(B, T, W)` that `(B, K)` indices name."""
    return torch.gather(tokens, 1, kept[..., None].expand(-1, -1, tokens.shape[-1]))


def put_tokens(tokens: Tensor, kept: Tensor, encoded: Tensor) -> Tensor:
    """Return `(B, T, W)` tokens with the `(B, K)` named ones replaced by `(B, K, W)` others."""
    return tokens.scatter(1, kept[..., None].expand(-1, -1, tokens.shape[-1]), encoded)
