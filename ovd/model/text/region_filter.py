"""RegionFilters: leave out regions that cannot reach a threshold, without comparing all texts."""

import threading
import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.domain.query import Vocabulary
from ovd.model.text.projection import multiply

# Fewer texts are compared with every region in less time than the bound takes.
MIN_TEXTS = 25
REGION_DIRECTIONS, TEXT_DIRECTIONS = 8, 8
# Rounding of float32 in the bound, which is around 1 where it decides.
SLACK = 1e-3


@dataclass(frozen=True, eq=False)
class RegionFilter:
    """Bounds the inner products of regions and texts from above.

    Both are written in K orthogonal directions, in which the product is exact; what is left of
    them has at most the product of their lengths (Cauchy and Schwarz). So no region is left out
    that reaches a threshold; directions that fit badly only leave out fewer.

    Attributes:
        directions: `(K, D)` orthonormal.
        texts: `(K + 1, P)` texts in these directions, and the length of what is left of them,
            divided by the inner product that each must reach.
    """

    directions: NDArray[np.float32]
    texts: NDArray[np.float32]

    def select(self, regions: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the indices of those of `(Q, D)` regions that may reach a threshold, ascending."""
        known = np.empty((len(regions), len(self.texts)), dtype=np.float32)
        known[:, :-1] = multiply(regions, self.directions.T)
        whole = np.einsum("qd,qd->q", regions, regions)
        exact = np.einsum("qk,qk->q", known[:, :-1], known[:, :-1])
        known[:, -1] = np.sqrt(np.maximum(whole - exact, 0))
        return np.flatnonzero((multiply(known, self.texts) >= 1 - SLACK).any(axis=1))


def build_filter(
    texts: NDArray[np.float32], needed: NDArray[np.float32], region_directions: NDArray[np.float32]
) -> RegionFilter | None:
    """Return the filter of `(P, D)` texts; None where it would save nothing.

    Args:
        texts: In the space of the regions.
        needed: `(P,)` inner product that a region must have with each to reach its threshold.
        region_directions: `(R, D)` orthonormal directions in which regions are long.
    """
    if len(texts) < MIN_TEXTS or needed.min() <= 0:
        return None
    scaled = texts / needed[:, None]
    left = (scaled - (scaled @ region_directions.T) @ region_directions).astype(np.float32)
    both = np.concatenate([region_directions, longest_directions(left, TEXT_DIRECTIONS)])
    directions = np.ascontiguousarray(np.linalg.qr(both.T)[0].T, dtype=np.float32)
    known = scaled @ directions.T
    rest = np.linalg.norm(scaled - known @ directions, axis=1)
    return RegionFilter(directions, np.ascontiguousarray(np.vstack([known.T, rest])))


def longest_directions(vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return `(count, D)` orthonormal directions in which `(N, D)` vectors are longest."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    return np.ascontiguousarray(directions[:, ::-1][:, :count].T, dtype=np.float32)


class RegionFilters:
    """Makes and keeps the filter of each vocabulary; threads may share it."""

    def __init__(self) -> None:
        """Begin without any; the first image tells in which directions regions are long."""
        self._lock = threading.Lock()
        self._directions: NDArray[np.float32] | None = None
        self._filters: weakref.WeakKeyDictionary[Vocabulary, RegionFilter | None] = (
            weakref.WeakKeyDictionary()
        )

    def find(
        self,
        vocabulary: Vocabulary,
        texts: NDArray[np.float32],
        needed: NDArray[np.float32],
        regions: NDArray[np.float32],
    ) -> RegionFilter | None:
        """Return the filter of a vocabulary; None where every region is to be compared.

        Args:
            vocabulary: By which the filter is kept.
            texts: Its `(P, D)` texts in the space of the regions.
            needed: As for `build_filter`.
            regions: `(Q, D)` regions of any image.
        """
        with self._lock:
            if vocabulary not in self._filters:
                if self._directions is None:
                    self._directions = longest_directions(regions, REGION_DIRECTIONS)
                self._filters[vocabulary] = build_filter(texts, needed, self._directions)
            return self._filters[vocabulary]
