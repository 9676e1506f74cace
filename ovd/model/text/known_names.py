"""The closed class head of a trained detector, re-expressed as a text projection without loss.

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
experiments a mean AP50 of .02. Detectors built on this projection refuse such names.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ovd.model.text.projection import TextProjection

MIN_SINGULAR_VALUE = 1e-3


def project_on_known_names(known_text_embeds: NDArray[np.float32]) -> TextProjection:
    """Solve for the map from texts to coordinates in the known names.

    Args:
        known_text_embeds: `(K, E)` unit-length embeddings in the order of the closed head.

    Raises:
        ValueError: If they are linearly dependent, so that no exact map exists.
    """
    known = known_text_embeds.astype(np.float64)
    gram = known @ known.T
    smallest = math.sqrt(max(float(np.linalg.eigvalsh(gram)[0]), 0.0))
    if smallest < MIN_SINGULAR_VALUE:
        raise ValueError(
            f"the {len(known)} text embeddings of the known names are not linearly "
            f"independent: smallest singular value {smallest:.1e}"
        )
    right_inverse = np.linalg.solve(gram, known).T
    return TextProjection(text_map=np.ascontiguousarray(right_inverse, dtype=np.float32))
