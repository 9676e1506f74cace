"""COCO average precision of detections against labelled boxes, computed by faster-coco-eval."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import xyxy_to_xywh
from ovd.domain.detections import Detections
from ovd.errors import DatasetError

SMALL_AREA_PX = 32.0**2
LARGE_AREA_PX = 96.0**2
_ANY_AREA_PX = 1e5**2
_AREA_OUTSIDE_ALL_RANGES_PX = 1e12
_RANGES = ("all", "small", "medium", "large")
Record = dict[str, object]

_QUIET = logging.getLogger(__name__).debug


class Role(Enum):
    """The role of a labelled box in scoring.

    An OBJECT has to be found once. Detections inside a CROWD are not scored, nor is the one
    detection that matches an IGNORED box.
    """

    OBJECT = "object"
    CROWD = "crowd"
    IGNORED = "ignored"


@dataclass(frozen=True)
class TruthBox:
    """One labelled box.

    Attributes:
        label: Its category name.
        xyxy: Corners (x0, y0, x1, y1) in pixels.
        role: How it is scored.
    """

    label: str
    xyxy: tuple[float, float, float, float]
    role: Role = Role.OBJECT


@dataclass(frozen=True, eq=False)
class ScoredImage:
    """The labelled boxes of one image and the detections in it."""

    truth: tuple[TruthBox, ...]
    detections: Detections


@dataclass(frozen=True)
class LabelScore:
    """Average precision of one label, in [0, 1]; None without objects of the label.

    Attributes:
        label: The label.
        objects: Boxes to be found, without crowds and ignored boxes.
        ap: Mean over the IoU thresholds .50, .55, ... .95.
        ap50: At IoU .50.
    """

    label: str
    objects: int
    ap: float | None
    ap50: float | None


@dataclass(frozen=True)
class CocoScores:
    """Average precision in [0, 1], each the mean over the labels that have objects.

    Attributes:
        ap: Mean over the IoU thresholds .50, .55, ... .95.
        ap50: At IoU .50.
        ap_small: `ap` of objects below 32 x 32 px, None without such objects.
        ap_medium: `ap` of those between, None without such objects.
        ap_large: `ap` of objects above 96 x 96 px, None without such objects.
        per_label: One entry per requested label, in order.
    """

    ap: float
    ap50: float
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    per_label: tuple[LabelScore, ...]

    def of(self, label: str) -> LabelScore:
        """Return the score of one label.

        Raises:
            KeyError: If it was not requested.
        """
        for score in self.per_label:
            if score.label == label:
                return score
        raise KeyError(label)


def average_precision(images: Sequence[ScoredImage], labels: Sequence[str]) -> CocoScores:
    """Score detections as COCO does, without a limit on their number.

    The size of an object is the area of its box. Detections and boxes of other labels are left
    out.

    Raises:
        DatasetError: If no object bears any of the labels.
    """
    objects = {label: _count_objects(images, label) for label in labels}
    if not any(objects.values()):
        raise DatasetError(
            f"no labelled object to score against in {len(images)} images for {len(objects)} labels"
        )
    precision = {label: _precision(images, label) for label in objects if objects[label]}
    every = np.stack(list(precision.values()))
    per_label = tuple(_score(label, objects[label], precision.get(label)) for label in objects)
    return CocoScores(
        ap=mean_of(score.ap for score in per_label),
        ap50=mean_of(score.ap50 for score in per_label),
        ap_small=_mean(every[..., _RANGES.index("small")]),
        ap_medium=_mean(every[..., _RANGES.index("medium")]),
        ap_large=_mean(every[..., _RANGES.index("large")]),
        per_label=per_label,
    )


def best_per_image(images: Sequence[ScoredImage], limit: int) -> list[ScoredImage]:
    """Keep the `limit` best detections of each image, all labels together, as COCO does."""
    return [
        ScoredImage(image.truth, image.detections.where(_best(image.detections.score, limit)))
        for image in images
    ]


def best_per_label(images: Sequence[ScoredImage], limit: int) -> list[ScoredImage]:
    """Keep the `limit` best detections of each label over all images.

    This is the limit of fixed AP (Dave et al. 2021, arXiv:2102.01066): unlike a limit per image
    it does not reward a label for scores that outdo those of other labels.
    """
    per_label: dict[str, list[NDArray[np.float32]]] = {}
    for image in images:
        for label_id, label in enumerate(image.detections.labels):
            score = image.detections.score[image.detections.label_id == label_id]
            per_label.setdefault(label, []).append(score)
    floors = {label: _floor(np.concatenate(scores), limit) for label, scores in per_label.items()}
    kept = []
    for image in images:
        found = image.detections
        floor = np.array([floors[label] for label in found.labels], dtype=np.float32)
        kept.append(ScoredImage(image.truth, found.where(found.score >= floor[found.label_id])))
    return kept


def mean_of(values: Iterable[float | None]) -> float:
    """Return the mean of the values that are not None.

    Raises:
        DatasetError: If none is.
    """
    known = [value for value in values if value is not None]
    if not known:
        raise DatasetError("no score is known: nothing that was asked for has a labelled object")
    return float(np.mean(known))


def _best(score: NDArray[np.float32], limit: int) -> NDArray[np.bool_]:
    keep = np.zeros(len(score), dtype=np.bool_)
    keep[np.argsort(-score, kind="stable")[:limit]] = True
    return keep


def _floor(score: NDArray[np.float32], limit: int) -> float:
    return float(np.sort(score)[-limit]) if len(score) > limit else 0.0


def _mean(precision: NDArray[np.float64]) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if len(known) else None


def _count_objects(images: Sequence[ScoredImage], label: str) -> int:
    return sum(
        box.label == label and box.role is Role.OBJECT for image in images for box in image.truth
    )


def _score(label: str, objects: int, precision: NDArray[np.float64] | None) -> LabelScore:
    if precision is None:
        return LabelScore(label, objects, None, None)
    return LabelScore(label, objects, _mean(precision[..., 0]), _mean(precision[0, ..., 0]))


def _precision(images: Sequence[ScoredImage], label: str) -> NDArray[np.float64]:
    """Return the precision per IoU threshold, recall point and size range; -1 if undefined.

    One label at a time: the library wants a dictionary for each detection.
    """
    # Of the extra `eval`: who only counts has not installed it.
    from faster_coco_eval import COCO, COCOeval_faster  # type: ignore[import-untyped]

    truth = [list(_truth_records(image, label)) for image in images]
    found = [list(_detection_records(image, label)) for image in images]
    evaluation = COCOeval_faster(
        COCO(_dataset(truth)), COCO(_dataset(found)), iouType="bbox", print_function=_QUIET
    )
    # The library reserves room for this many in each image.
    evaluation.params.maxDets = [max(1, *map(len, found))]
    evaluation.params.areaRngLbl = list(_RANGES)
    evaluation.params.areaRng = [
        [0.0, _ANY_AREA_PX],
        [0.0, SMALL_AREA_PX],
        [SMALL_AREA_PX, LARGE_AREA_PX],
        [LARGE_AREA_PX, _ANY_AREA_PX],
    ]
    evaluation.evaluate()
    evaluation.accumulate()
    precision: NDArray[np.float64] = np.asarray(evaluation.eval["precision"])[:, :, 0, :, 0]
    return precision


def _dataset(per_image: Sequence[Sequence[Record]]) -> Record:
    image_ids = range(1, len(per_image) + 1)
    records = [
        record | {"image_id": image_id, "category_id": 1}
        for image_id, image in zip(image_ids, per_image, strict=True)
        for record in image
    ]
    return {
        "images": [{"id": image_id} for image_id in image_ids],
        "categories": [{"id": 1}],
        # An id of 0 would mean "unmatched" to the library.
        "annotations": [record | {"id": i} for i, record in enumerate(records, start=1)],
    }


def _truth_records(image: ScoredImage, label: str) -> Iterator[Record]:
    for box in image.truth:
        if box.label != label:
            continue
        x0, y0, x1, y1 = box.xyxy
        # The library overwrites an ignore flag with iscrowd; an area outside every range has
        # the effect that the flag should have had.
        is_ignored = box.role is Role.IGNORED
        yield {
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "area": _AREA_OUTSIDE_ALL_RANGES_PX if is_ignored else (x1 - x0) * (y1 - y0),
            "iscrowd": int(box.role is Role.CROWD),
        }


def _detection_records(image: ScoredImage, label: str) -> Iterator[Record]:
    if label not in image.detections.labels:
        return
    found = image.detections.of_label(image.detections.labels.index(label))
    xywh = xyxy_to_xywh(found.xyxy).astype(np.float64)
    for box, score in zip(xywh.tolist(), found.score.tolist(), strict=True):
        yield {"bbox": box, "area": box[2] * box[3], "score": score, "iscrowd": 0}
