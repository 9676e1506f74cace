"""Mix the backbone's maps with each other, and add a coarser one: the ghost pyramid.

After Ghost-PAN of NanoDet-Plus (RangiLyu, 2021, Apache-2.0): a pyramid with a way down and a way
back up, built of ghost blocks (Han et al., 2020), which make half of their channels cheaply from
the other half.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.ghost.layers import Conv, separable


class GhostPart(nn.Module):
    """Make `channels`: half by a 1 x 1 convolution, half from that by a depthwise 3 x 3."""

    def __init__(self, channels: tuple[int, int], *, leaky: bool) -> None:
        super().__init__()
        half = channels[1] // 2
        self.primary = Conv((channels[0], half), leaky=leaky)
        self.cheap = Conv((half, half), 3, depthwise=True, leaky=leaky)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H, W)`."""
        first = self.primary(x)
        return torch.cat((first, self.cheap(first)), dim=1)


class GhostBlock(nn.Module):
    """Two ghost parts and a shortcut of a depthwise 5 x 5 and a 1 x 1 convolution."""

    def __init__(self, channels: tuple[int, int]) -> None:
        super().__init__()
        inside, outside = channels
        self.first = GhostPart((inside, outside), leaky=True)
        self.second = GhostPart((outside, outside), leaky=False)
        self.shortcut = nn.Sequential(
            Conv((inside, inside), 5, depthwise=True, leaky=False),
            Conv((inside, outside), leaky=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H, W)`."""
        mixed: Tensor = self.second(self.first(x)) + self.shortcut(x)
        return mixed


class GhostNeck(nn.Module):
    """Give maps of stride 8, 16, 32 and 64, all of one width."""

    def __init__(self, in_channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.reduce = nn.ModuleList(Conv((channels, width)) for channels in in_channels)
        steps = len(in_channels) - 1
        self.top_down = nn.ModuleList(GhostBlock((2 * width, width)) for _ in range(steps))
        self.downsample = nn.ModuleList(separable((width, width), 2) for _ in range(steps))
        self.bottom_up = nn.ModuleList(GhostBlock((2 * width, width)) for _ in range(steps))
        self.extra_in = separable((width, width), 2)
        self.extra_out = separable((width, width), 2)

    def forward(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Mix the backbone's maps, finest first."""
        reduced = [conv(x) for conv, x in zip(self.reduce, maps, strict=True)]
        down = [reduced[-1]]
        for block, lateral in zip(self.top_down, reduced[-2::-1], strict=True):
            up = F.interpolate(down[-1], scale_factor=2, mode="bilinear", align_corners=False)
            down.append(block(torch.cat((up, lateral), dim=1)))
        down.reverse()
        mixed = [down[0]]
        for shrink, block, coarse in zip(self.downsample, self.bottom_up, down[1:], strict=True):
            mixed.append(block(torch.cat((shrink(mixed[-1]), coarse), dim=1)))
        extra = self.extra_in(reduced[-1]) + self.extra_out(mixed[-1])
        return (*mixed, extra)
