"""Robustness of a detector's accuracy against words other than its training names."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ovd.datasets.coco import CocoDataset
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.ports import Detector
from ovd.domain.query import Query
from ovd.errors import DatasetError, QueryError
from ovd.evaluation.coco_metrics import (
    LabelScore,
    Role,
    ScoredImage,
    average_precision,
    best_per_label,
    mean_of,
)
from ovd.evaluation.detection import DetectionRun
from ovd.evaluation.federated import Target, federated_images, targets_of
from ovd.evaluation.protocols import FIXED_AP_DETECTIONS
from ovd.text_files import read_text

_SAME_OBJECT_IOU = 0.6
_MERGED_PER_IMAGE = 300


@dataclass(frozen=True)
class Wording:
    """Synonyms and hypernyms of names: `synonyms.json`.

    Attributes:
        synonyms: Name to words of the same meaning.
        hypernyms: Wider word to the names it covers.
        absent: Names of objects that the sample clip does not show.
    """

    synonyms: Mapping[str, tuple[str, ...]]
    hypernyms: Mapping[str, tuple[str, ...]]
    absent: tuple[str, ...]


@dataclass(frozen=True)
class RobustnessRow:
    """The scores of one name, or of one hypernym.

    Attributes:
        name: The name or wider word.
        objects: Boxes to be found.
        reference_ap: AP asking for the name, or for all names of the wider word.
        reference_ap50: AP50 of the same.
        paraphrased: Score of each synonym, or of the wider word.
    """

    name: str
    objects: int
    reference_ap: float
    reference_ap50: float
    paraphrased: tuple[LabelScore, ...]


@dataclass(frozen=True)
class ParaphraseRobustness:
    """Accuracy with other words divided by accuracy with the names; 1 means no loss.

    Attributes:
        ap: Sum over the rows of the mean AP with other words, divided by the sum of reference AP.
        ap50: The same with AP50.
        rows: One entry per name that has objects.
    """

    ap: float
    ap50: float
    rows: tuple[RobustnessRow, ...]


class LiteralReader:
    """Passes every text to the text encoder as typed: no lexicon, no correction.

    It measures the robustness of text encoder and network without the lexicon.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def read(self, text: str, min_score: float | None = None) -> Query:
        """Return a query for exactly this text, unsupported where the detector cannot encode it."""
        score = self._detector.info.default_min_score if min_score is None else min_score
        query = Query(text, text, (text,), min_score=score)
        try:
            self._detector.encode([query])
        except QueryError as error:
            return replace(query, prompts=(), supported=False, note=str(error))
        return query


def load_wording(path: Path) -> Wording:
    """Read `synonyms.json`.

    Raises:
        DatasetError: If the file is missing or not of that form.
    """
    try:
        document = json.loads(read_text(path))
        synonyms = {str(name): _words(words) for name, words in document["synonyms"].items()}
        _require_distinct(synonyms)
        return Wording(
            synonyms,
            {str(word): _words(names) for word, names in document["hypernyms"].items()},
            _words(document["absent"]),
        )
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f'{path} must be a JSON object with "synonyms" and "hypernyms", each of word to list '
            f'of words, and a list "absent": {error}'
        ) from error


def paraphrased_names(dataset: CocoDataset, wording: Wording) -> tuple[str, ...]:
    """Return the names of a dataset, their synonyms and their hypernyms.

    Names without a box in it are left out to save time.
    """
    present = {box.name for item in dataset.images for box in item.boxes}
    names_to_find: dict[str, None] = {}
    for name, words in wording.synonyms.items():
        if name in present:
            names_to_find.update(dict.fromkeys((name, *words)))
    for word, names in wording.hypernyms.items():
        if present & {word, *names}:
            names_to_find.update(dict.fromkeys((word, *names)))
    return tuple(names_to_find)


def synonym_robustness(runs: Sequence[DetectionRun], wording: Wording) -> ParaphraseRobustness:
    """Score each synonym against the boxes of its name, federated, all sources together.

    Args:
        runs: Detections of `paraphrased_names` in each source.
        wording: The synonyms.

    Raises:
        DatasetError: If no name has an object, or none is found by its name.
    """
    labels = tuple(wording.synonyms) + tuple(
        word for words in wording.synonyms.values() for word in words
    )
    targets = targets_of(wording.synonyms) + tuple(
        Target(word, frozenset({name}))
        for name, words in wording.synonyms.items()
        for word in words
    )
    pool = [image for run in runs for image in federated_images(run, targets)]
    scores = {score.label: score for score in _scores(pool, labels)}
    return _robustness(
        [
            _row(name, scores[name], [scores[word] for word in words])
            for name, words in wording.synonyms.items()
            if scores[name].objects
        ]
    )


