"""Federated scoring: a label is scored only in images where its objects are labelled.

The sources of a federated dataset label some names exhaustively and others only sometimes. A
detection of a name in an image where it was not labelled exhaustively is neither right nor wrong,
so it is left out (as in LVIS, Gupta et al. 2019).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.coco import CocoBox, CocoDataset, CocoImage
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.evaluation.coco_metrics import Role, ScoredImage, TruthBox
from ovd.evaluation.detection import DetectionRun

SMALL_SIDE_PX = 16.0
_MEETS_IOU = 0.5


@dataclass(frozen=True)
class Target:
    """The boxes that a label should find.

    Attributes:
        label: The label of the detections.
        names: Category names whose boxes it should find: the name itself, the name it is a
            synonym of, or all names it is a wider word for.
    """

    label: str
    names: frozenset[str]


def targets_of(names: Iterable[str]) -> tuple[Target, ...]:
    """Return the targets of names that should find their own boxes."""
    return tuple(Target(name, frozenset({name})) for name in names)


def is_exhaustive(dataset: CocoDataset, names: Iterable[str]) -> bool:
    """Return whether every object of these names is labelled, apart from small ones."""
    return dataset.exhaustive | dataset.exhaustive_except_small >= frozenset(names)


def federated_images(run: DetectionRun, targets: Iterable[Target]) -> list[ScoredImage]:
    """Pair the boxes of each target with the detections of its label where both count.

    A target counts on images whose source boxes all its names, and on images with a box of it.
    Ignored are boxes of narrower or wider kinds ("suv", "vehicle" for "car"), and, where the
    source boxes no small objects, whatever is below 16 px.

    Returns:
        One entry per image of the run, with truth and detections of the targets only.
    """
    wanted = {target.label: target for target in targets}
    sides = {
        label: SMALL_SIDE_PX if target.names & run.dataset.exhaustive_except_small else 0.0
        for label, target in wanted.items()
    }
    everywhere = {
        label for label, target in wanted.items() if is_exhaustive(run.dataset, target.names)
    }
    images = []
    for item, found in zip(run.dataset.images, run.detections, strict=True):
        names = {box.name for box in item.boxes}
        counting = [t for t in wanted.values() if t.label in everywhere or t.names & names]
        truth = tuple(
            box
            for target in counting
            for box in _truth(item, target, run.dataset.hypernyms, sides[target.label])
        )
        kept = _keep({target.label: sides[target.label] for target in counting}, truth, found)
        images.append(ScoredImage(truth, found.where(kept)))
    return images


def _truth(
    item: CocoImage, target: Target, hypernyms: Mapping[str, tuple[str, ...]], small_side_px: float
) -> list[TruthBox]:
    boxes = []
    for box in item.boxes:
        if box.name in target.names:
            role = Role.CROWD if box.is_crowd else Role.OBJECT
            if role is Role.OBJECT and _side(box) < small_side_px:
                role = Role.IGNORED
        elif {target.label, *target.names} & set(hypernyms.get(box.name, ())):
            role = Role.CROWD if box.is_crowd else Role.IGNORED
        else:
            continue
        boxes.append(TruthBox(target.label, box.xyxy, role))
    return boxes


def _side(box: CocoBox) -> float:
    x0, y0, x1, y1 = box.xyxy
    return float(np.sqrt((x1 - x0) * (y1 - y0)))


def _keep(
    sides: Mapping[str, float], truth: tuple[TruthBox, ...], found: Detections
) -> NDArray[np.bool_]:
    """Return a mask of the detections that count: of scored labels, and not too small."""
    keep = np.zeros(len(found), dtype=np.bool_)
    side = np.sqrt(np.prod(found.xyxy[:, 2:] - found.xyxy[:, :2], axis=1))
    for label_id, label in enumerate(found.labels):
        if label not in sides:
            continue
        of_label = found.label_id == label_id
        is_small = of_label & (side < sides[label])
        keep |= of_label & ~is_small
        objects = [box.xyxy for box in truth if box.label == label and box.role is Role.OBJECT]
        if objects and is_small.any():
            iou = pairwise_iou(found.xyxy[is_small], np.array(objects, dtype=np.float32))
            keep[is_small] = iou.max(axis=1) >= _MEETS_IOU
    return keep
