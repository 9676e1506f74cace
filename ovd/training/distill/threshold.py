"""Scale fitted names so that they count right at the threshold that all names share."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ovd.datasets.coco import CocoDataset
from ovd.domain.ports import Detector
from ovd.model.backends import ovdense
from ovd.model.backends.ovdense import read_projection
from ovd.model.weights import WeightsRole, load_weights
from ovd.training.distill.head import Rows
from ovd.training.distill.measuring import count_errors, measure

TRIED = np.linspace(0.05, 0.9, 35)
SMALLEST, LARGEST = 0.25, 4.0


def scale_to_threshold(
    fitted: Mapping[str, Rows], detector: Detector, learned: CocoDataset, weights_dir: Path
) -> dict[str, Rows]:
    """Return embeddings that reach the detector's threshold where counts are best.

    A score is the sigmoid of a bias plus an inner product, so that a longer embedding moves it
    without another order of the detections.

    Args:
        fitted: `(D,)` embeddings by name.
        detector: Knows them.
        learned: Frames that were learned from, with their labels.
        weights_dir: Where the bias is.
    """
    bias = read_projection(load_weights(weights_dir, ovdense.NAME, WeightsRole.NETWORK)).bias
    found = measure(detector, learned)
    wanted = _logit(found.min_score)
    scaled = {}
    for name, embed in fitted.items():
        errors = [float(np.mean(count_errors(found.run, name, tried))) for tried in TRIED]
        best = float(TRIED[int(np.argmin(errors))])
        factor = (wanted - bias) / max(_logit(best) - bias, 1e-3)
        scaled[name] = (embed * np.clip(factor, SMALLEST, LARGEST)).astype(np.float32)
    return scaled


def _logit(score: float) -> float:
    return float(np.log(score / (1 - score)))
