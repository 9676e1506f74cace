"""OvDense: our dense open-vocabulary detector.

MobileNetV2, a pyramid neck at strides 8 to 64, and an anchor-free head (after FCOS, Tian et al.,
2019; separate batch norms per level after RTMDet, Lyu et al., 2022) whose class scores are inner
products with text embeddings. A second class branch, trained one-to-one on features that its
loss does not change (after YOLOv10, Wang et al., 2024), needs no suppression of duplicates.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ovd.model.backbone import BackboneConfig, ConvSpec, ConvUnit, MobileNetV2, stage_channels
from ovd.model.heads import InnerProductHead
from ovd.model.neck import NeckConfig, PyramidNeck, SeparableConv
from ovd.model.ovssd import ExtraLevel
from ovd.model.predictions import RawPredictions
from ovd.model.trainable import ParameterRole, TrainableModel

STRIDES = (8, 16, 32, 64)
BACKBONE_STAGES = ("block_6.expand", "block_13.expand", "last")
SIZE_MULTIPLE = STRIDES[-1]
EXTRA_CHANNELS = (256, 512)
BACKBONE_PARTS = ("backbone.", "coarsest.")
# Set by `ovd.training.engine.warm_start` from the predictors of a trained SSD.
INHERITED_PARTS = ("neck.laterals.", "many.shortcuts.", "single.shortcuts.")


@dataclass(frozen=True)
class OvDenseConfig:
    """Shape of the network.

    Attributes:
        width: Channels of neck and head.
        embed_dim: D, dimensions in which regions and texts are compared.
        tower_depth: Convolutions of the class tower and of the box tower, each.
        lateral_kernels: Kernel with which the neck reads each of the four levels.
    """

    width: int = 128
    embed_dim: int = 256
    tower_depth: int = 2
    lateral_kernels: tuple[int, ...] = (1, 3, 3, 3)


@dataclass(frozen=True, eq=False)
class DensePredictions:
    """All predictions of the network for a batch; Q points of all levels, finest level first.

    Attributes:
        region_embeds: `(B, Q, D)` of the one-to-many branch.
        single_embeds: `(B, Q, D)` of the one-to-one branch.
        xyxy: `(B, Q, 4)` corners in pixels of the input; may leave it.
        presence_embeds: `(B, D)`, to compare with texts: is there any such object in the image?
    """

    region_embeds: Tensor
    single_embeds: Tensor
    xyxy: Tensor
    presence_embeds: Tensor


def make_points(size_hw: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return the centre of each output cell's receptive field, and its stride.

    With TensorFlow's SAME padding and sides that are multiples of 64, the receptive field of cell
    i at stride s is centred on pixel `s (i + 1) - 1`, not on the middle of the cell.

    Args:
        size_hw: Height and width of the network's input.

    Returns:
        `(Q, 2)` points as (x, y) in pixels and `(Q,)` strides.
    """
    points, strides = [], []
    for stride in STRIDES:
        ys = torch.arange(1, size_hw[0] // stride + 1) * stride - 0.5
        xs = torch.arange(1, size_hw[1] // stride + 1) * stride - 0.5
        grid = torch.stack(torch.meshgrid(ys, xs, indexing="ij")[::-1], dim=-1).reshape(-1, 2)
        points.append(grid)
        strides.append(torch.full((len(grid),), float(stride)))
    return torch.cat(points), torch.cat(strides)


class LevelNorm(nn.Module):
    """One batch norm per level behind a convolution that the levels share."""

    def __init__(self, width: int, levels: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(levels))

    def forward(self, x: Tensor, level: int) -> Tensor:
        """Normalise `(B, width, H, W)` with the statistics of `level`."""
        normed: Tensor = self.norms[level](x)
        return normed

    def fold_into(self, shared: nn.Conv2d) -> None:
        """Become, per level, the shared convolution with that level's norm folded in."""
        self.norms = nn.ModuleList(
            fuse_conv_bn_eval(shared, norm)
            for norm in self.norms
            if isinstance(norm, nn.BatchNorm2d)
        )


class Tower(nn.Module):
    """Depthwise separable convolutions shared by the levels, with norms of their own."""

    def __init__(self, width: int, depth: int, levels: int) -> None:
        super().__init__()
        spec = ConvSpec(3, depthwise=True)
        self.depthwise = nn.ModuleList(
            ConvUnit((width, width), spec, activation=False) for _ in range(depth)
        )
        self.pointwise = nn.ModuleList(nn.Conv2d(width, width, 1, bias=False) for _ in range(depth))
        self.norms = nn.ModuleList(LevelNorm(width, levels) for _ in range(depth))

    def forward(self, x: Tensor, level: int) -> Tensor:
        """Map `(B, width, H, W)` of `level` to the same shape."""
        for depthwise, pointwise, norm in zip(
            self.depthwise, self.pointwise, self.norms, strict=True
        ):
            x = F.relu(norm(pointwise(depthwise(x)), level), inplace=True)
        return x

    def fold_norms(self) -> None:
        """Fold the norms of all levels; see the function `fold_norms`."""
        for index, norm in enumerate(self.norms):
            shared = self.pointwise[index]
            if isinstance(norm, LevelNorm) and isinstance(shared, nn.Conv2d):
                norm.fold_into(shared)
                self.pointwise[index] = nn.Identity()


class EmbedBranch(nn.Module):
    """Region embeddings: the output of the tower plus a linear map of the laterals.

    The linear part exists for the coarser levels, whose laterals hold what a teacher's class
    predictors read; it is where the teacher's classes enter.
    """

    def __init__(self, config: OvDenseConfig, depth: int) -> None:
        super().__init__()
        levels = len(STRIDES)
        self.tower = Tower(config.width, depth, levels)
        self.embed = nn.Conv2d(config.width, config.embed_dim, 1)
        self.shortcuts = nn.ModuleList(
            nn.Conv2d(config.width, config.embed_dim, 1) for _ in range(levels - 1)
        )
        nn.init.normal_(self.embed.weight, std=0.02)
        for quiet in (*self.shortcuts.parameters(), self.embed.get_parameter("bias")):
            nn.init.zeros_(quiet)

    def forward(self, mixed: tuple[Tensor, ...], laterals: tuple[Tensor, ...]) -> Tensor:
        """Compute `(B, Q, D)` from the neck's maps and its laterals."""
        found = []
        for level, (x, lateral) in enumerate(zip(mixed, laterals, strict=True)):
            embeds = self.embed(self.tower(x, level))
            if level:
                embeds = embeds + self.shortcuts[level - 1](lateral)
            found.append(embeds.flatten(2))
        return torch.cat(found, dim=2).transpose(1, 2)


class BoxBranch(nn.Module):
    """Distances from a point to the four sides of its box, in strides."""

    def __init__(self, config: OvDenseConfig) -> None:
        super().__init__()
        self.tower = Tower(config.width, config.tower_depth, len(STRIDES))
        self.distances = nn.Conv2d(config.width, 4, 1)
        self.level_scale = nn.Parameter(torch.ones(len(STRIDES)))
        nn.init.normal_(self.distances.weight, std=0.01)
        nn.init.constant_(self.distances.get_parameter("bias"), 0.7)

    def forward(self, mixed: tuple[Tensor, ...]) -> Tensor:
        """Compute `(B, Q, 4)` float32 positive distances (left, top, right, bottom) in strides."""
        found = [
            self.distances(self.tower(x, level)).float().flatten(2) * self.level_scale[level]
            for level, x in enumerate(mixed)
        ]
        return torch.cat(found, dim=2).transpose(1, 2).clamp(-6.0, 4.0).exp()


class OvDense(TrainableModel):
    """The whole network; its input's sides must be multiples of 64."""

    def __init__(self, config: OvDenseConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = MobileNetV2(BackboneConfig(BACKBONE_STAGES))
        channels = tuple(stage_channels(stage) for stage in BACKBONE_STAGES)
        self.coarsest = ExtraLevel(channels[-1], *EXTRA_CHANNELS)
        self.neck = PyramidNeck(
            NeckConfig((*channels, EXTRA_CHANNELS[-1]), config.lateral_kernels, config.width)
        )
        self.many = EmbedBranch(config, config.tower_depth)
        self.single = EmbedBranch(config, 1)
        self.boxes = BoxBranch(config)
        self.presence = nn.Sequential(
            nn.Linear(3 * config.width, config.embed_dim),
            nn.ReLU(),
            nn.Linear(config.embed_dim, config.embed_dim),
        )
        self.text_head = InnerProductHead()
        self.single_head = InnerProductHead()
        self.presence_head = InnerProductHead(bias=-3.0)

    def role_of(self, parameter: str) -> ParameterRole:
        """See `TrainableModel`."""
        if parameter.startswith(BACKBONE_PARTS):
            return ParameterRole.BACKBONE
        if parameter.startswith(INHERITED_PARTS):
            return ParameterRole.INHERITED
        return ParameterRole.NEW

    def freeze_backbone(self, blocks: int) -> None:
        """See `TrainableModel`; there are 17 blocks."""
        for module in (self.backbone.stem, *list(self.backbone.blocks)[:blocks]):
            module.requires_grad_(False)

    def feature_maps(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Compute the maps of strides 8 to 64 for the neck, of `(B, 3, H, W)` in [-1, 1]."""
        maps = self.backbone(pixels)
        return (*maps, self.coarsest(maps[-1]))

    def predict_dense(self, pixels: Tensor) -> DensePredictions:
        """Compute what the losses need, of `(B, 3, H, W)` RGB scaled to [-1, 1]."""
        mixed, laterals = self.neck(self.feature_maps(pixels))
        still = tuple(x.detach() for x in mixed), tuple(x.detach() for x in laterals)
        pooled = torch.cat([x.mean(dim=(2, 3)) for x in mixed[1:]], dim=1)
        return DensePredictions(
            region_embeds=self.many(mixed, laterals),
            single_embeds=self.single(*still),
            xyxy=self._corners(self.boxes(mixed), pixels),
            presence_embeds=self.presence(pooled),
        )

    def forward(self, pixels: Tensor) -> RawPredictions:
        """Find candidates of the one-to-many branch, for `text_head` and duplicate removal."""
        mixed, laterals = self.neck(self.feature_maps(pixels))
        xyxy = self._corners(self.boxes(mixed), pixels)
        return RawPredictions(self.many(mixed, laterals), xyxy / _whwh(pixels))

    def predict_single(self, pixels: Tensor) -> RawPredictions:
        """Find candidates of the one-to-one branch, for `single_head`; there are no duplicates."""
        mixed, laterals = self.neck(self.feature_maps(pixels))
        xyxy = self._corners(self.boxes(mixed), pixels)
        return RawPredictions(self.single(mixed, laterals), xyxy / _whwh(pixels))

    def _corners(self, distances: Tensor, pixels: Tensor) -> Tensor:
        points, strides = make_points((int(pixels.shape[2]), int(pixels.shape[3])))
        points, strides = points.to(distances), strides.to(distances)
        reach = distances * strides[:, None]
        return torch.cat((points - reach[..., :2], points + reach[..., 2:]), dim=-1)


def fold_norms(network: OvDense) -> None:
    """Fold every batch norm into the convolution before it, in place; for running only.

    Where levels share a convolution but not its norm, each level gets a folded copy.
    """
    for module in network.eval().modules():
        if isinstance(module, SeparableConv) and isinstance(module.norm, nn.BatchNorm2d):
            module.pointwise = fuse_conv_bn_eval(module.pointwise, module.norm)
            module.norm = nn.Identity()
        elif isinstance(module, Tower):
            module.fold_norms()


def use_channels_last(module: nn.Module) -> None:
    """Lay the kernels of a module out as channels-last pixels want them, in place."""
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def _whwh(pixels: Tensor) -> Tensor:
    height, width = int(pixels.shape[2]), int(pixels.shape[3])
    return torch.tensor([width, height, width, height], dtype=torch.float32, device=pixels.device)
