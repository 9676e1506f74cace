"""OvSsd: SSD with a MobileNetV2 backbone whose class evidence serves as region embedding.

Architecture after Liu et al., "SSD: Single Shot MultiBox Detector" (2016), with the extra levels
and box coding of the TensorFlow Object Detection API's ssd_mobilenet_v2_coco.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ovd.errors import WeightsError
from ovd.model.backbone import (
    LAST_CHANNELS,
    LAST_STAGE,
    BackboneConfig,
    ConvSpec,
    ConvUnit,
    MobileNetV2,
    stage_channels,
)
from ovd.model.box_ops import cxcywh_to_xyxy
from ovd.model.predictions import RawPredictions
from ovd.model.weights import LoadedWeights


@dataclass(frozen=True)
class OvSsdConfig:
    """Sizes of an OvSsd.

    Attributes:
        region_dim: Dimensions of a region embedding: the number of known names.
        input_size: Side of the square input in pixels; fixed, because the anchors are.
        first_stage: Backbone stage of level 0.
        extra_channels: (narrow, wide) channels of each level after the backbone.
        anchors_per_cell: Anchors per cell of each level.
    """

    region_dim: int = 80
    input_size: int = 300
    first_stage: str = "block_13.expand"
    extra_channels: tuple[tuple[int, int], ...] = ((256, 512), (128, 256), (128, 256), (64, 128))
    anchors_per_cell: tuple[int, ...] = (3, 6, 6, 6, 6, 6)

    @property
    def level_channels(self) -> tuple[int, ...]:
        """Return the number of channels that each level's predictor reads."""
        wide = tuple(wide for _, wide in self.extra_channels)
        return (stage_channels(self.first_stage), LAST_CHANNELS, *wide)


class ExtraLevel(nn.Module):
    """Halve a feature map: 1 x 1 to few channels, depthwise 3 x 3 of stride 2, 1 x 1 to many."""

    def __init__(self, in_channels: int, narrow: int, wide: int) -> None:
        super().__init__()
        self.squeeze = ConvUnit((in_channels, narrow), ConvSpec())
        self.depthwise = ConvUnit((narrow, narrow), ConvSpec(3, 2, depthwise=True))
        self.project = ConvUnit((narrow, wide), ConvSpec())

    def forward(self, x: Tensor) -> Tensor:
        """Map `(B, in_channels, H, W)` to `(B, wide, ceil(H / 2), ceil(W / 2))`."""
        halved: Tensor = self.project(self.depthwise(self.squeeze(x)))
        return halved


class Predictor(nn.Module):
    """Region embedding and box encoding of every anchor of one level."""

    def __init__(self, in_channels: int, anchors: int, region_dim: int) -> None:
        super().__init__()
        self.regions = nn.Conv2d(in_channels, anchors * region_dim, 3, padding=1)
        self.boxes = nn.Conv2d(in_channels, anchors * 4, 3, padding=1)
        self.region_dim = region_dim

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Compute `(B, H * W * anchors, D)` embeddings and `(B, H * W * anchors, 4)` encodings."""
        return _by_anchor(self.regions(x), self.region_dim), _by_anchor(self.boxes(x), 4)


def _by_anchor(x: Tensor, size: int) -> Tensor:
    """Map `(B, anchors * size, H, W)` to `(B, H * W * anchors, size)`: row, column, anchor."""
    return x.permute(0, 2, 3, 1).reshape(int(x.shape[0]), -1, size)


class OvSsd(nn.Module):
    """Six-level SSD that returns region embeddings instead of class scores.

    Attributes:
        priors: `(Q, 4)` anchors as centre and size in fractions of the input.
        variances: `(4,)` factors of encoded (x, y, w, h).
    """

    priors: Tensor
    variances: Tensor

    def __init__(self, config: OvSsdConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = MobileNetV2(BackboneConfig((config.first_stage, LAST_STAGE)))
        channels = config.level_channels
        self.extras = nn.ModuleList(
            ExtraLevel(before, *sizes)
            for before, sizes in zip(channels[1:], config.extra_channels, strict=False)
        )
        self.predictors = nn.ModuleList(
            Predictor(size, anchors, config.region_dim)
            for size, anchors in zip(channels, config.anchors_per_cell, strict=True)
        )
        self.register_buffer("priors", torch.zeros(self._anchor_count(), 4))
        self.register_buffer("variances", torch.ones(4))

    def _anchor_count(self) -> int:
        cells = self.config.input_size // 16 + (self.config.input_size % 16 > 0)
        count = 0
        for anchors in self.config.anchors_per_cell:
            count += anchors * cells * cells
            cells = -(-cells // 2)
        return count

    def encode(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Compute region embeddings `(B, Q, D)` and box encodings `(B, Q, 4)` as (x, y, w, h).

        Args:
            pixels: `(B, 3, S, S)` RGB scaled to [-1, 1], S the configured input size.
        """
        levels = list(self.backbone(pixels))
        for extra in self.extras:
            levels.append(extra(levels[-1]))
        outputs = [predict(level) for predict, level in zip(self.predictors, levels, strict=True)]
        regions, encodings = zip(*outputs, strict=True)
        return torch.cat(regions, dim=1), torch.cat(encodings, dim=1)

    def decode(self, encodings: Tensor) -> Tensor:
        """Decode `(B, Q, 4)` encodings to corners in fractions of the input.

        The centre is coded relative to the size of its anchor, the size as a logarithm.
        """
        scaled = encodings * self.variances
        centre = self.priors[:, :2] + scaled[..., :2] * self.priors[:, 2:]
        size = self.priors[:, 2:] * scaled[..., 2:].exp()
        return cxcywh_to_xyxy(torch.cat((centre, size), dim=-1))

    def forward(self, pixels: Tensor) -> RawPredictions:
        """Find candidates in `(B, 3, S, S)` RGB pixels scaled to [-1, 1]."""
        regions, encodings = self.encode(pixels)
        return RawPredictions(regions, self.decode(encodings))


def build_ssd(weights: LoadedWeights) -> OvSsd:
    """Build the network that a weights file holds, ready to run.

    Raises:
        WeightsError: If the file holds something else.
    """
    with torch.device("meta"):
        network = OvSsd(OvSsdConfig(region_dim=len(weights.names)))
    state = {name: _as_float32(array) for name, array in weights.tensors.items()}
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:
        wanted = ", ".join(weights.entry.used_by)
        raise WeightsError(
            f"{weights.entry.file} does not hold the network of {wanted}: {error}"
        ) from error
    return network.requires_grad_(False).eval()


def _as_float32(array: NDArray[np.generic]) -> Tensor:
    tensor = torch.from_numpy(array).float()
    if tensor.ndim == 4:
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor
