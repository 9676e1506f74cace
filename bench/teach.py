"""Measure teaching by example: names that the weights have not learned, as Markdown.

Example: python -m bench.teach DATA --cache scratch/teach --draws 10 --counts 1,3,5,10,20

DATA is laid out as for `bench.accuracy`. For each name and number of examples, boxes are drawn on
images of different scenes; the name is tested on images of other scenes (recall at IoU .5), and on
images without the thing (share of images with anything found), all at the default threshold.
Names that the weights know are left out, and printed. Regions of images are computed once per
network and kept; the rest is numpy.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.region_cache import LabelledImage, RegionCache, load_sources
from ovd.bootstrap import load_region_bank
from ovd.detection.taught.bank import Whitening
from ovd.detection.taught.detector import TEXT_FALSE_SHARE
from ovd.detection.taught.examples import ExampleImage, find_examples
from ovd.detection.taught.teacher import NameTeacher, TeachConfig
from ovd.detection.taught.thresholds import calibrate_text, logit
from ovd.domain.boxes import nms, pairwise_iou
from ovd.domain.teaching.regions import Regions, RegionVector
from ovd.domain.teaching.taught_names import ExampleKind, TaughtExample, TaughtName
from ovd.errors import OvdError

NAMES = {
    "license plate": ("license_plate_id_train", "license_plate_id_val"),
    "trash can": ("garbage_bin_train", "garbage_bin_val"),
    "garbage": ("garbage_bin_train", "garbage_bin_val"),
    "forklift": (
        "industrial_forklift_train", "industrial_forklift_val",
        "forklift_person_train", "forklift_person_val",
    ),
    "pallet": ("industrial_pallet_train", "industrial_pallet_val"),
    "conveyor belt": ("conveyor_belt_train", "conveyor_belt_val"),
    "lamp": ("furniture_train", "furniture_val"),
    "window": ("furniture_train", "furniture_val"),
}  # fmt: skip
SAME_AS = {"overflowing trash can": "trash can"}
WITHOUT = (
    "coco_val2017_val", "dhaka_traffic_val", "construction_site_safety_val",
    "openimages_vehicle_val", "hard_hat_workers_val", "fire_smoke_cctv_val", "fire_indoor_val",
    "montreal_cctv_val", "highway_cam_atl_val", "campus_person_val",
)  # fmt: skip
# Images of these parts show the thing without a box.
SHOWS = {
    "license plate": ("dhaka_traffic", "openimages_vehicle", "montreal_cctv", "highway"),
    "window": ("coco",),
    "lamp": ("coco",),
}
SAME_IOU, MAX_IOU = 0.5, 0.6
TESTED, WITHOUT_IMAGES = 60, 500
ROUND_IMAGES, ROUND_PROPOSALS, ROUNDS, ROUND_EXAMPLES = 24, 12, 3, 5


@dataclass(eq=False)
class Scores:
    """Recall and share of false images of one name, by number of examples."""

    recall: dict[str, list[float]] = field(default_factory=dict)
    false: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def add(self, key: str, recall: float, false: float) -> None:
        """Add one draw."""
        self.recall.setdefault(key, []).append(recall)
        self.false.setdefault(key, []).append(false)


@dataclass(frozen=True, eq=False)
class Trial:
    """One set of vectors to be tested, and the scenes that it was learned from."""

    key: str
    vectors: tuple[RegionVector, ...]
    scenes: frozenset[str]


@dataclass(frozen=True, eq=False)
class Pool:
    """Images that show a name, with its regions."""

    name: str
    images: list[LabelledImage]
    regions: list[Regions]

    def examples(
        self, index: int, which: Sequence[int], whitening: Whitening
    ) -> tuple[TaughtExample, ...]:
        """Return boxes of one image as examples."""
        image = self.images[index]
        boxes = image.boxes[self.name]
        shown = ExampleImage(
            np.full((1, 1, 3), index % 256, np.uint8),
            tuple(_box(boxes[at], self.regions[index].image_hw) for at in which),
            source=image.scene,
        )
        return find_examples(shown, self.regions[index], whitening)


def _box(xyxy: NDArray[np.float32], image_hw: tuple[int, int]) -> tuple[float, float, float, float]:
    height, width = image_hw
    x0, y0, x1, y1 = np.clip(xyxy, 0, [width, height, width, height]).tolist()
    return (x0, y0, x1, y1)


def draw(
    pool: Pool, count: int, seed: int, whitening: Whitening
) -> tuple[list[TaughtExample], frozenset[str]]:
    """Draw examples from images of different scenes, one box of each."""
    rng = np.random.default_rng(1000 * seed + count)
    examples: list[TaughtExample] = []
    scenes: set[str] = set()
    for index in rng.permutation(len(pool.images)):
        scene = pool.images[index].scene
        if scene in scenes:
            continue
        box = int(rng.integers(len(pool.images[index].boxes[pool.name])))
        try:
            examples += pool.examples(index, [box], whitening)
        except OvdError:
            continue
        scenes.add(scene)
        if len(examples) == count:
            break
    return examples, frozenset(scenes)


def find(
    vectors: Sequence[RegionVector], regions: Regions, floor: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return boxes and logits of what vectors find above a logit, without duplicates."""
    boxes, logits = [], []
    for vector in vectors:
        logit_of = regions.embeds @ vector.vector + np.float32(vector.bias)
        hit = np.flatnonzero(logit_of >= floor)
        xyxy = regions.xyxy[hit]
        xyxy = xyxy + np.array(vector.box_offset, dtype=np.float32) * np.tile(
            xyxy[:, 2:] - xyxy[:, :2], 2
        )
        boxes.append(xyxy)
        logits.append(logit_of[hit])
    xyxy, score = np.concatenate(boxes), np.concatenate(logits)
    best = np.argsort(-score)[:400]
    xyxy, score = xyxy[best], score[best]
    kept = nms(xyxy, score, np.zeros(len(score), np.int64), MAX_IOU)
    return xyxy[kept], score[kept]


