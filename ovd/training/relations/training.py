"""Fitting of the models of relations on images with labelled boxes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

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
from ovd.video.images import load_image

_MIN_SCORE = 0.1
_LEAST_PAIRS = 25


def train_relations(
    annotations: Sequence[Path], images_dir: Path, out: Path, detector: Detector, limit: int = 400
) -> None:
    """Detect in the images, collect pairs, fit, and write the parameters.

    Args:
        annotations: COCO-format files.
        images_dir: Folder of their images.
        out: File of parameters to write; `ovd/detection/data/relations.toml` ships.
        detector: Finds persons and objects.
        limit: Images of each file at most in which the detector looks.

    Raises:
        DatasetError: If a file cannot be read.
    """
    datasets = [load_dataset(path, images_dir) for path in annotations]
    images = [image for dataset in datasets for image in pick_images(dataset.images, limit)]
    seen = list(find_in(images, detector))
    labelled = collect_labelled_pairs(image for dataset in datasets for image in dataset.images)
    fitted = fit_families(labelled, collect_pairs(seen))
    write_parameters(out, with_unseen(fitted, seen))


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
        yield image, detector.detect([load_image(image.path)], vocabulary)[0]


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
        if not item.belongs or not found[family].belongs:
            continue
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
