"""TextProjection: the trained text head of a detector, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# OpenBLAS computes larger products (rows x columns x length) in threads of its own, which spin
# while they wait for each other: for one text 6 ms of processor time instead of .1 ms, and 30 ms
# beside busy processes.
ONE_THREAD_LIMIT = 4 * 65536


@dataclass(frozen=True, eq=False)
class TextProjection:
    """Turns texts and regions into logits; `TextSimilarityHead` is what it is trained as.

    Attributes:
        text_map: `(E, D)` matrix from text embeddings into the space of the regions; None where
            they share one.
        scale: Factor of the inner product.
        bias: Added to every logit.
    """

    text_map: NDArray[np.float32] | None = None
    scale: float = 1.0
    bias: float = 0.0

    def project_text(self, text_embeds: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take `(P, E)` unit-length text embeddings to `(P, D)`; once per vocabulary."""
        texts = text_embeds if self.text_map is None else text_embeds @ self.text_map
        return np.ascontiguousarray(texts * np.float32(self.scale), dtype=np.float32)

    def logits(
        self, region_embeds: NDArray[np.float32], texts: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the `(..., P)` logits of `(..., D)` regions for `(P, D)` projected texts."""
        rows = region_embeds.reshape(-1, region_embeds.shape[-1])
        logits = multiply(rows, texts.T)
        logits += np.float32(self.bias)
        return logits.reshape(*region_embeds.shape[:-1], len(texts))


def multiply(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the `(N, P)` product of `(N, D)` and `(D, P)`, computed in this thread alone."""
    product = np.empty((len(a), b.shape[1]), dtype=np.float32)
    step = max(1, ONE_THREAD_LIMIT // b.size)
    for start in range(0, len(a), step):
        np.matmul(a[start : start + step], b, out=product[start : start + step])
    return product
