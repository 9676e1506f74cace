"""BackgroundBank: regions of many images, the background that taught names must not match."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# Share of the mean variance that is added to every direction before it is inverted.
SHRINKAGE = 0.1
# Directions of the regions of `ovdense` that hold more than 99 % of their variance.
DIRECTIONS = 128


@dataclass(frozen=True, eq=False)
class Whitening:
    """A linear map after which the regions of the background have about unit covariance.

    Attributes:
        mean: `(D,)` mean of the background.
        into: `(D, D)`; a region `r` becomes `(r - mean) @ into`.
    """

    mean: NDArray[np.float32]
    into: NDArray[np.float32]

    @classmethod
    def of(cls, mean: NDArray[np.floating], covariance: NDArray[np.floating]) -> "Whitening":
        """Return the whitening of a background, its covariance regularised."""
        dimensions = len(covariance)
        ridge = max(SHRINKAGE * float(np.trace(covariance)) / dimensions, 1e-6)
        regular = covariance.astype(np.float64) + ridge * np.eye(dimensions)
        factor = np.linalg.cholesky(np.linalg.inv(regular))
        return cls(mean.astype(np.float32), factor.astype(np.float32))

    def apply(self, embeds: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `(N, D)` whitened regions."""
        return np.asarray((embeds - self.mean) @ self.into, dtype=np.float32)

    def vector_of(
        self, weights: NDArray[np.float32], bias: float
    ) -> tuple[NDArray[np.float32], float]:
        """Return vector and bias for regions of a linear score of whitened ones."""
        vector = self.into @ weights
        return vector.astype(np.float32), float(bias - self.mean @ vector)

    def weights_of(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the weights of whitened regions that rank like a vector ranks regions."""
        return np.linalg.solve(self.into, vector).astype(np.float32)


@dataclass(frozen=True, eq=False)
class BackgroundBank:
    """Regions of background images in 8 bits, and the statistics of all of their regions.

    Attributes:
        codes: `(N, K)` int8; a region is the mean plus its code times its scale in `basis`.
        scales: `(N,)` float32.
        image_id: `(N,)` int64, from 0, ascending; the image that each region belongs to.
        basis: `(D, K)` float32; the K directions in which regions differ most.
        mean: `(D,)` float32 mean of all regions of the images, also of those that are not kept.
        covariance: `(D, D)` float32 of the same.
        weights_sha256: Checksum of the network whose regions these are.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    image_id: NDArray[np.int64]
    basis: NDArray[np.float32]
    mean: NDArray[np.float32]
    covariance: NDArray[np.float32]
    weights_sha256: str

    def __post_init__(self) -> None:
        rows, dimensions = len(self.codes), len(self.basis)
        if self.codes.shape[1:] != self.basis.shape[1:]:
            raise ValueError(f"codes of {self.basis.shape[1]} directions are needed")
        if self.scales.shape != (rows,) or self.image_id.shape != (rows,):
            raise ValueError(f"{rows} codes need as many scales and images")
        if self.mean.shape != (dimensions,) or self.covariance.shape != (dimensions, dimensions):
            raise ValueError(f"the mean and the covariance of {dimensions} dimensions are needed")

    @property
    def images(self) -> int:
        """Return how many images it shows."""
        return int(self.image_id[-1]) + 1 if len(self.image_id) else 0

    @cached_property
    def embeds(self) -> NDArray[np.float32]:
        """Return the `(N, D)` regions."""
        inside = self.codes * self.scales[:, None]
        return np.asarray(inside @ self.basis.T + self.mean, dtype=np.float32)

    @cached_property
    def whitening(self) -> Whitening:
        """Return the whitening of all regions of its images."""
        return Whitening.of(self.mean, self.covariance)

    def image_maxima(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the best of the `(N,)` scores of its regions in each image."""
        starts = np.flatnonzero(np.diff(self.image_id, prepend=-1))
        best: NDArray[np.float32] = np.maximum.reduceat(scores, starts)
        return best


def encode_rows(embeds: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return `(N, D)` regions as int8 codes with a scale each."""
    scales = np.maximum(np.abs(embeds).max(axis=1), 1e-6) / 127.0
    codes = np.rint(embeds / scales[:, None]).astype(np.int8)
    return codes, scales.astype(np.float32)


def spread_rows(embeds: NDArray[np.float32], whitening: Whitening, count: int) -> NDArray[np.int64]:
    """Return the indices of regions of one image that differ most from the rest and each other.

    Neighbouring regions are nearly equal; the farthest from those that are chosen stand for all.

    Args:
        embeds: `(Q, D)` regions.
        whitening: The space in which they are compared.
        count: How many to choose at most.
    """
    whitened = whitening.apply(embeds)
    nearest = np.einsum("qd,qd->q", whitened, whitened)
    chosen: list[int] = []
    for _ in range(min(count, len(embeds))):
        index = int(nearest.argmax())
        chosen.append(index)
        gap = whitened - whitened[index]
        gap = np.einsum("qd,qd->q", gap, gap)
        nearest = gap if len(chosen) == 1 else np.minimum(nearest, gap)
    return np.array(chosen, dtype=np.int64)


def build_bank(
    images: Sequence[NDArray[np.float32]],
    rows_per_image: int,
    weights_sha256: str,
    directions: int = DIRECTIONS,
) -> BackgroundBank:
    """Build a bank of the `(Q, D)` regions of images.

    Args:
        images: Regions of each image.
        rows_per_image: How many of them are kept.
        weights_sha256: Checksum of the network that made them.
        directions: Directions in which they are kept.
    """
    count = sum(map(len, images))
    mean = np.sum([image.sum(axis=0, dtype=np.float64) for image in images], axis=0) / count
    moments = np.sum([image.T @ image for image in images], axis=0, dtype=np.float64) / count
    covariance = moments - np.outer(mean, mean)
    whitening = Whitening.of(mean, covariance)
    rows = [image[spread_rows(image, whitening, rows_per_image)] for image in images]
    basis = np.linalg.eigh(covariance)[1][:, ::-1][:, :directions].astype(np.float32)
    codes, scales = encode_rows((np.concatenate(rows) - mean.astype(np.float32)) @ basis)
    return BackgroundBank(
        codes,
        scales,
        np.repeat(np.arange(len(rows)), [len(kept) for kept in rows]),
        basis,
        mean.astype(np.float32),
        covariance.astype(np.float32),
        weights_sha256,
    )
