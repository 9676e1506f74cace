"""Calibrate scores: fit a temperature and an offset, and measure the remaining error.

A score is calibrated when, of all detections with score p, the share p is right: overlaps by
half an object that no better detection took. Fitted on a val split, after Platt (1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.errors import DatasetError
from ovd.evaluation.coco_metrics import Role, ScoredImage, TruthBox

MIN_IOU = 0.5
BINS = 15
NEWTON_STEPS = 50
DAMPING = 1e-6
EXTREME = 1e-6


@dataclass(frozen=True)
class Calibration:
    """Calibrated logit = `slope` times the logit plus `offset`.

    Attributes:
        slope: One over the temperature.
        offset: Added to it.
    """

    slope: float = 1.0
    offset: float = 0.0

    def apply(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated scores of scores in [0, 1], any shape."""
        calibrated: NDArray[np.float64] = _sigmoid(self.slope * _logit(score) + self.offset)
        return calibrated


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Detections matched with the ground truth.

    Attributes:
        score: `(N,)` float64 in [0, 1].
        is_right: `(N,)` bool.
    """

    score: NDArray[np.float64]
    is_right: NDArray[np.bool_]


def check_detections(images: Sequence[ScoredImage], min_score: float) -> Outcomes:
    """Match detections with the ground truth, leaving out those on ignored boxes.

    Args:
        images: Truth and detections; labels must count wherever they are detected.
        min_score: Detections below are not looked at.

    Raises:
        DatasetError: If none is right, or none wrong: nothing could be fitted.
    """
    scores: list[float] = []
    rights: list[bool] = []
    for image in images:
        for label_id, label in enumerate(image.detections.labels):
            found = image.detections.of_label(label_id)
            truth = [box for box in image.truth if box.label == label]
            for score, right in _check_label(found, truth, min_score):
                scores.append(score)
                rights.append(right)
    if len(set(rights)) < 2:
        raise DatasetError(
            f"{len(rights)} detections of one kind cannot be calibrated; right and wrong ones are "
            "needed"
        )
    return Outcomes(np.array(scores), np.array(rights))


def _check_label(
    found: Detections, truth: Sequence[TruthBox], min_score: float
) -> list[tuple[float, bool]]:
    boxes = np.array([box.xyxy for box in truth], dtype=np.float32).reshape(-1, 4)
    is_object = np.array([box.role is Role.OBJECT for box in truth], dtype=np.bool_)
    iou = pairwise_iou(found.xyxy, boxes)
    taken = np.zeros(len(truth), dtype=np.bool_)
    checked = []
    for index in np.argsort(-found.score, kind="stable"):
        if found.score[index] < min_score:
            break
        free = np.where(is_object & ~taken, iou[index], 0.0)
        best = int(free.argmax()) if len(truth) else -1
        if best >= 0 and free[best] >= MIN_IOU:
            taken[best] = True
            checked.append((float(found.score[index]), True))
        elif not (iou[index][~is_object] >= MIN_IOU).any():
            checked.append((float(found.score[index]), False))
    return checked


def fit_calibration(outcomes: Outcomes) -> Calibration:
    """Fit slope and offset of least log loss, by Newton's method."""
    x = np.stack([_logit(outcomes.score), np.ones(len(outcomes.score))], axis=1)
    y = outcomes.is_right.astype(np.float64)
    weights = np.array([1.0, 0.0])
    for _ in range(NEWTON_STEPS):
        p = _sigmoid(x @ weights)
        gradient = x.T @ (p - y)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + DAMPING * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights - np.clip(step, -1.0, 1.0)
    return Calibration(float(weights[0]), float(weights[1]))


def expected_calibration_error(outcomes: Outcomes, calibration: Calibration) -> float:
    """Return the mean gap between score and precision over 15 equally wide bins of the score."""
    score = calibration.apply(outcomes.score)
    edges = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    error = 0.0
    for number in range(BINS):
        inside = edges == number
        if inside.any():
            gap = abs(score[inside].mean() - outcomes.is_right[inside].mean())
            error += gap * inside.mean()
    return float(error)


def _logit(score: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(np.asarray(score, dtype=np.float64), EXTREME, 1 - EXTREME)
    logit: NDArray[np.float64] = np.log(p / (1 - p))
    return logit


def _sigmoid(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-logit))
