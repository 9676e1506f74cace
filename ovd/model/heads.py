"""Text heads: how the score of a region for a text is computed.

A head owns two steps. `project_text` runs once per vocabulary and `similarity` once per frame;
between them lies everything that depends on how a network was trained, so that the rest of the
program compares regions with texts without knowing how.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from ovd.model.text.projection import TextProjection

MIN_SINGULAR_VALUE = 1e-3


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


class KnownNamesHead(nn.Module):
    """The closed class head of a trained detector, re-expressed as a text head without loss.

    The closed head gives each region the evidence `s = W f + b`, one logit for each of K known
    names. Let `T` be the `(K, E)` matrix of the text embeddings of those names. We look for a
    region embedding `r`, linear in `s` and living in the text space, whose inner product with
    the text of a known name is the logit that the closed head gave: `T r = s`.

    The rows of `T` are linearly independent (K = 80 of E = 512 dimensions; smallest singular
    value 0.16 for CLIP ViT-B/32), so `T` has a right inverse `R = T' (T T')^-1` with `T R = I`.
    `r = R s` solves the equation exactly, and among all solutions it is the shortest: it has no
    part outside of the row space of `T`. Any text `t` then scores

        <t, r> = t' R s = <R' t, s>

    The right-hand side never leaves K dimensions. `R' t` are the coordinates of `t` with
    respect to the known names (the least-squares solution `c` of `T' c = t`) and are computed
    once per vocabulary; the region embedding is the evidence itself. For the i-th known name
    `R' t` is the i-th unit vector, so its logit is the i-th of the closed head.

    The network stays untouched, and another text encoder only needs another `T`. A name that is
    not known gets a weighted sum of the evidence for known ones, which says little: in
    experiments a mean AP50 of .02. Detectors built on this head refuse such names.
    """

    text_map: Tensor

    def __init__(self, known_text_embeds: Tensor) -> None:
        """Solve for the map.

        Args:
            known_text_embeds: `(K, E)` unit-length embeddings in the order of the closed head.

        Raises:
            ValueError: If they are linearly dependent, so that no exact map exists.
        """
        super().__init__()
        known = known_text_embeds.to(torch.float64)
        gram = known @ known.T
        smallest = float(torch.linalg.eigvalsh(gram)[0].clamp(min=0).sqrt())
        if smallest < MIN_SINGULAR_VALUE:
            raise ValueError(
                f"the {len(known)} text embeddings of the known names are not linearly "
                f"independent: smallest singular value {smallest:.1e}"
            )
        right_inverse = torch.cholesky_solve(known, torch.linalg.cholesky(gram)).T
        self.register_buffer("text_map", right_inverse.to(torch.float32).contiguous())

    def project_text(self, text_embeds: Tensor) -> Tensor:
        """Take `(P, E)` text embeddings to `(P, K)` coordinates in the known names."""
        return text_embeds @ self.text_map

    def similarity(self, region_embeds: Tensor, texts: Tensor) -> Tensor:
        """Compute logits `(B, Q, P)` of `(B, Q, K)` evidence for `(P, K)` projected texts."""
        return region_embeds @ texts.T

    def to_projection(self) -> TextProjection:
        """See `TextSimilarityHead`."""
        return TextProjection(text_map=self.text_map.numpy())


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
