"""Neck: backbone maps of several strides -> maps of one width that know each other.

A feature pyramid (Lin et al., 2017) with a bottom-up path (Liu et al., 2018), added instead of
concatenated and built of depthwise separable convolutions, so that it is cheap on two cores.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.backbone import ConvSpec, ConvUnit


@dataclass(frozen=True)
class NeckConfig:
    """Shape of the neck.

    Attributes:
        in_channels: Channels of each input map, finest first; each has twice the stride of the
            one before.
        lateral_kernels: Kernel of the linear convolution that reads each map; 3 can hold a
            subspace of 3 x 3 predictors trained on that map.
        width: Channels of every output map.
    """

    in_channels: tuple[int, ...]
    lateral_kernels: tuple[int, ...]
    width: int

    def __post_init__(self) -> None:
        if len(self.in_channels) != len(self.lateral_kernels) or len(self.in_channels) < 2:
            raise ValueError(
                f"need a kernel for each of at least 2 maps, got {len(self.in_channels)} maps and "
                f"{len(self.lateral_kernels)} kernels"
            )


class SeparableConv(nn.Module):
    """Depthwise 3 x 3, pointwise 1 x 1, batch norm, ReLU.

    At stride 2 it pads as TensorFlow's SAME does, as the backbone: the cells of all levels keep
    the same phase.
    """

    def __init__(self, channels: tuple[int, int], stride: int = 1) -> None:
        super().__init__()
        spec = ConvSpec(3, stride, depthwise=True)
        self.depthwise = ConvUnit((channels[0], channels[0]), spec, activation=False)
        self.pointwise = nn.Conv2d(channels[0], channels[1], 1, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(channels[1])

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, channels[0], H, W)` to `(B, channels[1], H', W')`."""
        return F.relu(self.norm(self.pointwise(self.depthwise(x))), inplace=True)


class PyramidNeck(nn.Module):
    """Laterals, a top-down and a bottom-up path.

    The laterals are linear and are returned too: a head may read from them what a teacher's
    predictors read from the backbone.
    """

    def __init__(self, config: NeckConfig) -> None:
        super().__init__()
        self.config = config
        width, count = config.width, len(config.in_channels)
        self.laterals = nn.ModuleList(
            nn.Conv2d(channels, width, kernel, padding=kernel // 2)
            for channels, kernel in zip(config.in_channels, config.lateral_kernels, strict=True)
        )
        self.top_down = nn.ModuleList(SeparableConv((width, width)) for _ in range(count - 1))
        self.down = nn.ModuleList(SeparableConv((width, width), 2) for _ in range(count - 1))
        self.bottom_up = nn.ModuleList(SeparableConv((width, width)) for _ in range(count - 1))

    def forward(self, maps: tuple[Tensor, ...]) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Mix the levels.

        Args:
            maps: One map per level, finest first; each side exactly halves from level to level.

        Returns:
            The mixed maps `(B, width, H, W)` and the laterals of the same shapes, finest first.
        """
        laterals = tuple(conv(x) for conv, x in zip(self.laterals, maps, strict=True))
        top = [laterals[-1]]
        for mix, lateral in zip(self.top_down, reversed(laterals[:-1]), strict=True):
            raised = F.interpolate(top[0], scale_factor=2.0, mode="nearest")
            top.insert(0, mix(lateral + raised))
        mixed = [top[0]]
        for down, mix, x in zip(self.down, self.bottom_up, top[1:], strict=True):
            mixed.append(mix(x + down(mixed[-1])))
        return tuple(mixed), laterals
