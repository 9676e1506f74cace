"""Configuration of `OvDetr`; its numbers are kept among the weights, which shapes do not tell."""

from dataclasses import dataclass, fields
from enum import StrEnum

import torch
from torch import Tensor

STRIDES = (8, 16, 32, 64)


class Attention(StrEnum):
    """Form of the attention to the image.

    Attributes:
        DEFORMABLE: A few points on all maps (Zhu et al., 2020).
        DENSE: All tokens of one map, as in the first DETR (Carion et al., 2020).
    """

    DEFORMABLE = "deformable"
    DENSE = "dense"


class KeptBy(StrEnum):
    """Scores by which a sparse encoder chooses its tokens (Roh et al., 2022).

    Attributes:
        ATTENTION: A scoring network that foresees how much the decoder will read each token.
        OBJECTNESS: Objectness of the tokens before the encoder.
    """

    ATTENTION = "attention"
    OBJECTNESS = "objectness"


@dataclass(frozen=True)
class OvDetrConfig:
    """Shape of the network.

    Attributes:
        width: Channels of tokens and queries.
        embed_dim: D, dimensions in which regions and texts are compared.
        heads: Attention heads.
        points: Points that a head reads on each map.
        inner: Width inside the feed-forward parts.
        encoder_layers: Layers of the encoder.
        decoder_layers: Layers of the decoder.
        queries: Object queries, Q.
        attention: Form of the attention to the image; dense attention reads the map of stride 32.
        refine: Whether each decoder layer starts from the boxes of the one before.
        two_stage: Whether queries start at the tokens that most look like objects; else at places
            that are learned.
        kept_by: How a sparse encoder chooses tokens; deformable attention only.
    """

    width: int = 128
    embed_dim: int = 256
    heads: int = 4
    points: int = 4
    inner: int = 512
    encoder_layers: int = 3
    decoder_layers: int = 3
    queries: int = 200
    attention: Attention = Attention.DEFORMABLE
    refine: bool = True
    two_stage: bool = True
    kept_by: KeptBy = KeptBy.ATTENTION

    @property
    def strides(self) -> tuple[int, ...]:
        """Return the strides of the maps that are read."""
        return STRIDES[2:3] if self.attention is Attention.DENSE else STRIDES

    def to_tensor(self) -> Tensor:
        """Return the configuration as int64, to be kept among the weights."""
        numbers = [getattr(self, item.name) for item in fields(self)]
        return torch.tensor([
            list(type(value)).index(value) if isinstance(value, StrEnum) else int(value)
            for value in numbers
        ])  # fmt: skip

    @classmethod
    def from_tensor(cls, numbers: Tensor) -> "OvDetrConfig":
        """Return the configuration that `to_tensor` wrote.

        Raises:
            KeyError: If it was written by another version.
        """
        values = [int(value) for value in numbers.tolist()]
        if len(values) != len(fields(cls)):
            raise KeyError(f"wanted {len(fields(cls))} numbers of a configuration, got {values}")
        width, embed_dim, heads, points, inner, encoder_layers, decoder_layers, queries = values[:8]
        attention, refine, two_stage, kept_by = values[8:]
        return cls(
            width=width,
            embed_dim=embed_dim,
            heads=heads,
            points=points,
            inner=inner,
            encoder_layers=encoder_layers,
            decoder_layers=decoder_layers,
            queries=queries,
            attention=tuple(Attention)[attention],
            refine=bool(refine),
            two_stage=bool(two_stage),
            kept_by=tuple(KeptBy)[kept_by],
        )