def hypernym_robustness(runs: Sequence[DetectionRun], wording: Wording) -> ParaphraseRobustness:
    """Score each hypernym against the boxes of all its names.

    The reference asks for every name by itself and merges what is found: of boxes that overlap
    by .6 the best stays.

    Args:
        runs: Detections of `paraphrased_names` in each source.
        wording: The wider words.

    Raises:
        DatasetError: If no wider word has an object, or none is found by its names.
    """
    rows = []
    for word, names in wording.hypernyms.items():
        by_names = f"{word} by its names"
        targets = [Target(label, frozenset({word, *names})) for label in (word, by_names)]
        pool = [
            image
            for run in runs
            for image in federated_images(_with_merged(run, names, by_names), targets)
        ]
        if any(box.role is Role.OBJECT for image in pool for box in image.truth):
            of_word, reference = _scores(pool, (word, by_names))
            rows.append(_row(word, reference, [of_word]))
    return _robustness(rows)


def merge_labels(found: Detections, names: Iterable[str], label: str) -> Detections:
    """Return detections with those of any of `names` merged into one more label.

    They are ordered by score, with one per object.
    """
    wanted = frozenset(names)
    ids = [label_id for label_id, name in enumerate(found.labels) if name in wanted]
    candidates = np.flatnonzero(np.isin(found.label_id, ids))
    candidates = candidates[np.argsort(-found.score[candidates], kind="stable")]
    xyxy = found.xyxy[candidates[:_MERGED_PER_IMAGE]]
    iou = pairwise_iou(xyxy, xyxy)
    kept: list[int] = []
    for index in range(len(xyxy)):
        if not kept or float(iou[index, kept].max()) < _SAME_OBJECT_IOU:
            kept.append(index)
    best = candidates[kept]
    return Detections(
        np.concatenate([found.xyxy, found.xyxy[best]]),
        np.concatenate([found.score, found.score[best]]),
        np.concatenate([found.label_id, np.full(len(best), len(found.labels), dtype=np.int64)]),
        (*found.labels, label),
    )


def _with_merged(run: DetectionRun, names: Iterable[str], label: str) -> DetectionRun:
    merged = tuple(merge_labels(found, names, label) for found in run.detections)
    return replace(run, detections=merged)


def _scores(pool: Sequence[ScoredImage], labels: Sequence[str]) -> tuple[LabelScore, ...]:
    return average_precision(best_per_label(pool, FIXED_AP_DETECTIONS), labels).per_label


def _row(name: str, reference: LabelScore, paraphrased: Sequence[LabelScore]) -> RobustnessRow:
    return RobustnessRow(
        name, reference.objects, _known(reference.ap), _known(reference.ap50), tuple(paraphrased)
    )


def _known(value: float | None) -> float:
    if value is None:
        raise ValueError("a label with objects has a score")
    return value


def _robustness(rows: Sequence[RobustnessRow]) -> ParaphraseRobustness:
    reference, reference50 = (
        sum(row.reference_ap for row in rows),
        sum(row.reference_ap50 for row in rows),
    )
    if not reference50 or not reference:
        raise DatasetError("nothing is found by its own name, so no retention can be stated")
    return ParaphraseRobustness(
        sum(mean_of(score.ap for score in row.paraphrased) for row in rows) / reference,
        sum(mean_of(score.ap50 for score in row.paraphrased) for row in rows) / reference50,
        tuple(rows),
    )


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TypeError(f"wanted a list of words, got {value!r:.60}")
    return tuple(value)


def _require_distinct(synonyms: Mapping[str, tuple[str, ...]]) -> None:
    every = [word for name, words in synonyms.items() for word in (name, *words)]
    repeated = sorted({word for word in every if every.count(word) > 1})
    if repeated:
        raise ValueError(f"a word may stand for one name only; repeated: {', '.join(repeated)}")
