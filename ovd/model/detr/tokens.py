"""Tokens: from the backbone's maps to the transformer, and which of them are worth encoding.

After Roh et al., 2022, "Sparse DETR: Efficient End-to-End Object Detection with Learnable
Sparsity", written from the paper.
"""

import torch
from torch import Tensor, nn

from ovd.model.backbone import BackboneConfig, MobileNetV2, stage_channels
from ovd.model.detr.config import STRIDES, OvDetrConfig
from ovd.model.neck import NeckConfig, PyramidNeck
from ovd.model.ovdense import BACKBONE_STAGES, EXTRA_CHANNELS
from ovd.model.ovssd import ExtraLevel
from ovd.model.transformer.encoder import TokenMaps
from ovd.model.transformer.positions import cell_centres, level_of_cells, sine_positions

LATERAL_KERNELS = (1, 3, 3, 3)
# With TensorFlow's padding a cell's receptive field is centred on its lower right corner; see
# `ovd.model.ovdense.make_points`.
PHASE = 1.0


class TokenSource(nn.Module):
    """Backbone and neck of the dense detector, and what makes tokens of their maps."""

    def __init__(self, config: OvDetrConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = MobileNetV2(BackboneConfig(BACKBONE_STAGES))
        channels = tuple(stage_channels(stage) for stage in BACKBONE_STAGES)
        self.coarsest = ExtraLevel(channels[-1], *EXTRA_CHANNELS)
        self.neck = PyramidNeck(
            NeckConfig((*channels, EXTRA_CHANNELS[-1]), LATERAL_KERNELS, config.width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(config.width) for _ in config.strides)
        self.levels = nn.Parameter(torch.randn(len(config.strides), config.width) * 0.1)

    def forward(self, pixels: Tensor) -> TokenMaps:
        """Make tokens of `(B, 3, H, W)` RGB scaled to [-1, 1], H and W multiples of 64."""
        maps = self.backbone(pixels)
        mixed, _ = self.neck((*maps, self.coarsest(maps[-1])))
        read = [mixed[STRIDES.index(stride)] for stride in self.config.strides]
        sizes = tuple((int(x.shape[2]), int(x.shape[3])) for x in read)
        tokens = [
            norm(x.flatten(2).transpose(1, 2)) for norm, x in zip(self.norms, read, strict=True)
        ]
        centres = cell_centres(sizes, PHASE).to(pixels.device)
        # The corner of the last cell is the end of the image; the rest is half a pixel.
        positions = sine_positions(centres, self.config.width)
        positions = positions + self.levels[level_of_cells(sizes).to(pixels.device)]
        return TokenMaps(torch.cat(tokens, dim=1), positions, centres, sizes)


class TokenScorer(nn.Module):
    """Foresees from the tokens before the encoder how much the decoder will read each.

    One half of its features is the token's own, the other the mean over all tokens.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU())
        self.score = nn.Sequential(
            nn.Linear(width, width // 2), nn.GELU(), nn.Linear(width // 2, 1)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Compute logits `(B, T)` of `(B, T, W)` tokens."""
        own, shared = self.features(tokens).chunk(2, dim=-1)
        shared = shared.mean(dim=1, keepdim=True).expand_as(own)
        scores: Tensor = self.score(torch.cat((own, shared), dim=-1))
        return scores.squeeze(-1)


def count_kept(tokens: int, keep: float) -> int:
    """Return how many of the tokens a sparse encoder encodes: a share of them, at least 1.

    Raises:
        ValueError: If the share is not in (0, 1].
    """
    if not 0 < keep <= 1:
        raise ValueError(f"a share of tokens in (0, 1] wanted, got {keep}")
    return max(1, round(tokens * keep))


def best_tokens(scores: Tensor, count: int) -> Tensor:
    """Return the `(B, count)` indices of the highest of `(B, T)` scores, best first."""
    return scores.topk(count, dim=1).indices
