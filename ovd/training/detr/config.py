"""Configuration of a training run of `OvDetr`: shape, start, losses, denoising."""

from dataclasses import dataclass, field

from ovd.model.detr.config import Attention, KeptBy, OvDetrConfig
from ovd.training.detr.matching import MatchingCosts


@dataclass(frozen=True)
class DetrLossWeights:
    """Weights of the losses.

    Attributes:
        names: Class loss of the object queries, per decoder layer.
        distance: L1 distance of boxes in fractions of the input.
        giou: GIoU of boxes.
        tokens: All losses of tokens, per encoder layer.
        read: Cross entropy of the scoring network.
        denoising: All losses of the denoising queries.
    """

    names: float = 1.0
    distance: float = 5.0
    giou: float = 2.0
    tokens: float = 1.0
    read: float = 1.0
    denoising: float = 1.0


@dataclass(frozen=True)
class NoiseConfig:
    """Configure the denoising queries.

    Attributes:
        queries: At most so many per image; 0 for none.
        box: Noise of a box in shares of its half size; false ones get one to two times as much.
        flip: Share of the texts that are replaced by another one.
    """

    queries: int = 100
    box: float = 0.4
    flip: float = 0.2


@dataclass(frozen=True)
class DetrConfig:
    """Configure the network `ovdetr` and its losses; `model` has its widths.

    Attributes:
        attention: `deformable` or `dense`.
        heads: Attention heads.
        points: Points that a head reads on each map.
        inner: Width inside the feed-forward parts.
        encoder_layers: Layers of the encoder.
        decoder_layers: Layers of the decoder.
        queries: Object queries.
        refine: Whether each decoder layer starts from the boxes of the one before.
        two_stage: Whether queries start at tokens.
        kept_by: `attention` or `objectness`: how a sparse encoder chooses its tokens.
        keeps: Shares of the tokens to encode; each step draws one.
        start: Weights of a dense detector whose backbone and neck to start from; empty for none.
        costs: Costs of the matching.
        weights: Weights of the losses.
        noise: Denoising queries.
    """

    attention: str = "deformable"
    heads: int = 4
    points: int = 4
    inner: int = 512
    encoder_layers: int = 3
    decoder_layers: int = 3
    queries: int = 200
    refine: bool = True
    two_stage: bool = True
    kept_by: str = "attention"
    keeps: tuple[float, ...] = (1.0,)
    start: str = ""
    costs: MatchingCosts = field(default_factory=MatchingCosts)
    weights: DetrLossWeights = field(default_factory=DetrLossWeights)
    noise: NoiseConfig = field(default_factory=NoiseConfig)

    def __post_init__(self) -> None:
        if not self.keeps or not all(0 < keep <= 1 for keep in self.keeps):
            raise ValueError(f"keeps wanted as shares in (0, 1], got {list(self.keeps)}")
        self.shape(128, 256)

    def shape(self, width: int, embed_dim: int) -> OvDetrConfig:
        """Return the shape of the network.

        Raises:
            ValueError: If an attention or a score is unknown.
        """
        return OvDetrConfig(
            width=width,
            embed_dim=embed_dim,
            heads=self.heads,
            points=self.points,
            inner=self.inner,
            encoder_layers=self.encoder_layers,
            decoder_layers=self.decoder_layers,
            queries=self.queries,
            attention=Attention(self.attention),
            refine=self.refine,
            two_stage=self.two_stage,
            kept_by=KeptBy(self.kept_by),
        )
