"""MobileNetV2: image -> feature maps of the stages asked for.

Architecture after Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks"
(2018), written from the paper; strided convolutions can pad as TensorFlow does, because the
weights we start from were trained that way.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

STEM_CHANNELS = 32
LAST_CHANNELS = 1280
LAST_STAGE = "last"

# (expansion of the input channels, output channels, stride) of blocks 0 to 16, width 1.0.
BLOCKS: tuple[tuple[int, int, int], ...] = (
    (1, 16, 1),
    (6, 24, 2),
    (6, 24, 1),
    (6, 32, 2),
    (6, 32, 1),
    (6, 32, 1),
    (6, 64, 2),
    (6, 64, 1),
    (6, 64, 1),
    (6, 64, 1),
    (6, 96, 1),
    (6, 96, 1),
    (6, 96, 1),
    (6, 160, 2),
    (6, 160, 1),
    (6, 160, 1),
    (6, 320, 1),
)

STAGES: tuple[str, ...] = (
    "block_0",
    *(f"block_{i}{part}" for i in range(1, len(BLOCKS)) for part in (".expand", "")),
    LAST_STAGE,
)


@dataclass(frozen=True)
class BackboneConfig:
    """The parts of MobileNetV2 1.0 to build.

    Attributes:
        stages: Feature maps to return, in this order: `block_N` is the output of bottleneck N,
            `block_N.expand` the 6 x wider map inside it (at the stride of its input) and `last`
            the 1280-channel map. `block_5`, `block_12` and `block_16` are those of stride 8, 16
            and 32. What lies behind the deepest stage is not built.
        tf_same_padding: Pad strided convolutions as TensorFlow's SAME does: by what the input
            size needs, the odd pixel at the bottom and right. False pads one pixel all around.
        batch_norm: Whether every convolution has a batch norm instead of a bias; False fits
            weights into which the norms were folded.
    """

    stages: tuple[str, ...]
    tf_same_padding: bool = True
    batch_norm: bool = False

    def __post_init__(self) -> None:
        unknown = [stage for stage in self.stages if stage not in STAGES]
        if unknown or not self.stages:
            raise ValueError(f"unknown stages {unknown}; known: {', '.join(STAGES)}")


@dataclass(frozen=True)
class ConvSpec:
    """Shape of a convolution.

    Attributes:
        kernel: Side of the kernel, odd.
        stride: Step in both directions.
        depthwise: Whether each channel has a kernel of its own.
        tf_same_padding: See `BackboneConfig`; at stride 1 it makes no difference.
        batch_norm: See `BackboneConfig`.
    """

    kernel: int = 1
    stride: int = 1
    depthwise: bool = False
    tf_same_padding: bool = True
    batch_norm: bool = False

    @property
    def pads_by_input(self) -> bool:
        """Return whether the padding depends on the size of the input."""
        return self.tf_same_padding and self.stride > 1 and self.kernel > 1


class ConvUnit(nn.Module):
    """Convolution, then batch norm if asked for, then ReLU6 in place if asked for.

    Weights and padding are those of `torch.nn.Conv2d` except that with `tf_same_padding` the
    output has `ceil(size / stride)` cells and the odd pixel of padding is at the bottom right.
    """

    def __init__(
        self, channels: tuple[int, int], spec: ConvSpec, *, activation: bool = True
    ) -> None:
        super().__init__()
        self.spec = spec
        self.activation = activation
        self.conv = nn.Conv2d(
            *channels,
            spec.kernel,
            spec.stride,
            padding=spec.kernel // 2,
            groups=channels[0] if spec.depthwise else 1,
            bias=not spec.batch_norm,
        )
        self.norm = nn.BatchNorm2d(channels[1], eps=1e-3) if spec.batch_norm else None

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, channels[0], H, W)` to `(B, channels[1], H', W')`."""
        x = self._convolve(x)
        if self.norm is not None:
            x = self.norm(x)
        return F.relu6(x, inplace=True) if self.activation else x

    def _convolve(self, x: Tensor) -> Tensor:
        spec = self.spec
        if not spec.pads_by_input:
            convolved: Tensor = self.conv(x)
            return convolved
        (top, bottom), (left, right) = (
            _same_padding(int(size), spec.kernel, spec.stride) for size in x.shape[-2:]
        )
        if bottom > top or right > left:
            x = F.pad(x, (0, right - left, 0, bottom - top))
        conv = self.conv
        return F.conv2d(x, conv.weight, conv.bias, spec.stride, (top, left), groups=conv.groups)


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the pixels that TensorFlow's SAME adds before and after a side of `size` pixels."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Bottleneck(nn.Module):
    """Inverted residual: widen by 1 x 1, depthwise 3 x 3, narrow by 1 x 1 without activation."""

    def __init__(
        self, channels: tuple[int, int], expansion: int, stride: int, config: BackboneConfig
    ) -> None:
        super().__init__()
        same, norm = config.tf_same_padding, config.batch_norm
        point = ConvSpec(batch_norm=norm)
        deep = ConvSpec(3, stride, depthwise=True, tf_same_padding=same, batch_norm=norm)
        wide = channels[0] * expansion
        self.expand = ConvUnit((channels[0], wide), point) if expansion > 1 else nn.Identity()
        self.depthwise = ConvUnit((wide, wide), deep)
        self.project = ConvUnit((wide, channels[1]), point, activation=False)
        self.residual = stride == 1 and channels[0] == channels[1]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Compute the expanded map inside the block, and the block's output."""
        wide = self.expand(x)
        narrow = self.project(self.depthwise(wide))
        return wide, x + narrow if self.residual else narrow


