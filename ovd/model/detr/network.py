"""OvDetr: a set of objects by object queries, compared with texts; no suppression of duplicates.

The backbone and neck of the dense detector, an encoder and a decoder after DETR (Carion et al.,
2020) or Deformable DETR (Zhu et al., 2020) with its two stages and refinement, and the encoder
of Sparse DETR (Roh et al., 2022). Queries start at tokens that look like objects of whatever name,
and a text is compared with each query on its own: no score depends on what else is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ovd.model.box_ops import cxcywh_to_xyxy
from ovd.model.detr.config import Attention, KeptBy, OvDetrConfig
from ovd.model.detr.tokens import PHASE, TokenScorer, TokenSource, best_tokens, count_kept
from ovd.model.heads import InnerProductHead
from ovd.model.predictions import RawPredictions
from ovd.model.trainable import ParameterRole, TrainableModel
from ovd.model.transformer.decoder import (
    BoxHead,
    Decoder,
    DecoderConfig,
    ObjectQueries,
    attention_map,
)
from ovd.model.transformer.deformable import AttentionShape, SampledPoints
from ovd.model.transformer.encoder import Encoder, TokenMaps, take_tokens
from ovd.model.transformer.positions import level_of_cells

# Side of the box that a token of the finest map starts from, as a share of the input.
FIRST_SIDE = 0.05
BACKBONE_PARTS = ("source.backbone.", "source.coarsest.")
INHERITED_PARTS = ("source.neck.",)


@dataclass(frozen=True, eq=False)
class QueryPredictions:
    """Object queries after a decoder layer.

    Attributes:
        region_embeds: `(B, Q, D)`.
        cxcywh_norm: `(B, Q, 4)` float32 boxes in fractions of the input.
    """

    region_embeds: Tensor
    cxcywh_norm: Tensor


@dataclass(frozen=True, eq=False)
class TokenPredictions:
    """Boxes of tokens, and whether there is any object.

    Attributes:
        objectness: `(B, K)` logits.
        cxcywh_norm: `(B, K, 4)` float32 boxes in fractions of the input.
    """

    objectness: Tensor
    cxcywh_norm: Tensor


@dataclass(frozen=True, eq=False)
class ReadTokens:
    """Scores of all tokens before the encoder, and how much the decoder then read each.

    Attributes:
        scores: `(B, T)` logits.
        attention: `(B, T)` decoder attention map, without gradient.
    """

    scores: Tensor
    attention: Tensor


@dataclass(frozen=True, eq=False)
class DetrPredictions:
    """Predictions for a batch that the losses need.

    Attributes:
        layers: Object queries after each decoder layer.
        denoised: The denoising queries after each; empty without any.
        tokens: Tokens after each encoder layer, the last of which queries start at; where tokens
            are kept by objectness, all tokens before the encoder come first.
        read: What a scoring network learns from; None without one.
    """

    layers: tuple[QueryPredictions, ...]
    denoised: tuple[QueryPredictions, ...]
    tokens: tuple[TokenPredictions, ...]
    read: ReadTokens | None


@dataclass(frozen=True, eq=False)
class NoisyQueries:
    """Denoising queries (Li et al., 2022, "DN-DETR"): noisy truth, to be told back.

    Attributes:
        text_embeds: `(B, R, D)` texts, some of them wrong.
        cxcywh_norm: `(B, R, 4)` boxes near true ones.
        group: `(R,)` int64; only queries of one group read each other.
    """

    text_embeds: Tensor
    cxcywh_norm: Tensor
    group: Tensor


class TokenHead(nn.Module):
    """Objectness and box of tokens, of whatever name."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.objectness = nn.Linear(width, 1)
        self.box = BoxHead(width)
        nn.init.constant_(self.objectness.bias, -4.6)

    def forward(self, tokens: Tensor, cxcywh_norm: Tensor) -> TokenPredictions:
        """Compute predictions of `(B, K, W)` tokens with `(B, K, 4)` boxes to start from."""
        return TokenPredictions(
            self.objectness(tokens).squeeze(-1).float(), self.box(tokens, cxcywh_norm)
        )


