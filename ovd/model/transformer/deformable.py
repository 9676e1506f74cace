"""Multi-scale deformable attention: every query reads a few points of every feature map.

After Zhu et al., 2020, "Deformable DETR", written from the paper. Its cost is linear in the number
of tokens, where that of dense attention is quadratic, so that the fine maps on which small objects
are visible become affordable.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Sizes = Sequence[tuple[int, int]]
CORNERS = 4
# Where the centre of a cell lies in it, in cells: 0.5 is its middle.
MIDDLE = 0.5


@dataclass(frozen=True)
class AttentionShape:
    """Shape of an attention module.

    Attributes:
        width: Channels of tokens and queries.
        heads: Parts of the channels that attend each on their own.
        levels: Feature maps.
        points: Points that each head reads on each map.
        phase: Where the centre of a cell lies in it; see `sample_levels`.
    """

    width: int = 128
    heads: int = 8
    levels: int = 4
    points: int = 4
    phase: float = MIDDLE

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.width}")


@dataclass(frozen=True, eq=False)
class SampledPoints:
    """Places that queries read, and how much each counts.

    Attributes:
        locations: `(B, Q, M, L, P, 2)` as (x, y) in fractions of the map, of M heads, L levels
            and P points.
        weights: `(B, Q, M, L, P)`; of each query and head they add up to 1.
    """

    locations: Tensor
    weights: Tensor


def split_levels(tokens: Tensor, sizes: Sizes) -> tuple[Tensor, ...]:
    """Split `(B, T, ...)` tokens of all maps, finest first, into those of each map."""
    return torch.split(tokens, [height * width for height, width in sizes], dim=1)


def sample_levels(
    values: Tensor, sizes: Sizes, read: SampledPoints, phase: float = MIDDLE
) -> Tensor:
    """Read the maps at the points, bilinearly, and add up with the weights.

    Outside of a map there are zeros.

    Args:
        values: `(B, T, M, E)` of T tokens, the maps one after the other.
        sizes: Height and width of each map.
        read: The points.
        phase: Cell i of a map of n cells has its centre at `(i + phase) / n`.

    Returns:
        `(B, Q, M * E)`.
    """
    batch, queries, heads, _, points = read.weights.shape
    sampled = []
    for level, (value, (height, width)) in enumerate(
        zip(split_levels(values, sizes), sizes, strict=True)
    ):
        maps = value.permute(0, 2, 3, 1).reshape(batch * heads, -1, height, width)
        at = read.locations[:, :, :, level].transpose(1, 2).reshape(-1, queries, points, 2)
        shift = (1 - 2 * phase) / at.new_tensor((width, height))
        grid = 2 * at - 1 + shift
        sampled.append(F.grid_sample(maps, grid, "bilinear", "zeros", align_corners=False))
    weights = read.weights.transpose(1, 2).reshape(batch * heads, 1, queries, -1)
    found = (torch.cat(sampled, dim=-1) * weights).sum(dim=-1)
    return found.reshape(batch, -1, queries).transpose(1, 2)


def find_corners(sizes: Sizes, read: SampledPoints, phase: float = MIDDLE) -> tuple[Tensor, Tensor]:
    """Return the four cells around each point and the share of each in what the query reads.

    Returns:
        `(B, Q, M, 4 L P)` int64 indices of tokens and as many weights, 0 outside of a map.
    """
    indices, shares = [], []
    start = 0
    for level, (height, width) in enumerate(sizes):
        at = read.locations[:, :, :, level]
        weight = read.weights[:, :, :, level]
        x, y = at[..., 0] * width - phase, at[..., 1] * height - phase
        left, top = x.detach().floor(), y.detach().floor()
        right_share, bottom_share = x - left, y - top
        for column, row, across, down in (
            (left, top, 1 - right_share, 1 - bottom_share),
            (left + 1, top, right_share, 1 - bottom_share),
            (left, top + 1, 1 - right_share, bottom_share),
            (left + 1, top + 1, right_share, bottom_share),
        ):
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            cell = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
            indices.append(start + cell.long())
            shares.append(weight * across * down * inside)
        start += height * width
    return torch.cat(indices, dim=-1), torch.cat(shares, dim=-1)


def sample_levels_fused(
    values: Tensor, sizes: Sizes, read: SampledPoints, phase: float = MIDDLE
) -> Tensor:
    """Compute what `sample_levels` does, one weighted sum of rows per query and head.

    No sampled value is kept, only where it comes from. On a CPU it takes half the time of
    `sample_levels`, but its gradient takes longer: for running only.
    """
    batch, tokens, heads, _ = values.shape
    cells, shares = find_corners(sizes, read, phase)
    row = torch.arange(batch * heads, device=values.device).view(batch, 1, heads, 1)
    by_head = values.transpose(1, 2).reshape(batch * heads * tokens, -1)
    indices = (cells + row * tokens).flatten(0, 2)
    found = F.embedding_bag(
        indices, by_head, mode="sum", per_sample_weights=shares.flatten(0, 2).to(values.dtype)
    )
    return found.reshape(batch, cells.shape[1], -1)


class DeformableAttention(nn.Module):
    """Queries read points near their references; where and how much follows from their content."""

    def __init__(self, shape: AttentionShape) -> None:
        super().__init__()
        self.shape = shape
        reads = shape.heads * shape.levels * shape.points
        self.values = nn.Linear(shape.width, shape.width)
        self.offsets = nn.Linear(shape.width, reads * 2)
        self.weights = nn.Linear(shape.width, reads)
        self.output = nn.Linear(shape.width, shape.width)
        self._start()

    def _start(self) -> None:
        """Let each head look its own way, each point one cell further out, all alike."""
        shape = self.shape
        nn.init.xavier_uniform_(self.values.weight)
        nn.init.xavier_uniform_(self.output.weight)
        for quiet in (self.values.bias, self.output.bias, self.offsets.weight):
            nn.init.zeros_(quiet)
        nn.init.zeros_(self.weights.weight)
        nn.init.zeros_(self.weights.bias)
        angle = torch.arange(shape.heads) * (2 * math.pi / shape.heads)
        way = torch.stack((angle.cos(), angle.sin()), dim=-1)
        way = way / way.abs().amax(dim=-1, keepdim=True)
        far = torch.arange(1.0, shape.points + 1)
        offsets = way[:, None, None] * far[:, None]
        with torch.no_grad():
            self.offsets.bias.copy_(offsets.expand(-1, shape.levels, -1, -1).flatten())

    def choose_points(self, queries: Tensor, references: Tensor, sizes: Sizes) -> SampledPoints:
        """Return the points that queries read.

        Args:
            queries: `(B, Q, W)`.
            references: `(B, Q, 2)` points as (x, y), from which offsets count in cells; or
                `(B, Q, 4)` boxes as (cx, cy, w, h), where they count in shares of the box. In
                fractions of the map.
            sizes: Height and width of each map.
        """
        shape = self.shape
        batch, count, _ = queries.shape
        split = (batch, count, shape.heads, shape.levels, shape.points)
        offsets = self.offsets(queries).reshape(*split, 2)
        weights = self.weights(queries).reshape(*split[:3], -1).softmax(dim=-1).reshape(split)
        centre = references[:, :, None, None, None, :2]
        if references.shape[-1] == 2:
            cells = offsets.new_tensor([(width, height) for height, width in sizes])
            return SampledPoints(centre + offsets / cells[:, None], weights)
        extent = references[:, :, None, None, None, 2:]
        return SampledPoints(centre + offsets / shape.points * extent * 0.5, weights)

    def forward(
        self, queries: Tensor, references: Tensor, tokens: Tensor, sizes: Sizes
    ) -> tuple[Tensor, SampledPoints]:
        """Attend.

        Args:
            queries: `(B, Q, W)`, with their positions.
            references: See `choose_points`.
            tokens: `(B, T, W)` of all maps, finest first.
            sizes: Height and width of each map.

        Returns:
            `(B, Q, W)`, and the points that were read.
        """
        read = self.choose_points(queries, references, sizes)
        values = self.values(tokens)
        values = values.reshape(*values.shape[:2], self.shape.heads, -1)
        sample = sample_levels if torch.is_grad_enabled() else sample_levels_fused
        found = sample(values, sizes, read, self.shape.phase)
        return self.output(found), read


def count_operations(shape: AttentionShape, queries: int, tokens: int) -> int:
    """Return the multiply-adds of one image in `DeformableAttention`.

    With width W, M heads, L levels and P points, for Q queries and T tokens:
    `T W^2` for the values, `3 Q W M L P` for offsets and weights, `4 Q L P W` for bilinear reading
    of four corners, `Q L P W` for the weighted sum and `Q W^2` for the output.
    """
    width, reads = shape.width, shape.levels * shape.points
    linear = tokens * width**2 + 3 * queries * width * shape.heads * reads + queries * width**2
    return linear + (CORNERS + 1) * queries * reads * width
