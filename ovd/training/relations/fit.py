"""Logistic regression of relations on labelled pairs, and the file of parameters it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.detection.relation_model import FEATURES
from ovd.training.relations.ownership import FAMILIES

_STEPS = 50
_RIDGE = 1e-2
_ALSO = {
    "head": ("helmet", "hard hat", "hat", "cap"),
    "body": ("vest",),
    "ridden": ("scooter", "elephant"),
}


@dataclass(frozen=True, eq=False)
class FittedFamily:
    """Parameters of one family and what they were fitted on.

    Attributes:
        weights: `(13,)`, by `FEATURES`.
        missed: Share of persons with such an object among those near whom none was found.
        unseen: The same where what shows the contrary was not found either.
        pairs: Pairs that belong together, and all pairs.
    """

    weights: NDArray[np.float64]
    missed: float
    unseen: float
    pairs: tuple[int, int]


def fit_logistic(
    features: NDArray[np.float64], belongs: NDArray[np.bool_], ridge: float = _RIDGE
) -> NDArray[np.float64]:
    """Fit by Newton's method with a ridge on all weights but the constant.

    Args:
        features: `(N, F)`; the first column is constant.
        belongs: `(N,)`.
        ridge: Penalty per pair.
    """
    scale = np.maximum(features.std(axis=0), 1e-6)
    scale[0] = 1.0
    x, y = features / scale, belongs.astype(np.float64)
    weights = np.zeros(x.shape[1])
    penalty = np.eye(x.shape[1]) * ridge * len(x) / 100
    penalty[0, 0] = 1e-9
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - y) + penalty @ weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(weights / scale)


def best_logit(logits: NDArray[np.float64], belongs: NDArray[np.bool_]) -> float:
    """Return the logit from which pairs are taken with the best F score, at most 0.

    Precision weighs twice as much as recall: a wrong relation is worse than a missed one.

    Args:
        logits: `(N,)`.
        belongs: `(N,)`.
    """
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(belongs[order])
    f_half = 1.25 * hits / (np.arange(1, len(order) + 1) + 0.25 * belongs.sum())
    return min(float(logits[order[int(np.argmax(f_half))]]), 0.0)


def write_parameters(path: Path, fitted: Mapping[str, FittedFamily]) -> None:
    """Write the file that `ovd.detection.relation_model` reads."""
    lines = [
        "# Models of relations, written by `ovd train-relations`; not by hand.",
    ]
    for family, item in fitted.items():
        members = (*FAMILIES[family], *_ALSO.get(family, ()))
        named = ", ".join(f'"{name}"' for name in members)
        weights = ", ".join(
            f"{name} = {value:.5f}" for name, value in zip(FEATURES, item.weights, strict=True)
        )
        lines += [
            "",
            f"# {item.pairs[0]} pairs that belong together among {item.pairs[1]}.",
            f"[families.{family}]",
            f"members = [{named}]",
            f"missed = {item.missed:.4f}",
            f"unseen = {item.unseen:.4f}",
            f"weights = {{ {weights} }}",
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
