"""Measure a student on held-out frames against the labels of its teacher."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ovd.datasets.coco import CocoDataset
from ovd.domain.detections import Detections
from ovd.domain.ports import Detector
from ovd.evaluation.coco_metrics import average_precision, best_per_label
from ovd.evaluation.detection import DetectionRun, detect_dataset
from ovd.evaluation.federated import federated_images, targets_of
from ovd.evaluation.paraphrase import LiteralReader
from ovd.evaluation.protocols import FIXED_AP_DETECTIONS

# Scores below are not compared.
LEAST_SCORE = 0.02


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of one name.

    Attributes:
        ap50: Average precision at an overlap of half, in [0, 1].
        count_error: Objects that are counted too much or too little per frame, at the detector's
            threshold; doubtful ones may be counted or not.
    """

    ap50: float
    count_error: float


@dataclass(frozen=True, eq=False)
class Measured:
    """The detections of a detector in held-out frames, scored.

    Attributes:
        accuracy: By name.
        run: All its detections, also of names without labels.
        min_score: Its threshold.
    """

    accuracy: dict[str, Accuracy]
    run: DetectionRun
    min_score: float

    def mean_ap50(self, names: Sequence[str]) -> float:
        """Return the mean over names, each counting alike."""
        return float(np.mean([self.accuracy[name].ap50 for name in names]))


def measure(
    detector: Detector,
    dataset: CocoDataset,
    others: Sequence[str] = (),
    on_image: Callable[[], None] = lambda: None,
) -> Measured:
    """Measure the names of a dataset, and detect others beside them.

    Args:
        detector: The student.
        dataset: Held-out frames with the labels of the teacher; each name has an object.
        others: Names without labels that are asked for too.
        on_image: Called after each frame.
    """
    asked = tuple(dict.fromkeys((*dataset.names, *others)))
    run = detect_dataset(detector, LiteralReader(detector), dataset, asked, on_image)
    min_score = detector.info.default_min_score
    return Measured(score_names(run, dataset.names, min_score), run, min_score)


def score_names(run: DetectionRun, names: Sequence[str], min_score: float) -> dict[str, Accuracy]:
    """Score the detections of names of which every object is labelled."""
    pool = best_per_label(federated_images(run, targets_of(names)), FIXED_AP_DETECTIONS)
    scores = average_precision(pool, names)
    errors = {name: float(np.mean(count_errors(run, name, min_score))) for name in names}
    return {name: Accuracy(scores.of(name).ap50 or 0.0, errors[name]) for name in names}


def count_errors(run: DetectionRun, name: str, min_score: float) -> list[int]:
    """Return per frame how many objects are counted too much or too little at a threshold."""
    errors = []
    for item, found in zip(run.dataset.images, run.detections, strict=True):
        boxes = [box for box in item.boxes if box.name == name]
        sure = sum(not box.is_crowd for box in boxes)
        counted = 0
        if name in found.labels:
            own = found.of_label(found.labels.index(name))
            counted = int((own.score >= min_score).sum())
        errors.append(max(sure - counted, counted - len(boxes), 0))
    return errors


def count_changed(before: Measured, after: Measured, names: Sequence[str]) -> int:
    """Return in how many frames any of some names is found otherwise than before.

    Scores of next to nothing, and the last digits of all, are left out: sums are taken in another
    order where other regions are worth a look.
    """
    return sum(
        any(not _is_alike(old, new, name) for name in names)
        for old, new in zip(before.run.detections, after.run.detections, strict=True)
    )


def _is_alike(old: Detections, new: Detections, name: str) -> bool:
    if name not in old.labels or name not in new.labels:
        return name not in old.labels and name not in new.labels
    first, second = (found.of_label(found.labels.index(name)) for found in (old, new))
    for one, other in ((first, second), (second, first)):
        seen = int((one.score >= LEAST_SCORE).sum())
        if len(other) < seen or not np.allclose(one.score[:seen], other.score[:seen], atol=1e-4):
            return False
        if not np.allclose(one.xyxy[:seen], other.xyxy[:seen], atol=0.1):
            return False
    return True


def find_frequent(measured: Measured, names: Sequence[str], least: int, limit: int) -> list[str]:
    """Return the names that are found most often at the threshold, most frequent first."""
    counts: Counter[str] = Counter()
    for found in measured.run.detections:
        sure = found.label_id[found.score >= measured.min_score]
        counts.update(found.labels[label_id] for label_id in sure)
    ranked = [name for name, count in counts.most_common() if name in names and count >= least]
    return ranked[:limit]
