"""Measure cost and gain of tiles on small objects, all in one run, as Markdown.

Example: python -m bench.tiling --data DATA --tiles none 2x2 auto

DATA is laid out as for `bench.accuracy`. Images of data sets do not follow each other, so `auto`
looks at all of their tiles there; in the clip it looks at those in which something changed.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.accuracy import COCO_SOURCE, PERSON, load_data, print_table
from bench.second_round import match
from ovd.bootstrap import build_detector
from ovd.datasets.coco import CocoDataset
from ovd.datasets.mot import TruthFrame, load_truth
from ovd.detection.tiling.choice import tile_camera, tile_images
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.frame import Frame, Image
from ovd.domain.ports import Detector, DetectorInfo, SourceOptions
from ovd.domain.query import Query, Vocabulary
from ovd.evaluation.detection import detect_dataset, score_run
from ovd.evaluation.paraphrase import LiteralReader
from ovd.settings import load_settings
from ovd.video import open_source

SOURCES = (COCO_SOURCE, "campus_person")
SAME_IOU = 0.5


class CountingDetector:
    """Counts the views that a detector is shown, and the time it takes."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.views: list[int] = []
        self.seconds: list[float] = []

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector."""
        return self._detector.info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts as the inner detector does."""
        return self._detector.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects as the inner detector does."""
        started = time.perf_counter()
        found = self._detector.detect(images, vocabulary)
        self.seconds.append(time.perf_counter() - started)
        self.views.append(len(images))
        return found


@dataclass
class FarScore:
    """Persons in the upper half of a clip at the shipped threshold.

    Attributes:
        hits: Pairs of a found box and a person.
        found: Boxes that were found.
        there: Persons that were there.
        doubles: Further boxes on a person that was found.
        errors: Differences of the counts of whole frames.
    """

    hits: int = 0
    found: int = 0
    there: int = 0
    doubles: int = 0
    errors: list[int] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Return the F1 of the boxes at IoU .5."""
        return 2 * self.hits / max(self.found + self.there, 1)

    def add(self, persons: Detections, truth: TruthFrame, middle: float) -> None:
        """Compare what was found in one frame."""
        _, kept, total = match(persons, truth)
        self.errors.append(abs(kept - total))
        far, true = persons.where(_is_far(persons.xyxy, middle)), _is_far(truth.xyxy, middle)
        part = TruthFrame(truth.xyxy[true], truth.object_id[true], truth.counts[true])
        hits, kept, total = match(far, part)
        self.hits, self.found, self.there = self.hits + hits, self.found + kept, self.there + total
        on = (pairwise_iou(persons.xyxy, truth.xyxy) >= SAME_IOU).sum(axis=0)
        self.doubles += int(np.clip(on - 1, 0, None).sum())


def _is_far(xyxy: NDArray[np.float32], middle: float) -> NDArray[np.bool_]:
    far: NDArray[np.bool_] = xyxy[:, 3] < middle
    return far


def measure_images(detector: Detector, data: CocoDataset, tiles: str) -> tuple[float | None, ...]:
    """Return AP, AP50, AP small, median ms and views an image of one data set."""
    counted = CountingDetector(detector)
    tiled = tile_images(counted, tiles)
    run = detect_dataset(tiled, LiteralReader(tiled), data, data.names)
    scores = score_run(run)
    ms = 1000 * statistics.median(counted.seconds)
    return scores.ap, scores.ap50, scores.ap_small, ms, statistics.fmean(counted.views)


def measure_clip(detector: Detector, clip: str, truth: Path, tiles: str) -> tuple[float, ...]:
    """Return what `main` prints of the clip's far half, counted at 5 frames a second."""
    counted = CountingDetector(detector)
    make = tile_camera(tiles)
    camera = make(counted) if make else counted
    vocabulary = detector.encode([LiteralReader(detector).read(PERSON)])
    labelled = load_truth(truth, 0)
    score = FarScore()
    source = open_source(clip, "clip", SourceOptions(sample_fps=5))
    for item in source:
        if not isinstance(item, Frame):
            continue
        found = camera.detect([item.image], vocabulary)[0]
        if item.index in labelled:
            score.add(found, labelled[item.index], item.image.shape[0] / 2)
    source.close()
    recall = score.hits / max(score.there, 1)
    errors = statistics.fmean(score.errors)
    ms = 1000 * statistics.median(counted.seconds)
    return score.f1, recall, score.doubles, errors, ms, statistics.fmean(counted.views)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tiles", nargs="+", default=["none", "2x2", "auto"])
    parser.add_argument("--clip", default="samples/pedestrians.mp4")
    parser.add_argument("--truth", type=Path, default=Path("samples/pedestrians.truth.csv"))
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    detector = build_detector(load_settings())
    head = ("tiles", "AP", "AP50", "AP small", "ms", "views")
    for data in load_data(arguments.data, arguments.limit):
        if data.source in SOURCES:
            rows = [(tiles, *measure_images(detector, data, tiles)) for tiles in arguments.tiles]
            print_table(f"{data.source}, {len(data.images)} images", head, rows)
    far = [
        (tiles, *measure_clip(detector, arguments.clip, arguments.truth, tiles))
        for tiles in arguments.tiles
    ]
    columns = ("tiles", "far F1", "far recall", "doubles", "count MAE", "ms", "views")
    print_table("clip at 5 frames a second, labelled frames", columns, far)


if __name__ == "__main__":
    main()
