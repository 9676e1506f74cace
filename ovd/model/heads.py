"""Text heads: how the score of a region for a text is computed.

A head owns two steps. `project_text` runs once per vocabulary and `similarity` once per frame;
between them lies everything that depends on how a network was trained, so that the rest of the
program compares regions with texts without knowing how.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from ovd.model.text.projection import TextProjection


class TextSimilarityHead(Protocol):
    """Turns region embeddings and text embeddings into logits."""

    def project_text(self, text_embeds: Tensor) -> Tensor:
        """Take `(P, E)` unit-length text embeddings into the head's `(P, D)` region space."""
        ...

    def similarity(self, region_embeds: Tensor, texts: Tensor) -> Tensor:
        """Compute logits `(B, Q, P)` of `(B, Q, D)` regions for `(P, D)` projected texts."""
        ...

    def to_projection(self) -> TextProjection:
        """Return what it computes, as arrays, for running."""
        ...


class InnerProductHead(nn.Module):
    """`scale * <region, text> + bias`; regions keep their length.

    A region without an object can then have a short embedding, which scores low for every
    text, also for one never trained; and a linear class head of a teacher can be carried over
    exactly, which unit-length regions would not allow.
    """

    def __init__(self, bias: float = -4.6) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(0.0))
        self.bias = nn.Parameter(torch.tensor(bias))

    def project_text(self, text_embeds: Tensor) -> Tensor:
        """Return `(P, D)` unit-length text embeddings as they are."""
        return text_embeds

    def similarity(self, region_embeds: Tensor, texts: Tensor) -> Tensor:
        """Compute logits `(B, Q, P)` of `(B, Q, D)` regions for `(P, D)` unit texts."""
        return region_embeds @ (texts * self.log_scale.exp()).T + self.bias

    def to_projection(self) -> TextProjection:
        """See `TextSimilarityHead`."""
        return TextProjection(scale=self.log_scale.exp().item(), bias=self.bias.item())
