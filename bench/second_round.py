"""Measure two sets of weights by the table of the second training round, in one run, as Markdown.

Example: python -m bench.second_round now=weights next=scratch/run/detector --data DATA

DATA is laid out as for `bench.accuracy`. Each image is processed once, for the names of its own
source; scores below `--least` are left out, alike for all, because sorting them takes longer than
finding them.
"""

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.accuracy import (
    COCO_SOURCE,
    PERSON,
    Measure,
    coco_rows,
    load_data,
    print_measures,
    print_table,
)
from ovd.bootstrap import build_detector
from ovd.datasets.coco import CocoDataset
from ovd.datasets.mot import TruthFrame, load_truth
from ovd.datasets.name_lists import CLEAN_NAMES, NEW_WORDS
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.frame import Frame
from ovd.domain.ports import Detector, SourceOptions
from ovd.evaluation import detection
from ovd.evaluation.coco_metrics import CocoScores
from ovd.evaluation.detection import DetectionRun, detect_dataset, score_run
from ovd.evaluation.paraphrase import LiteralReader, load_wording
from ovd.evaluation.protocols import (
    CleanComparison,
    CountError,
    compare_clean,
    count_error,
    false_counts,
    fixed_ap,
    pooled_scores,
    source_scores,
)
from ovd.settings import load_settings
from ovd.video import open_source

SECOND_NAMES = (
    "license plate", "forklift", "pallet", "conveyor belt", "trash can", "overflowing trash can",
    "garbage", "bare head", "lamp", "window", "table",
)  # fmt: skip
SAME_IOU = 0.5


@dataclass(frozen=True)
class ClipScore:
    """Hold how persons of labelled frames are found at the detector's own threshold.

    Attributes:
        f1: Of boxes at IoU .5.
        precision: Share of found boxes that are persons.
        recall: Share of persons that are found.
        mae: Mean absolute error of the count per frame.
        false_per_frame: False counts per frame and absent query.
    """

    f1: float
    precision: float
    recall: float
    mae: float
    false_per_frame: float


@dataclass(frozen=True)
class Measured:
    """Hold everything measured of one set of weights."""

    title: str
    coco: CocoScores
    clean: CleanComparison
    new_words: CocoScores
    second: CocoScores
    fixed: CocoScores
    counting: CountError
    false_elsewhere: float
    clip: ClipScore
    sources: dict[str, CocoScores]
    ms: float


def measure(
    title: str, folder: Path, data: Sequence[CocoDataset], clip: tuple[str, Path], absent: list[str]
) -> Measured:
    """Detect in all images and the clip with the weights of a folder."""
    detector = build_detector(load_settings(weights_dir=folder))
    reader = LiteralReader(detector)
    runs = [detect_dataset(detector, reader, item, item.names) for item in data]
    return Measured(
        title,
        coco=score_run(next(run for run in runs if run.dataset.source == COCO_SOURCE)),
        clean=compare_clean(runs),
        new_words=pooled_scores(runs, NEW_WORDS),
        second=pooled_scores(runs, SECOND_NAMES),
        fixed=fixed_ap(runs),
        counting=count_error(runs, detector.info.default_min_score, CLEAN_NAMES),
        false_elsewhere=false_of_absent(runs, detector.info.default_min_score),
        clip=score_clip(detector, *clip, absent),
        sources={run.dataset.source: source_scores(run) for run in runs},
        ms=statistics.median(run.ms_per_image for run in runs if run.ms_per_image is not None),
    )


def false_of_absent(runs: Sequence[DetectionRun], min_score: float) -> float:
    """Count what is found of names that are exhaustively boxed and not there, per such pair."""
    false = pairs = 0
    for run in runs:
        for image, found in zip(run.dataset.images, run.detections, strict=True):
            there = {box.name for box in image.boxes}
            for label_id, label in enumerate(found.labels):
                if label in run.dataset.exhaustive and label not in there:
                    pairs += 1
                    false += int(((found.label_id == label_id) & (found.score >= min_score)).sum())
    return false / max(pairs, 1)


