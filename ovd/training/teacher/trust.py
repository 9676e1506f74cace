"""Measure on labelled images how often the teachers are right, source by source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ovd.datasets.coco import CocoDataset, CocoImage
from ovd.domain.boxes import pairwise_iou
from ovd.training.teacher.pseudo_labels import PseudoLabels

MEETS_IOU = 0.5


@dataclass(frozen=True)
class SourceTrust:
    """Hold how teachers did in one source, on the names that it boxes exhaustively.

    Attributes:
        boxes: Boxes of theirs that would become labels.
        right: How many of these meet a box of that name.
        objects: Objects of these names.
        found: How many of these are met by such a box.
    """

    boxes: int
    right: int
    objects: int
    found: int

    @property
    def precision(self) -> float:
        """Share of boxes that are right; 0 where there is none."""
        return self.right / max(self.boxes, 1)


def measure_trust(
    datasets: Sequence[CocoDataset], labels: Mapping[str, PseudoLabels], min_trust: float
) -> dict[str, SourceTrust]:
    """Compare the teachers' boxes with what sources say, where these are exhaustive.

    Args:
        datasets: Labelled images that nothing is trained on.
        labels: Labels of the teachers, by file name.
        min_trust: Trust from which their boxes are labels.

    Returns:
        One entry per source that shares an exhaustive name with the teachers.
    """
    measured = {}
    for dataset in datasets:
        rows = [
            _compare(image, labels[image.file_name], dataset, min_trust)
            for image in dataset.images
            if image.file_name in labels
        ]
        total = np.sum(np.array(rows, dtype=np.int64).reshape(-1, 4), axis=0)
        if total.any():
            measured[dataset.source] = SourceTrust(*(int(value) for value in total))
    return measured


def _compare(
    image: CocoImage, labels: PseudoLabels, dataset: CocoDataset, min_trust: float
) -> tuple[int, int, int, int]:
    boxes, right, objects, found = 0, 0, 0, 0
    sure = labels.boxes.take(np.flatnonzero(labels.boxes.soft_score >= min_trust))
    for name in labels.absent & dataset.exhaustive:
        seen = sure.xyxy[[other == name for other in sure.names]]
        true = np.array(
            [box.xyxy for box in image.boxes if box.name == name], dtype=np.float32
        ).reshape(-1, 4)
        meets = pairwise_iou(seen, true) >= MEETS_IOU
        boxes, right = boxes + len(seen), right + int(meets.any(axis=1).sum())
        objects, found = objects + len(true), found + int(meets.any(axis=0).sum())
    return boxes, right, objects, found
