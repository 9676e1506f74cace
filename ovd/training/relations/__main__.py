"""Fit the models of relations on images with labelled boxes.

Example: python -m ovd.training.relations --images DATA/images
--out ovd/detection/data/relations.toml DATA/annotations/site_train.json
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

import ovd
from ovd.datasets.coco import CocoImage, load_dataset
from ovd.detection.relation_model import PairModel
from ovd.domain.detections import Detections
from ovd.domain.ports import Detector
from ovd.domain.query import Query
from ovd.training.relations.examples import (
    FamilyPairs,
    collect_labelled_pairs,
    collect_pairs,
    count_unseen,
)
from ovd.training.relations.fit import (
    FittedFamily,
    best_logit,
    fit_logistic,
    write_parameters,
)
from ovd.training.relations.ownership import CONTRARY, FAMILIES, PERSON

_MIN_SCORE = 0.1
_LEAST_PAIRS = 25


def main() -> None:
    """Detect in the images, collect pairs, fit and write the parameters."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("annotations", nargs="+", type=Path, help="COCO-format files.")
    parser.add_argument("--images", type=Path, required=True, help="Folder of the images.")
    parser.add_argument("--out", type=Path, required=True, help="File of parameters to write.")
    parser.add_argument("--limit", type=int, default=400, help="Images of each file at most.")
    given = parser.parse_args()
    images = [
        image
        for path in given.annotations
        for image in pick_images(load_dataset(path, given.images).images, given.limit)
    ]
    seen = list(find_in(images, ovd.open_detector()))
    found = collect_pairs(seen)
    labelled = collect_labelled_pairs(
        image for path in given.annotations for image in load_dataset(path, given.images).images
    )
    write_parameters(given.out, with_unseen(fit_families(labelled, found), seen))


def pick_images(images: tuple[CocoImage, ...], limit: int) -> list[CocoImage]:
    """Return at most `limit` images that hold a person and an object of some family."""
    named = {name for names in FAMILIES.values() for name in names}
    useful = [
        image
        for image in images
        if {PERSON} < {box.name for box in image.boxes if box.name in named | {PERSON}}
    ]
    order = np.random.default_rng(0).permutation(len(useful))[:limit]
    return [useful[index] for index in order]


def find_in(images: list[CocoImage], detector: Detector) -> Iterator[tuple[CocoImage, Detections]]:
    """Yield each image with what the detector finds in it."""
    names = (PERSON, *(name for names in FAMILIES.values() for name in names))
    known = [name for name in names if name in detector.info.known_names]
    queries = [Query(name, name, (name,), min_score=_MIN_SCORE) for name in known]
    vocabulary = detector.encode(queries)
    for image in images:
        yield image, detector.detect([ovd.load_image(image.path)], vocabulary)[0]


def with_unseen(
    fitted: dict[str, FittedFamily], seen: list[tuple[CocoImage, Detections]]
) -> dict[str, FittedFamily]:
    """Return the parameters with how likely something is worn where nothing was seen of it."""
    for family, item in fitted.items():
        if family in CONTRARY:
            model = PairModel(item.weights, item.missed)
            worn, bare = count_unseen(seen, family, model)
            fitted[family] = replace(item, unseen=(worn + 1) / (worn + bare + 2))
    return fitted


def fit_families(
    labelled: dict[str, FamilyPairs], found: dict[str, FamilyPairs]
) -> dict[str, FittedFamily]:
    """Return the parameters of every family with enough pairs.

    Place and size are fitted on labelled pairs; how much they and the score of what was found
    count, on found pairs.
    """
    fitted = {}
    for family, item in labelled.items():
        belongs, seen = np.concatenate(item.belongs), np.concatenate(found[family].belongs)
        if min(belongs.sum(), seen.sum()) < _LEAST_PAIRS:
            continue
        geometry = fit_logistic(np.concatenate(item.features)[:, :-1], belongs)
        features = np.concatenate(found[family].features)
        summary = np.stack(
            [np.ones(len(features)), features[:, :-1] @ geometry, features[:, -1]], axis=1
        )
        constant, place, score = fit_logistic(summary, seen)
        weights = np.append(place * geometry, score)
        weights[0] += constant - best_logit(features @ weights + constant, seen)
        missed = (found[family].owners_missed + 0.5) / (found[family].nothing_near + 1.0)
        counts = int(belongs.sum() + seen.sum()), len(belongs) + len(seen)
        fitted[family] = FittedFamily(weights, missed, 0.5, counts)
    return fitted


if __name__ == "__main__":
    main()