class MobileNetV2(nn.Module):
    """MobileNetV2 1.0 with ReLU6, up to the deepest stage of its configuration.

    Parameters are called `stem.conv.weight`, `blocks.N.expand|depthwise|project.conv.weight`
    and `last.conv.weight`, each with a `bias` (or `norm.*`).
    """

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        norm = config.batch_norm
        stem = ConvSpec(3, 2, tf_same_padding=config.tf_same_padding, batch_norm=norm)
        self.stem = ConvUnit((3, STEM_CHANNELS), stem)
        self.blocks = nn.ModuleList()
        channels = STEM_CHANNELS
        for expansion, out_channels, stride in BLOCKS[: _blocks_needed(config.stages)]:
            self.blocks.append(Bottleneck((channels, out_channels), expansion, stride, config))
            channels = out_channels
        if LAST_STAGE in config.stages:
            self.last = ConvUnit((channels, LAST_CHANNELS), ConvSpec(batch_norm=norm))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Compute the feature maps of `config.stages`, in that order.

        Args:
            pixels: `(B, 3, H, W)` RGB scaled to [-1, 1].
        """
        wanted = self.config.stages
        maps: dict[str, Tensor] = {}
        x = self.stem(pixels)
        for index, block in enumerate(self.blocks):
            wide, x = block(x)
            maps |= {
                stage: feature
                for stage, feature in ((f"block_{index}.expand", wide), (f"block_{index}", x))
                if stage in wanted
            }
        if LAST_STAGE in wanted:
            maps[LAST_STAGE] = self.last(x)
        return tuple(maps[stage] for stage in wanted)


def _blocks_needed(stages: tuple[str, ...]) -> int:
    if LAST_STAGE in stages:
        return len(BLOCKS)
    return 1 + max(int(stage.removeprefix("block_").removesuffix(".expand")) for stage in stages)


def stage_channels(stage: str) -> int:
    """Return the number of channels of a stage's feature map."""
    if stage == LAST_STAGE:
        return LAST_CHANNELS
    index = int(stage.removeprefix("block_").removesuffix(".expand"))
    if not stage.endswith(".expand"):
        return BLOCKS[index][1]
    before = BLOCKS[index - 1][1] if index else STEM_CHANNELS
    return before * BLOCKS[index][0]
