"""Fitting of region vectors: the linear discriminant between examples and background.

Fisher (1936), with the background's mean and covariance from the bank, which knows them well from
a million regions, so that a single example gives a usable vector; the text of the name
is mixed in. Logistic regression on the hardest regions of the bank was tried: it learns the few
regions that the bank keeps, and finds less on other images (docs/lab/teach.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.detection.taught.bank import BackgroundBank, Whitening
from ovd.domain.teaching.regions import RegionVector
from ovd.domain.teaching.taught_names import TaughtExample

Array = NDArray[np.float32]


@dataclass(frozen=True)
class FitConfig:
    """Parameters of fitting.

    Attributes:
        text_weight: Weight of the text beside the examples, both of unit spread over the
            background.
        refused_weight: How much more the background varies along the direction of one refused
            look-alike.
    """

    text_weight: float = 1.0
    refused_weight: float = 5.0


def fit_vector(
    examples: Sequence[TaughtExample],
    text: RegionVector | None,
    bank: BackgroundBank,
    config: FitConfig,
) -> RegionVector:
    """Fit one vector to examples; its bias is such that the mean of the background has logit 0.

    Args:
        examples: At least one that shows the object and has regions; refused ones count as
            further background, in which their directions then vary most.
        text: What regions are compared with for the words alone; None leaves the words out.
        bank: Background to tell it from.
        config: Parameters.
    """
    whitening = bank.whitening
    shown = [_whitened(item, whitening) for item in examples if _usable(item, True)]
    refused = [_whitened(item, whitening) for item in examples if _usable(item, False)]
    direction = _unit(np.mean([rows.mean(axis=0) for rows in shown], axis=0))
    if text is not None:
        direction = direction + config.text_weight * _unit(whitening.weights_of(text.vector))
    if refused:
        spread = np.eye(len(direction))
        for rows in refused:
            unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
            spread += config.refused_weight * (unit.T @ unit) / len(unit)
        direction = np.linalg.solve(spread, direction)
    vector, bias = whitening.vector_of(_unit(np.asarray(direction, np.float32)), 0.0)
    return RegionVector(vector, bias)


def _usable(example: TaughtExample, shows_object: bool) -> bool:
    return example.shows_object is shows_object and len(example.region_embeds) > 0


def _whitened(example: TaughtExample, whitening: Whitening) -> Array:
    return whitening.apply(example.region_embeds.astype(np.float32))


def _unit(values: Array) -> Array:
    unit: Array = values / max(float(np.linalg.norm(values)), 1e-9)
    return unit
