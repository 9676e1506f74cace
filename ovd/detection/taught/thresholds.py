"""Thresholds: the bias with which a vector is wrong in a wished share of background images."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ovd.detection.taught.bank import BackgroundBank
from ovd.domain.teaching.regions import RegionVector


def logit(score: float) -> float:
    """Return the logit of a score, which is kept off 0 and 1."""
    inside = min(max(score, 1e-6), 1.0 - 1e-6)
    return float(np.log(inside) - np.log1p(-inside))


def image_maxima(vectors: Sequence[RegionVector], bank: BackgroundBank) -> NDArray[np.float32]:
    """Return the best logit of any vector in each background image."""
    best = [bank.image_maxima(bank.embeds @ item.vector) + item.bias for item in vectors]
    maxima: NDArray[np.float32] = np.max(best, axis=0)
    return maxima


def with_threshold(
    vectors: Sequence[RegionVector], level: float, min_score: float
) -> tuple[RegionVector, ...]:
    """Move biases so that a logit of `level` becomes the score `min_score`."""
    move = logit(min_score) - level
    return tuple(replace(item, bias=item.bias + move) for item in vectors)


def level_of(maxima: NDArray[np.float32], false_share: float) -> float:
    """Return the logit that is reached in a share of background images."""
    return float(np.quantile(maxima, 1.0 - false_share))


def calibrate_text(
    text: RegionVector, bank: BackgroundBank, false_share: float, min_score: float
) -> RegionVector:
    """Give the words of a name that was never learned a threshold of their own.

    The logit that a share of background images reaches becomes the score `min_score`.
    """
    level = level_of(image_maxima((text,), bank), false_share)
    [calibrated] = with_threshold((text,), level, min_score)
    return calibrated