def hits(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> int:
    """Return how many wanted boxes are matched by found ones, best first, one each."""
    overlap = pairwise_iou(found, wanted)
    free = np.ones(len(wanted), dtype=np.bool_)
    for row in overlap:
        best = int(np.argmax(np.where(free, row, -1)))
        if free[best] and row[best] >= SAME_IOU:
            free[best] = False
    return int((~free).sum())


def test(
    trials: Sequence[Trial], pool: Pool, without: Sequence[Regions], scores: Scores, floor: float
) -> None:
    """Test every trial on the pool's other scenes and on images without the thing."""
    stacked = np.stack([v.vector for trial in trials for v in trial.vectors]).T
    bias = np.array([v.bias for trial in trials for v in trial.vectors], dtype=np.float32)
    ends = np.cumsum([len(trial.vectors) for trial in trials])[:-1]
    false = np.zeros(len(trials))
    for regions in without:
        best = (regions.embeds @ stacked).max(axis=0) + bias
        false += [part.max() >= floor for part in np.split(best, ends)]
    for at, trial in enumerate(trials):
        order = np.random.default_rng(at).permutation(len(pool.images))
        others = [i for i in order if pool.images[i].scene not in trial.scenes][:TESTED]
        found = total = 0
        for index in others:
            wanted = pool.images[index].boxes[pool.name]
            found += hits(find(trial.vectors, pool.regions[index], floor)[0], wanted)
            total += len(wanted)
        scores.add(trial.key, found / max(total, 1), false[at] / max(len(without), 1))


def confirm_rounds(
    teacher: NameTeacher, pool: Pool, taught: TaughtName, frames: "Frames", floor: float
) -> TaughtName:
    """Teach on, three times, with look-alikes that labels confirm or refuse."""
    for number in range(ROUNDS):
        proposals = teacher.propose(taught, frames.of_round(number), ROUND_PROPOSALS)
        answers = [
            proposal.example(
                ExampleKind.CONFIRMED
                if frames.shows(number, proposal.image, proposal.xyxy, pool.name)
                else ExampleKind.REFUSED
            )
            for proposal in proposals
            if frames.is_clear(number, proposal.image, proposal.xyxy, pool.name)
        ]
        if answers:
            taught = teacher.learn(taught.name, [*taught.examples, *answers], anyway=True)
    return taught


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of a user: some that show the thing and some that do not."""

    images: list[tuple[LabelledImage, Regions]]

    def of_round(self, number: int) -> list[tuple[str, Regions]]:
        """Return sources and regions of the frames of a round."""
        return [(image.path.name, regions) for image, regions in self._of(number)]

    def _of(self, number: int) -> list[tuple[LabelledImage, Regions]]:
        return self.images[number::ROUNDS]

    def _overlap(self, number: int, index: int, xyxy: Sequence[float], name: str) -> float:
        boxes = self._of(number)[index][0].boxes.get(name)
        if boxes is None:
            return 0.0
        return float(pairwise_iou(np.array([xyxy], dtype=np.float32), boxes).max())

    def shows(self, number: int, index: int, xyxy: Sequence[float], name: str) -> bool:
        """Return whether a box shows the thing."""
        return self._overlap(number, index, xyxy, name) >= SAME_IOU

    def is_clear(self, number: int, index: int, xyxy: Sequence[float], name: str) -> bool:
        """Return whether a user could tell: a box that is half on the thing is skipped."""
        overlap = self._overlap(number, index, xyxy, name)
        return overlap >= SAME_IOU or overlap < 0.2


def measure(
    pool: Pool,
    teacher: NameTeacher,
    cache: RegionCache,
    options: argparse.Namespace,
    others: tuple[list[Regions], list[tuple[LabelledImage, Regions]]],
) -> Scores:
    """Run the protocol for one name."""
    scores, floor = Scores(), logit(cache.detector.info.default_min_score)
    bank = teacher.bank
    trials = [Trial("text", (cache.text_vectors([pool.name])[0],), frozenset())]
    calibrated = calibrate_text(
        trials[0].vectors[0], bank, TEXT_FALSE_SHARE, cache.detector.info.default_min_score
    )
    trials.append(Trial("text calibrated", (calibrated,), frozenset()))
    without, background = others
    for count in options.counts:
        for seed in range(options.draws):
            examples, scenes = draw(pool, count, seed, bank.whitening)
            if len(examples) < count:
                continue
            began = time.perf_counter()
            try:
                taught = teacher.learn(pool.name, examples, anyway=True)
            except OvdError:
                scores.refused += 1
                continue
            scores.seconds.append(time.perf_counter() - began)
            trials.append(Trial(str(count), taught.vectors, scenes))
            if count == ROUND_EXAMPLES:
                mates = [
                    i
                    for i in np.random.default_rng(seed).permutation(len(pool.images))
                    if pool.images[i].scene not in scenes
                ]
                frames = Frames(
                    [
                        pair
                        for i, other in zip(
                            mates[:ROUND_IMAGES],
                            background[seed * ROUND_IMAGES :][:ROUND_IMAGES]
                            or background[:ROUND_IMAGES],
                            strict=False,
                        )
                        for pair in ((pool.images[i], pool.regions[i]), other)
                    ]
                )
                again = confirm_rounds(teacher, pool, taught, frames, floor)
                seen = frozenset({image.scene for image, _ in frames.images}) | scenes
                trials.append(Trial("5 + 3 rounds", again.vectors, seen))
    test(trials, pool, without, scores, floor)
    return scores


def print_table(results: dict[str, Scores]) -> None:
    """Print recall and share of false images of every name, and their means."""
    keys = list(dict.fromkeys(key for scores in results.values() for key in scores.recall))
    sys.stdout.write("| name | " + " | ".join(keys) + " |\n|" + " --- |" * (len(keys) + 1) + "\n")
    cells: dict[str, list[tuple[float, float]]] = {key: [] for key in keys}
    for name, scores in results.items():
        row = []
        for key in keys:
            if key not in scores.recall:
                row.append("-")
                continue
            pair = (float(np.mean(scores.recall[key])), float(np.mean(scores.false[key])))
            cells[key].append(pair)
            row.append(f"{pair[0]:.2f} at {pair[1]:.1%}")
        sys.stdout.write(f"| {name} | " + " | ".join(row) + " |\n")
    mean = [
        f"{np.mean([r for r, _ in pairs]):.2f} at {np.mean([f for _, f in pairs]):.1%}"
        for pairs in cells.values()
    ]
    sys.stdout.write("| mean | " + " | ".join(mean) + " |\n")


def load_pool(name: str, data: Path, cache: RegionCache) -> Pool:
    """Load the images that show a name, with their regions."""
    images = [image for image in load_sources(data, NAMES[name], SAME_AS) if name in image.boxes]
    return Pool(name, images, [cache.regions(image) for image in images])


def load_without(data: Path, cache: RegionCache, limit: int) -> list[tuple[LabelledImage, Regions]]:
    """Load images of other sources, shuffled."""
    images = load_sources(data, WITHOUT)
    order = np.random.default_rng(0).permutation(len(images))
    return [(images[i], cache.regions(images[i])) for i in order[:limit]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("scratch/teach"))
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument(
        "--counts", type=lambda text: [int(n) for n in text.split(",")], default=[1, 3, 5, 10, 20]
    )
    parser.add_argument("--names", type=lambda text: text.split(","), default=list(NAMES))
    parser.add_argument("--without", type=int, default=WITHOUT_IMAGES + 150)
    options = parser.parse_args()
    cache = RegionCache(options.cache, options.weights)
    bank = load_region_bank(options.weights, "ovdense")
    teacher = NameTeacher(cache, cache.detector.info, bank, TeachConfig())
    known = [name for name in options.names if name in cache.detector.info.known_names]
    loaded = load_without(options.data, cache, options.without)
    results = {}
    for name in options.names:
        if name in known:
            continue
        shows = SHOWS.get(name, ())
        fitting = (
            [pair for pair in loaded if not pair[0].part.startswith(tuple(shows))]
            if shows
            else loaded
        )
        split = max(len(fitting) - 150, len(fitting) // 2)
        others = ([regions for _, regions in fitting[:split]], fitting[split:])
        results[name] = measure(
            load_pool(name, options.data, cache), teacher, cache, options, others
        )
        print_table({name: results[name]})
        sys.stdout.flush()
    print_table(results)
    seconds = [value for scores in results.values() for value in scores.seconds]
    sys.stdout.write(
        f"\nseconds to learn: mean {np.mean(seconds):.2f}, most {np.max(seconds):.2f}; "
        f"left out as known: {known}\n"
    )


if __name__ == "__main__":
    main()
