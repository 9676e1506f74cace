"""Find candidate objects with ShuffleNetV2, a ghost pyramid and a head that speaks to texts.

The network is that of NanoDet-Plus-m (RangiLyu, 2021, Apache-2.0), but for its end: its 80 class
outputs have become an embedding that is compared with texts, and a second, fresh look at the
pyramid adds to that embedding, so that new words find room of their own. Boxes are distributions
over distances (Li et al., 2020, "Generalized Focal Loss").
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ovd.model.ghost.backbone import STAGE_CHANNELS, ShuffleNet
from ovd.model.ghost.layers import Conv, separable
from ovd.model.ghost.neck import GhostNeck
from ovd.model.heads import InnerProductHead
from ovd.model.predictions import RawPredictions
from ovd.model.trainable import ParameterRole, TrainableModel

STRIDES = (8, 16, 32, 64)
BINS = 8
INHERITED_PARTS = ("neck.", "head.towers.", "head.embeds.", "head.bins.")


@dataclass(frozen=True)
class GhostConfig:
    """Say how wide the parts are.

    Attributes:
        width: Channels of neck and head.
        fresh_width: Channels of the second look at the pyramid; 0 for none.
        embed_dim: D, dimensions in which regions and texts are compared.
    """

    width: int = 96
    fresh_width: int = 64
    embed_dim: int = 256


@dataclass(frozen=True, eq=False)
class GhostPredictions:
    """Hold everything the network says about a batch; Q points of all levels, finest first.

    Attributes:
        region_embeds: `(B, Q, D)`.
        bin_logits: `(B, Q, 4, BINS)` of the distances to the left, top, right and bottom side in
            strides.
        xyxy: `(B, Q, 4)` float32 corners in pixels of the input; may leave it.
    """

    region_embeds: Tensor
    bin_logits: Tensor
    xyxy: Tensor


@dataclass(frozen=True, eq=False)
class GhostScores:
    """Hold what the network says of a batch about C texts, for training.

    Attributes:
        logits: `(B, Q, C)` float32.
        bin_logits: `(B, Q, 4, BINS)` float32, as in `GhostPredictions`.
        xyxy: `(B, Q, 4)` float32 corners in pixels of the input.
    """

    logits: Tensor
    bin_logits: Tensor
    xyxy: Tensor


def corner_points(size_hw: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return where each output cell looks: at its upper left corner; and its stride.

    Args:
        size_hw: Height and width of the network's input, multiples of 64.

    Returns:
        `(Q, 2)` points as (x, y) in pixels and `(Q,)` strides.
    """
    points, strides = [], []
    for stride in STRIDES:
        ys = torch.arange(size_hw[0] // stride) * float(stride)
        xs = torch.arange(size_hw[1] // stride) * float(stride)
        grid = torch.stack(torch.meshgrid(ys, xs, indexing="ij")[::-1], dim=-1).reshape(-1, 2)
        points.append(grid)
        strides.append(torch.full((len(grid),), float(stride)))
    return torch.cat(points), torch.cat(strides)


class GhostHead(nn.Module):
    """Read each level by itself for boxes and names, and all levels alike for more of names."""

    def __init__(self, config: GhostConfig) -> None:
        super().__init__()
        self.config = config
        width, levels = config.width, len(STRIDES)
        self.towers = nn.ModuleList(
            nn.Sequential(*separable((width, width)), *separable((width, width)))
            for _ in range(levels)
        )
        self.embeds = nn.ModuleList(nn.Conv2d(width, config.embed_dim, 1) for _ in range(levels))
        self.bins = nn.ModuleList(nn.Conv2d(width, 4 * BINS, 1) for _ in range(levels))
        if config.fresh_width:
            self.fresh = nn.Sequential(
                Conv((width, width), 3, depthwise=True, leaky=False),
                Conv((width, config.fresh_width)),
            )
            self.fresh_embed = nn.Conv2d(config.fresh_width, config.embed_dim, 1, bias=False)
            nn.init.zeros_(self.fresh_embed.weight)

    def forward(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Compute embeddings `(B, Q, D)` and bins `(B, Q, 4, BINS)` of the pyramid's maps."""
        embeds, bins = [], []
        for level, x in enumerate(maps):
            seen = self.towers[level](x)
            embed = self.embeds[level](seen)
            if self.config.fresh_width:
                embed = embed + self.fresh_embed(self.fresh(x))
            embeds.append(embed.flatten(2))
            bins.append(self.bins[level](seen).flatten(2))
        found = torch.cat(bins, dim=2).transpose(1, 2)
        return torch.cat(embeds, dim=2).transpose(1, 2), _by_side(found)

    def score(self, maps: tuple[Tensor, ...], texts: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Compute logits `(B, Q, C)` for texts, and bins, without the embeddings in between.

        Args:
            maps: Of the pyramid.
            texts: `(C, D)` embeddings with the scale of the text head in them.
            bias: The text head's.
        """
        logits, bins = [], []
        for level, x in enumerate(maps):
            seen = self.towers[level](x)
            found = _compare(seen, self.embeds[level], texts)
            if self.config.fresh_width:
                found = found + _compare(self.fresh(x), self.fresh_embed, texts)
            logits.append(found.permute(0, 2, 3, 1).flatten(1, 2))
            bins.append(self.bins[level](seen).permute(0, 2, 3, 1).flatten(1, 2))
        return torch.cat(logits, dim=1) + bias, _by_side(torch.cat(bins, dim=1))

    def features(self, maps: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """Compute what the last layer reads, and bins, of the pyramid's maps.

        Returns:
            `(B, Q, W)` features of the levels' own towers, `(B, Q, V)` those that all levels share,
            and `(B, Q, 4, BINS)`.
        """
        towers, shared, bins = [], [], []
        for level, x in enumerate(maps):
            seen = self.towers[level](x)
            towers.append(seen.flatten(2))
            shared.append(self.fresh(x).flatten(2))
            bins.append(self.bins[level](seen).flatten(2))
        found = torch.cat(bins, dim=2).transpose(1, 2)
        joined = torch.cat(towers, dim=2).transpose(1, 2), torch.cat(shared, dim=2).transpose(1, 2)
        return *joined, _by_side(found)


def _by_side(bins: Tensor) -> Tensor:
    """Split `(B, Q, 4 BINS)` into `(B, Q, 4, BINS)`."""
    return bins.reshape(int(bins.shape[0]), -1, 4, BINS)


def _compare(x: Tensor, embed: nn.Module, texts: Tensor) -> Tensor:
    """Compute `(B, C, H, W)` inner products of texts with the embeddings of a 1 x 1 convolution."""
    kernel = texts @ embed.get_parameter("weight").flatten(1)
    offset = None
    if isinstance(embed, nn.Conv2d) and embed.bias is not None:
        offset = texts @ embed.bias
    return F.conv2d(x, kernel[:, :, None, None], offset)


class OvGhost(TrainableModel):
    """The whole network; its input's sides must be multiples of 64."""

    def __init__(self, config: GhostConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = ShuffleNet()
        self.neck = GhostNeck(STAGE_CHANNELS, config.width)
        self.head = GhostHead(config)
        self.text_head = InnerProductHead()

    def role_of(self, parameter: str) -> ParameterRole:
        """See `TrainableModel`."""
        if parameter.startswith("backbone."):
            return ParameterRole.BACKBONE
        if parameter.startswith(INHERITED_PARTS):
            return ParameterRole.INHERITED
        return ParameterRole.NEW

    def freeze_backbone(self, blocks: int) -> None:
        """See `TrainableModel`; its blocks are the stem and three stages, 4 in all."""
        for module in (self.backbone.stem, *self.backbone.stages)[:blocks]:
            module.requires_grad_(False)

    def predict_dense(self, pixels: Tensor) -> GhostPredictions:
        """Compute everything the losses need, of `(B, 3, H, W)` RGB scaled to [-1, 1]."""
        embeds, bins = self.head(self.neck(self.backbone(pixels)))
        bins = bins.float()
        size_hw = (int(pixels.shape[2]), int(pixels.shape[3]))
        return GhostPredictions(embeds, bins, corners(bins, size_hw))

    def predict_scores(self, pixels: Tensor, texts: Tensor) -> GhostScores:
        """Compute what the losses need, with `(C, D)` unit-length texts already compared.

        It is what `predict_dense` and the text head say, at half the cost.
        """
        size_hw = (int(pixels.shape[2]), int(pixels.shape[3]))
        return self.score_maps(self.backbone(pixels), size_hw, texts)

    def score_maps(
        self, maps: tuple[Tensor, ...], size_hw: tuple[int, int], texts: Tensor
    ) -> GhostScores:
        """Compute the same from the backbone's maps of an input of `size_hw`."""
        scaled = texts * self.text_head.log_scale.exp()
        logits, bins = self.head.score(self.neck(maps), scaled, self.text_head.bias)
        bins = bins.float()
        return GhostScores(logits.float(), bins, corners(bins, size_hw))

    def forward(self, pixels: Tensor) -> RawPredictions:
        """Find candidates for a `text_head` and duplicate removal."""
        found = self.predict_dense(pixels)
        height, width = int(pixels.shape[2]), int(pixels.shape[3])
        whwh = torch.tensor(
            [width, height, width, height], dtype=torch.float32, device=pixels.device
        )
        return RawPredictions(found.region_embeds, found.xyxy / whwh)


def corners(bin_logits: Tensor, size_hw: tuple[int, int]) -> Tensor:
    """Turn bins into boxes: the expected distance on each side, times the stride.

    Args:
        bin_logits: `(B, Q, 4, BINS)` float32.
        size_hw: Height and width of the input that they were found in.

    Returns:
        `(B, Q, 4)` corners in pixels of the input.
    """
    points, strides = corner_points(size_hw)
    points, strides = points.to(bin_logits), strides.to(bin_logits)
    steps = torch.arange(BINS, dtype=bin_logits.dtype, device=bin_logits.device)
    reach = (bin_logits.softmax(dim=-1) @ steps) * strides[:, None]
    return torch.cat((points - reach[..., :2], points + reach[..., 2:]), dim=-1)
