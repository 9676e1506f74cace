"""Turn pixels into feature maps of stride 8, 16 and 32 with ShuffleNetV2 (Ma et al., 2018)."""

import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.ghost.layers import Conv, interleave

STEM_CHANNELS = 24
STAGE_CHANNELS = (116, 232, 464)
STAGE_UNITS = (4, 8, 4)


class DownUnit(nn.Module):
    """Halve the size and widen: two branches side by side, then shuffled."""

    def __init__(self, channels: tuple[int, int]) -> None:
        super().__init__()
        inside, half = channels[0], channels[1] // 2
        self.short = nn.Sequential(
            Conv((inside, inside), 3, 2, depthwise=True, leaky=False), Conv((inside, half))
        )
        self.long = nn.Sequential(
            Conv((inside, half)),
            Conv((half, half), 3, 2, depthwise=True, leaky=False),
            Conv((half, half)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in, H, W)` to `(B, out, H / 2, W / 2)`."""
        return interleave(self.short(x), self.long(x))


class Unit(nn.Module):
    """Change one half of the channels, keep the other, shuffle both."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.long = nn.Sequential(
            Conv((half, half)),
            Conv((half, half), 3, depthwise=True, leaky=False),
            Conv((half, half)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, channels, H, W)` to the same shape."""
        kept, changed = x.chunk(2, dim=1)
        return interleave(kept, self.long(changed))


class ShuffleNet(nn.Module):
    """ShuffleNetV2 1.0x without its last convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv((3, STEM_CHANNELS), 3, 2)
        before = (STEM_CHANNELS, *STAGE_CHANNELS)
        self.stages = nn.ModuleList(
            nn.Sequential(DownUnit((a, b)), *(Unit(b) for _ in range(units - 1)))
            for a, b, units in zip(before, STAGE_CHANNELS, STAGE_UNITS, strict=False)
        )

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps of stride 8, 16 and 32 of `(B, 3, H, W)`."""
        x = F.max_pool2d(self.stem(pixels), 3, 2, 1)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return tuple(maps)
