"""Protocols beyond one COCO file: clean pairs, new words, fixed AP, hold-out, counts.

Every function computes numbers from existing detections, so that two detectors are compared by the
same code on the same images.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ovd.datasets.name_lists import CLEAN_NAMES, OV_COCO_BASE, OV_COCO_NOVEL
from ovd.domain.detections import Detections
from ovd.evaluation.coco_metrics import (
    CocoScores,
    LabelScore,
    Role,
    ScoredImage,
    average_precision,
    best_per_image,
    best_per_label,
    mean_of,
)
from ovd.evaluation.detection import DETECTIONS_PER_IMAGE, DetectionRun
from ovd.evaluation.federated import federated_images, is_exhaustive, targets_of

MIN_OBJECTS = 10
FIXED_AP_DETECTIONS = 10_000
_IS_COCO = "coco_"


@dataclass(frozen=True)
class SourceLabelScore:
    """The score of one label in one source.

    Attributes:
        source: Name of the source.
        score: Federated score of the label there.
    """

    source: str
    score: LabelScore


@dataclass(frozen=True)
class CleanComparison:
    """Scores of COCO names in sources other than COCO.

    Attributes:
        pairs: Every (source, label) that the source boxes exhaustively and holds objects of.
        mean_ap50: Mean over the pairs with at least `MIN_OBJECTS` objects.
        mean_ap50_all: Mean over all pairs, also those that a single box decides.
    """

    pairs: tuple[SourceLabelScore, ...]
    mean_ap50: float
    mean_ap50_all: float


@dataclass(frozen=True)
class HoldOut:
    """AP50 when some names were removed from training (the generalised OV-COCO protocol).

    Attributes:
        novel_ap50: Mean over the removed names that have objects.
        base_ap50: Mean over the other names of the split that have objects.
        all_ap50: Mean over both.
        novel: The scores of the removed names.
    """

    novel_ap50: float
    base_ap50: float
    all_ap50: float
    novel: tuple[LabelScore, ...]


@dataclass(frozen=True)
class CountError:
    """Errors of counts at a threshold, per image and label.

    Attributes:
        mean_absolute: Mean of |counted - labelled|.
        root_mean_square: Root of the mean square of it.
        bias: Mean of counted - labelled; positive if too many are counted.
        cells: Number of (image, label) pairs.
    """

    mean_absolute: float
    root_mean_square: float
    bias: float
    cells: int


@dataclass(frozen=True)
class FalseCounts:
    """Counts of objects that are not in the images.

    Attributes:
        per_frame_and_query: Mean count over all frames and queries.
        per_label: Mean count per frame of each query, worst first.
    """

    per_frame_and_query: float
    per_label: Mapping[str, float]


def source_scores(run: DetectionRun) -> CocoScores:
    """Return the federated scores of one source over its own names, 100 detections an image."""
    images = best_per_image(federated_images(run, targets_of(run.names)), DETECTIONS_PER_IMAGE)
    return average_precision(images, run.names)


def compare_clean(
    runs: Iterable[DetectionRun], names: Sequence[str] = CLEAN_NAMES
) -> CleanComparison:
    """Return mean AP50 over the (source, label) pairs of sources not called "coco_...".

    Raises:
        DatasetError: If no source has such a pair.
    """
    pairs = []
    for run in runs:
        if run.dataset.source.startswith(_IS_COCO):
            continue
        present = {box.name for item in run.dataset.images for box in item.boxes}
        asked = [name for name in names if name in present and is_exhaustive(run.dataset, [name])]
        if not asked:
            continue
        images = best_per_image(federated_images(run, targets_of(asked)), DETECTIONS_PER_IMAGE)
        scores = average_precision(images, asked)
        pairs += [
            SourceLabelScore(run.dataset.source, score)
            for score in scores.per_label
            if score.objects
        ]
    return CleanComparison(
        tuple(pairs),
        mean_of(pair.score.ap50 for pair in pairs if pair.score.objects >= MIN_OBJECTS),
        mean_of(pair.score.ap50 for pair in pairs),
    )


def pooled_scores(runs: Iterable[DetectionRun], names: Sequence[str]) -> CocoScores:
    """Return federated scores over the pooled images of all sources.

    Each image is limited to 100 detections.

    With `NEW_WORDS`, `ap50` is the "new words" number.
    """
    pool = [image for run in runs for image in federated_images(run, targets_of(names))]
    return average_precision(best_per_image(pool, DETECTIONS_PER_IMAGE), names)


def fixed_ap(runs: Sequence[DetectionRun]) -> CocoScores:
    """Return fixed AP over the federated vocabulary: 10,000 detections a label, any per image."""
    names = tuple(dict.fromkeys(name for run in runs for name in run.names))
    pool = [image for run in runs for image in federated_images(run, targets_of(names))]
    return average_precision(best_per_label(pool, FIXED_AP_DETECTIONS), names)


def hold_out(
    run: DetectionRun,
    novel: Sequence[str] = OV_COCO_NOVEL,
    base: Sequence[str] = OV_COCO_BASE,
) -> HoldOut:
    """Return AP50 on names kept from training, with the names of both lists competing.

    Args:
        run: Detections of a detector that was trained without `novel`.
        novel: Names that were removed.
        base: Names that it was trained with.

    Raises:
        DatasetError: If either list has no labelled object.
    """
    names = (*base, *novel)
    images = best_per_image(federated_images(run, targets_of(names)), DETECTIONS_PER_IMAGE)
    scores = average_precision(images, names)
    removed = scores.per_label[len(base) :]
    return HoldOut(
        novel_ap50=mean_of(score.ap50 for score in removed),
        base_ap50=mean_of(score.ap50 for score in scores.per_label[: len(base)]),
        all_ap50=scores.ap50,
        novel=removed,
    )


def count_error(
    runs: Iterable[DetectionRun], min_score: float, names: Collection[str]
) -> CountError:
    """Compare counts at a threshold with the labels, where names are labelled exhaustively.

    Images with a crowd or with an ignored box of the label have no true count and are left out.

    Raises:
        ValueError: If nothing can be compared.
    """
    errors = []
    for run in runs:
        asked = [name for name in run.names if name in names and is_exhaustive(run.dataset, [name])]
        for image in federated_images(run, targets_of(asked)):
            errors += [
                _counted(image.detections, label, min_score) - labelled
                for label, labelled in _true_counts(image, asked).items()
            ]
    if not errors:
        raise ValueError("no image and label to compare counts on")
    error = np.array(errors, dtype=np.float64)
    return CountError(
        float(np.abs(error).mean()),
        float(np.sqrt(np.square(error).mean())),
        float(error.mean()),
        len(error),
    )


def false_counts(frames: Sequence[Detections], labels: Sequence[str]) -> FalseCounts:
    """Count the detections of objects that a clip does not show.

    Args:
        frames: Detections of each frame at the threshold that counting uses.
        labels: Names known to be absent; a label that was not queried counts as 0.

    Raises:
        ValueError: If there is no frame or no label.
    """
    if not frames or not labels:
        raise ValueError(f"false counts need frames and labels, got {len(frames)}, {len(labels)}")
    per_frame = {
        label: sum(_counted(found, label, 0.0) for found in frames) / len(frames)
        for label in labels
    }
    worst_first = dict(sorted(per_frame.items(), key=lambda item: -item[1]))
    return FalseCounts(float(np.mean(list(per_frame.values()))), worst_first)


def _counted(found: Detections, label: str, min_score: float) -> int:
    if label not in found.labels:
        return 0
    of_label = found.label_id == found.labels.index(label)
    return int((of_label & (found.score >= min_score)).sum())


def _true_counts(image: ScoredImage, names: Sequence[str]) -> dict[str, int]:
    uncertain = {box.label for box in image.truth if box.role is not Role.OBJECT}
    counts = {name: 0 for name in names if name not in uncertain}
    for box in image.truth:
        if box.label in counts:
            counts[box.label] += 1
    return counts
