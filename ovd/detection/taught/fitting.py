"""Fitting of region vectors: a discriminant as start, then logistic regression on hard regions.

The start is the linear discriminant between the examples and the background (Fisher, 1936) with
the text of the name mixed in. Few examples say little about what looks alike, so the
background regions that score highest are then learned against, in two rounds (hard negative
mining after Felzenszwalb et al., 2010), with the start as prior.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.detection.taught.bank import BackgroundBank, Whitening
from ovd.domain.teaching.regions import RegionVector
from ovd.domain.teaching.taught_names import TaughtExample

Array = NDArray[np.float32]
_NEWTON_STEPS = 10
_LONGEST_STEP = 3.0
_START_MARGIN = 4.0
_WEIGHT_OF_ALL = 100.0


@dataclass(frozen=True)
class FitConfig:
    """Parameters of fitting.

    Attributes:
        text_weight: Weight of the text beside the discriminant of the examples, both of unit
            spread over the background.
        ridge: Weight of the prior, the start.
        hard_rows: Background regions that are learned against in each round.
        rounds: Rounds of mining.
        refused_weight: Weight of a refused look-alike, as a share of that of all examples.
    """

    text_weight: float = 0.5
    ridge: float = 5.0
    hard_rows: int = 1000
    rounds: int = 2
    refused_weight: float = 0.5


@dataclass(frozen=True, eq=False)
class _Rows:
    """Whitened regions with their weights: those of the object, and refused look-alikes."""

    shown: Array
    shown_weight: Array
    refused: Array
    refused_weight: Array


def fit_vector(
    examples: Sequence[TaughtExample],
    text: RegionVector | None,
    bank: BackgroundBank,
    config: FitConfig,
) -> RegionVector:
    """Fit one vector to examples; its bias puts the balance of both sides at 0.

    Args:
        examples: At least one that shows the object and has regions.
        text: What regions are compared with for the words alone; None leaves the words out.
        bank: Background to tell it from.
        config: Parameters.
    """
    whitening = bank.whitening
    rows = _gather(examples, whitening)
    weights = _start(rows, text, whitening, config)
    background = bank.whitened
    bias = 0.0
    for _ in range(config.rounds):
        hard = _hardest(background @ weights, config.hard_rows)
        weights, bias = _separate(rows, background[hard], weights, config)
    vector, bias = whitening.vector_of(weights, bias)
    return RegionVector(vector, bias)


def _gather(examples: Sequence[TaughtExample], whitening: Whitening) -> _Rows:
    shown: list[tuple[Array, Array]] = []
    refused: list[tuple[Array, Array]] = []
    for example in examples:
        if not len(example.region_embeds):
            continue
        embeds = whitening.apply(example.region_embeds.astype(np.float32))
        share = np.full(len(embeds), 1.0 / len(embeds), dtype=np.float32)
        (shown if example.shows_object else refused).append((embeds, share))
    dimensions = len(whitening.mean)
    nothing = (np.zeros((0, dimensions), np.float32), np.zeros(0, np.float32))
    rows = [
        tuple(np.concatenate(parts) for parts in zip(*(kept or [nothing]), strict=True))
        for kept in (shown, refused)
    ]
    return _Rows(rows[0][0], rows[0][1], rows[1][0], rows[1][1])


def _start(
    rows: _Rows, text: RegionVector | None, whitening: Whitening, config: FitConfig
) -> Array:
    """Return the direction of the examples' mean, mixed with that of the text."""
    mean = np.average(rows.shown, axis=0, weights=rows.shown_weight)
    direction = _unit(mean)
    if text is not None:
        direction = direction + config.text_weight * _unit(whitening.weights_of(text.vector))
    return direction.astype(np.float32)


def _unit(values: Array) -> Array:
    unit: Array = values / max(float(np.linalg.norm(values)), 1e-9)
    return unit


def _hardest(scores: Array, count: int) -> NDArray[np.int64]:
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]


def _separate(
    rows: _Rows, background: Array, weights: Array, config: FitConfig
) -> tuple[Array, float]:
    """Return weights and bias of the regression that starts from, and is drawn to, a direction."""
    regions = np.concatenate([rows.shown, background, rows.refused])
    target = np.zeros(len(regions))
    target[: len(rows.shown)] = 1.0
    examples = max(float(rows.shown_weight.sum()), 1.0)
    importance = _WEIGHT_OF_ALL * np.concatenate(
        [
            rows.shown_weight / examples,
            np.full(len(background), 1.0 / max(len(background), 1)),
            rows.refused_weight * config.refused_weight / examples,
        ]
    )
    score = regions @ weights
    high = float(np.average(score[: len(rows.shown)], weights=rows.shown_weight))
    low = float(score[len(rows.shown) : len(rows.shown) + len(background)].mean())
    scale = _START_MARGIN / max(high - low, 1e-3)
    prior = np.append(weights * scale, -(high + low) / 2 * scale)
    fitted = _regress(regions, target, importance, prior, config.ridge)
    return fitted[:-1].astype(np.float32), float(fitted[-1])


def _regress(
    regions: Array,
    target: NDArray[np.float64],
    importance: NDArray[np.float64],
    prior: NDArray[np.float64],
    ridge: float,
) -> NDArray[np.float64]:
    """Return the D weights and the bias of a logistic regression around a prior, by Newton steps.

    Steps are shortened, because a start that is far off would overshoot.
    """
    design = np.column_stack([regions, np.ones(len(regions), np.float32)])
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 1e-3
    values = prior.astype(np.float64)
    for _ in range(_NEWTON_STEPS):
        score = np.clip(design @ values, -30.0, 30.0)
        chance = 1.0 / (1.0 + np.exp(-score))
        gradient = design.T @ (importance * (chance - target)) + penalty * (values - prior)
        curvature = np.sqrt(np.maximum(importance * chance * (1.0 - chance), 1e-9))
        scaled = design * curvature[:, None].astype(np.float32)
        hessian = (scaled.T @ scaled).astype(np.float64) + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        longest = float(np.abs(step).max())
        values = values - step * min(1.0, _LONGEST_STEP / max(longest, 1e-9))
        if longest < 1e-2:
            break
    return values