def score_clip(detector: Detector, clip: str, truth: Path, absent: list[str]) -> ClipScore:
    """Score persons, and objects that are not there, in the labelled frames of a clip."""
    reader = LiteralReader(detector)
    vocabulary = detector.encode([reader.read(name) for name in (PERSON, *absent)])
    frames = load_truth(truth, 0)
    source = open_source(clip, "clip", SourceOptions())
    found = {
        item.index: detector.detect([item.image], vocabulary)[0]
        for item in source
        if isinstance(item, Frame) and item.index in frames
    }
    source.close()
    right, seen, there, errors = 0, 0, 0, []
    for index, detections in found.items():
        persons = detections.of_label(0)
        hits, kept, total = match(persons, frames[index])
        right, seen, there = right + hits, seen + kept, there + total
        errors.append(abs(kept - total))
    wrong = false_counts(list(found.values()), absent).per_frame_and_query
    precision, recall = right / max(seen, 1), right / max(there, 1)
    f1 = 2 * right / max(seen + there, 1)
    return ClipScore(f1, precision, recall, statistics.fmean(errors), wrong)


def match(found: Detections, truth: TruthFrame) -> tuple[int, int, int]:
    """Pair boxes, the surest first; those that may be found or not take no part.

    Returns:
        How many pairs there are, how many boxes were found and how many are true.
    """
    true, counts = truth.xyxy, truth.counts
    iou = pairwise_iou(found.xyxy[np.argsort(-found.score)], true)
    free = np.ones(len(true), dtype=np.bool_)
    hits = kept = 0
    for row in iou:
        fitting = np.flatnonzero(free & (row >= SAME_IOU))
        best = fitting[np.argmax(row[fitting])] if len(fitting) else -1
        if best >= 0:
            free[best] = False
        hits += int(best >= 0 and counts[best])
        kept += int(best < 0 or counts[best])
    return hits, kept, int(counts.sum())


def _coco_part(measured: Measured) -> CocoScores:
    return measured.coco


def print_all(measured: Sequence[Measured]) -> None:
    """Print one line per measure and one column per set of weights."""
    rows: list[Measure[Measured]] = [
        *coco_rows(_coco_part),
        ("clean comparison: AP50, pairs of 10+", lambda m: m.clean.mean_ap50),
        ("ten new words: AP50", lambda m: m.new_words.ap50),
        ("names of the new sources: AP50", lambda m: m.second.ap50),
        ("all names, fixed AP", lambda m: m.fixed.ap),
        ("counts: mean absolute error", lambda m: m.counting.mean_absolute),
        ("false counts per absent exhaustive name", lambda m: m.false_elsewhere),
        ("clip: F1 at .5 at the shipped threshold", lambda m: m.clip.f1),
        ("clip: precision", lambda m: m.clip.precision),
        ("clip: recall", lambda m: m.clip.recall),
        ("clip: count per frame, MAE", lambda m: m.clip.mae),
        ("clip: false counts per frame and query", lambda m: m.clip.false_per_frame),
        ("ms per image", lambda m: m.ms),
    ]
    titles = [m.title for m in measured]
    print_measures("Second round", {m.title: m for m in measured}, rows)
    for title, scores in (("New words", "new_words"), ("New sources' names", "second")):
        tables = [{s.label: s.ap50 for s in getattr(m, scores).per_label} for m in measured]
        print_table(title, ("name", *titles), [(n, *(t.get(n) for t in tables)) for n in tables[0]])
    print_table(
        "Sources: federated AP50",
        ("source", *titles),
        [(n, *(m.sources[n].ap50 for m in measured)) for n in measured[0].sources],
    )
    pairs = [{(p.source, p.score.label): p.score for p in m.clean.pairs} for m in measured]
    print_table(
        "Clean comparison",
        ("source", "label", "objects", *titles),
        [(*k, v.objects, *(p[k].ap50 for p in pairs)) for k, v in pairs[0].items()],
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", nargs="+", metavar="TITLE=FOLDER")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clip", default="samples/pedestrians.mp4")
    parser.add_argument("--truth", type=Path, default=Path("samples/pedestrians.truth.csv"))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--least", type=float, default=0.02)
    arguments = parser.parse_args()
    detection.MIN_SCORE = arguments.least
    data = load_data(arguments.data, arguments.limit)
    absent = list(load_wording(arguments.data / "synonyms.json").absent)
    measured = []
    for item in arguments.weights:
        title, _, folder = item.partition("=")
        clip = (arguments.clip, arguments.truth)
        measured.append(measure(title, Path(folder), data, clip, absent))
    images = sum(len(item.images) for item in data)
    print(f"{images} images of {len(data)} sources; scores from {arguments.least}")
    print_all(measured)


if __name__ == "__main__":
    main()
