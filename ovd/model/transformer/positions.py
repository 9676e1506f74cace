"""Positions as vectors: sines of coordinates, and a learned vector per level."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

# The finest wave fits so often into the image, the coarsest once.
FINEST = 20.0


def sine_positions(coordinates: Tensor, width: int) -> Tensor:
    """Encode coordinates as sines and cosines of falling frequencies.

    Vaswani et al., 2017; for images after Carion et al., 2020, "DETR", for boxes after Liu et al.,
    2022, "DAB-DETR", with waves that suit fractions of an image.

    Args:
        coordinates: `(..., K)` in fractions of the image, x first.
        width: Values for all K coordinates together; a multiple of 2 K.

    Returns:
        `(..., width)`, one part for each coordinate.
    """
    each = width // coordinates.shape[-1]
    fall = torch.arange(0, each, 2, device=coordinates.device, dtype=coordinates.dtype) / each
    angles = coordinates[..., None] * (2 * math.pi) * FINEST ** (1 - fall)
    return torch.cat((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def cell_centres(sizes: Sequence[tuple[int, int]], phase: float) -> Tensor:
    """Return `(T, 2)` centres (x, y) of all cells of maps, in fractions of the map.

    Args:
        sizes: Height and width of each map.
        phase: Where the centre of a cell lies in it, as in `sample_levels`.
    """
    centres = []
    for height, width in sizes:
        ys = (torch.arange(height) + phase) / height
        xs = (torch.arange(width) + phase) / width
        grid = torch.stack(torch.meshgrid(ys, xs, indexing="ij")[::-1], dim=-1)
        centres.append(grid.reshape(-1, 2))
    return torch.cat(centres)


def level_of_cells(sizes: Sequence[tuple[int, int]]) -> Tensor:
    """Return the `(T,)` index of the map that each cell belongs to."""
    counts = torch.tensor([height * width for height, width in sizes])
    return torch.repeat_interleave(torch.arange(len(sizes)), counts)
