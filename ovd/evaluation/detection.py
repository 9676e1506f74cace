"""Evaluation of a detector on a COCO-format file: the numbers of `ovd eval`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ovd.datasets.coco import CocoBox, CocoDataset
from ovd.domain.detections import Detections
from ovd.domain.ports import Detector
from ovd.domain.query import Query
from ovd.evaluation.coco_metrics import (
    CocoScores,
    Role,
    ScoredImage,
    TruthBox,
    average_precision,
    best_per_image,
)
from ovd.evaluation.labelled_images import load_labelled_image

MIN_SCORE = 0.001
DETECTIONS_PER_IMAGE = 100


class NameReader(Protocol):
    """Reads the names of a dataset as queries; every `ovd.domain.ports.QueryReader` is one."""

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Return a query for one name; `min_score` None takes the detector's default."""
        ...


@dataclass(frozen=True, eq=False)
class DetectionRun:
    """The detections of a detector in every image of a dataset.

    Attributes:
        dataset: The dataset.
        names: The category names that were queried.
        unsupported: Those of `names` that the detector has not learned, without detections.
        detections: One entry per image, in order; `labels` are the supported names.
        ms_per_image: Median time of `Detector.detect` for one image, decoding not included; None
            if no name is supported.
    """

    dataset: CocoDataset
    names: tuple[str, ...]
    unsupported: tuple[str, ...]
    detections: tuple[Detections, ...]
    ms_per_image: float | None


@dataclass(frozen=True)
class EvalReport:
    """Accuracy of a detector on one dataset.

    Attributes:
        detector: Name of the detector.
        images: Number of images.
        scores: COCO scores; the labels that the detector has not learned score 0.
        unsupported: The labels that the detector has not learned.
        ms_per_image: Median detection time in milliseconds, None if no name is supported.
    """

    detector: str
    images: int
    scores: CocoScores
    unsupported: tuple[str, ...]
    ms_per_image: float | None


def evaluate(
    detector: Detector,
    reader: NameReader,
    dataset: CocoDataset,
    on_image: Callable[[], None] | None = None,
) -> EvalReport:
    """Query all categories of a dataset at once, and score the detections as COCO does.

    Args:
        detector: The detector to evaluate.
        reader: Reads category names as query texts.
        dataset: Images and boxes.
        on_image: Called after each image, for a progress display.

    Raises:
        DatasetError: If the dataset holds no object, or an image differs from its stated size.
        ImageError: If an image cannot be read.
        QueryError: If a category name cannot be read as a query.
    """
    return build_report(
        detector, detect_dataset(detector, reader, dataset, dataset.names, on_image)
    )


def build_report(detector: Detector, run: DetectionRun) -> EvalReport:
    """Build the report of a run, with COCO scores.

    Raises:
        DatasetError: If the dataset holds no object.
    """
    return EvalReport(
        detector=detector.info.name,
        images=len(run.dataset.images),
        scores=score_run(run),
        unsupported=run.unsupported,
        ms_per_image=run.ms_per_image,
    )


def report_json(report: EvalReport) -> dict[str, object]:
    """Return the report as `ovd eval --json` prints it; null where no labelled object exists."""
    scores = report.scores
    return {
        "detector": report.detector,
        "images": report.images,
        "AP": scores.ap,
        "AP50": scores.ap50,
        "AP_small": scores.ap_small,
        "AP_medium": scores.ap_medium,
        "AP_large": scores.ap_large,
        "per_label": {
            score.label: {"AP": score.ap, "AP50": score.ap50} for score in scores.per_label
        },
        "unsupported": list(report.unsupported),
        "ms_per_image": report.ms_per_image,
    }


def detect_dataset(
    detector: Detector,
    reader: NameReader,
    dataset: CocoDataset,
    names: Sequence[str],
    on_image: Callable[[], None] | None = None,
) -> DetectionRun:
    """Detect `names` in every image, each image once, down to scores of .001.

    Raises:
        DatasetError: If an image differs from the size that the dataset states.
        ImageError: If an image cannot be read.
        QueryError: If a name cannot be read as a query.
    """
    queries = [reader.read(name, MIN_SCORE) for name in names]
    supported = [query for query in queries if query.supported]
    labels = tuple(name for name, query in zip(names, queries, strict=True) if query.supported)
    vocabulary = detector.encode(supported) if supported else None
    found: list[Detections] = []
    seconds: list[float] = []
    for item in dataset.images:
        image = load_labelled_image(item.path, item.size_hw)
        if vocabulary is None:
            found.append(Detections.none())
        else:
            start = time.perf_counter()
            result = detector.detect([image], vocabulary)[0]
            seconds.append(time.perf_counter() - start)
            found.append(Detections(result.xyxy, result.score, result.label_id, labels))
        if on_image is not None:
            on_image()
    return DetectionRun(
        dataset=dataset,
        names=tuple(names),
        unsupported=tuple(name for name in names if name not in labels),
        detections=tuple(found),
        ms_per_image=1000 * float(np.median(seconds)) if seconds else None,
    )


def score_run(run: DetectionRun) -> CocoScores:
    """Return plain COCO scores: every image counts for every name, 100 detections an image."""
    images = [
        ScoredImage(tuple(_truth(box) for box in item.boxes), found)
        for item, found in zip(run.dataset.images, run.detections, strict=True)
    ]
    return average_precision(best_per_image(images, DETECTIONS_PER_IMAGE), run.names)


def _truth(box: CocoBox) -> TruthBox:
    return TruthBox(box.name, box.xyxy, Role.CROWD if box.is_crowd else Role.OBJECT)