class OvDetr(TrainableModel):
    """The whole network; its input's sides must be multiples of 64.

    Attributes:
        config: Its shape.
        encoder_keep: Share of the tokens that the encoder encodes, in (0, 1]; may change between
            two calls.
    """

    config_numbers: Tensor

    def __init__(self, config: OvDetrConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder_keep = 1.0
        self.register_buffer("config_numbers", config.to_tensor())
        width = config.width
        dense = config.attention is Attention.DENSE
        shape = AttentionShape(width, config.heads, len(config.strides), config.points, PHASE)
        self.source = TokenSource(config)
        self.encoder = Encoder(shape, config.inner, config.encoder_layers, dense=dense)
        self.decoder = Decoder(
            shape, DecoderConfig(config.inner, config.decoder_layers, dense, config.refine)
        )
        self.embed = nn.Linear(width, config.embed_dim)
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.zeros_(self.embed.bias)
        self.noisy_content = nn.Linear(config.embed_dim, width)
        self.start_content = nn.Parameter(torch.randn(config.queries, width))
        if config.two_stage:
            self.token_heads = nn.ModuleList(TokenHead(width) for _ in range(config.encoder_layers))
            self.to_content = nn.Linear(width, width)
        else:
            self.start_boxes = nn.Parameter(torch.randn(config.queries, 4))
        if not dense and config.kept_by is KeptBy.ATTENTION:
            self.scorer = TokenScorer(width)
        elif not dense:
            self.first_head = TokenHead(width)
        self.text_head = InnerProductHead()

    def role_of(self, parameter: str) -> ParameterRole:
        """See `TrainableModel`."""
        if parameter.startswith(BACKBONE_PARTS):
            return ParameterRole.BACKBONE
        if parameter.startswith(INHERITED_PARTS):
            return ParameterRole.INHERITED
        return ParameterRole.NEW

    def freeze_backbone(self, blocks: int) -> None:
        """See `TrainableModel`; there are 17 blocks."""
        backbone = self.source.backbone
        for module in (backbone.stem, *list(backbone.blocks)[:blocks]):
            module.requires_grad_(False)

    def forward(self, pixels: Tensor) -> RawPredictions:
        """Find candidates for `text_head`; there are no duplicates to remove."""
        last = self.predict_queries(pixels).layers[-1]
        return RawPredictions(last.region_embeds, cxcywh_to_xyxy(last.cxcywh_norm))

    def predict_queries(self, pixels: Tensor, noisy: NoisyQueries | None = None) -> DetrPredictions:
        """Compute what the losses need, of `(B, 3, H, W)` RGB scaled to [-1, 1]."""
        return self.decode_tokens(self.source(pixels), noisy)

    def decode_tokens(self, maps: TokenMaps, noisy: NoisyQueries | None = None) -> DetrPredictions:
        """Compute the same of tokens that are not encoded yet."""
        scores, first = self._score_tokens(maps)
        kept = self._keep(maps, scores)
        after = self.encoder(maps, kept)
        encoded = TokenMaps(after[-1], maps.positions, maps.centres, maps.sizes)
        found = self._read_tokens(after, maps, kept)
        queries = self._start_queries(encoded, kept, found)
        count = queries.content.shape[1]
        allowed = None
        if noisy is not None:
            queries = self._with_noisy(queries, noisy)
            allowed = may_read(count, noisy.group)
        decoded, reads = self.decoder(queries, encoded, allowed)
        layers = [QueryPredictions(self.embed(x.content), x.cxcywh_norm) for x in decoded]
        read = None
        if scores is not None and self.config.kept_by is KeptBy.ATTENTION and self.training:
            own = tuple(
                SampledPoints(read.locations[:, :count], read.weights[:, :count]) for read in reads
            )
            read = ReadTokens(scores, attention_map(own, encoded, PHASE))
        return DetrPredictions(
            layers=_part(layers, slice(count)),
            denoised=_part(layers, slice(count, None)) if noisy is not None else (),
            tokens=(*first, *found),
            read=read,
        )

    def _score_tokens(self, maps: TokenMaps) -> tuple[Tensor | None, tuple[TokenPredictions, ...]]:
        """Return what tokens are kept by, and the predictions that it comes from, if any."""
        if self.config.attention is Attention.DENSE:
            return None, ()
        if self.config.kept_by is KeptBy.ATTENTION:
            # What it learns does not reach back into the backbone.
            return self.scorer(maps.tokens.detach()).float(), ()
        found = self.first_head(maps.tokens, first_boxes(maps))
        return found.objectness, (found,)

    def _keep(self, maps: TokenMaps, scores: Tensor | None) -> Tensor | None:
        """Return the `(B, K)` indices of the tokens to encode; None for all."""
        total = maps.tokens.shape[1]
        count = count_kept(total, self.encoder_keep)
        if scores is None or count == total:
            return None
        return best_tokens(scores.detach(), count)

    def _read_tokens(
        self, after: Sequence[Tensor], maps: TokenMaps, kept: Tensor | None
    ) -> tuple[TokenPredictions, ...]:
        """Return predictions of the kept tokens after each layer; only the last one if running."""
        if not self.config.two_stage:
            return ()
        boxes = first_boxes(maps)
        if kept is not None:
            boxes = take_tokens(boxes, kept)
        needed = range(len(after)) if self.training else (len(after) - 1,)
        return tuple(
            self.token_heads[layer](
                after[layer] if kept is None else take_tokens(after[layer], kept), boxes
            )
            for layer in needed
        )

    def _start_queries(
        self, encoded: TokenMaps, kept: Tensor | None, found: Sequence[TokenPredictions]
    ) -> ObjectQueries:
        """Return the object queries before the decoder."""
        if not self.config.two_stage:
            batch = len(encoded.tokens)
            return ObjectQueries(
                self.start_content.expand(batch, -1, -1),
                self.start_boxes.sigmoid().expand(batch, -1, -1),
            )
        tokens = encoded.tokens if kept is None else take_tokens(encoded.tokens, kept)
        last = found[-1]
        best = best_tokens(last.objectness.detach(), min(self.config.queries, tokens.shape[1]))
        content = self.to_content(take_tokens(tokens, best))
        return ObjectQueries(
            content + self.start_content[: best.shape[1]],
            take_tokens(last.cxcywh_norm, best).detach(),
        )

    def _with_noisy(self, queries: ObjectQueries, noisy: NoisyQueries) -> ObjectQueries:
        """Return the queries with the denoising ones behind them."""
        content = self.noisy_content(noisy.text_embeds)
        return ObjectQueries(
            torch.cat((queries.content, content.to(queries.content)), dim=1),
            torch.cat((queries.cxcywh_norm, noisy.cxcywh_norm), dim=1),
        )


def first_boxes(maps: TokenMaps) -> Tensor:
    """Return `(B, T, 4)` boxes around the cells, twice as large on each coarser map."""
    levels = level_of_cells(maps.sizes).to(maps.tokens.device)
    sides = FIRST_SIDE * 2.0 ** levels.float()
    sides = sides[:, None].expand(-1, 2)
    boxes = torch.cat((maps.centres, sides), dim=1)
    return boxes.expand(len(maps.tokens), -1, -1)


def may_read(queries: int, group: Tensor) -> Tensor:
    """Return `(Q + R, Q + R)` bool, which queries a query may read.

    Object queries read each other but no denoising query, which would tell them the truth;
    denoising queries read object queries and their own group.

    Args:
        queries: Q, object queries, which come first.
        group: `(R,)` group of each denoising query.
    """
    of_nobody = torch.full((queries,), -1, dtype=group.dtype, device=group.device)
    groups = torch.cat((of_nobody, group))
    return (groups[None] == groups[:, None]) | (groups[None] == -1)


def _part(layers: Sequence[QueryPredictions], which: slice) -> tuple[QueryPredictions, ...]:
    return tuple(
        QueryPredictions(layer.region_embeds[:, which], layer.cxcywh_norm[:, which])
        for layer in layers
    )
