from pathlib import Path

import numpy as np
import pytest

from ovd.datasets.coco import CocoBox, CocoImage
from ovd.detection.relation_model import FEATURES, load_relation_models, pair_belief
from ovd.domain.detections import Detections
from ovd.training.relations.examples import collect_labelled_pairs, collect_pairs
from ovd.training.relations.fit import best_logit, fit_logistic, write_parameters
from ovd.training.relations.ownership import owners
from ovd.training.relations.training import fit_families, pick_images

PERSON, OTHER = (100.0, 50.0, 160.0, 250.0), (300.0, 50.0, 360.0, 250.0)
HELMET = (115.0, 48.0, 145.0, 80.0)


def make_image(*boxes):
    return CocoImage(
        1,
        "a.jpg",
        Path("a.jpg"),
        (400, 600),
        tuple(CocoBox(i, box, name) for i, (name, box) in enumerate(boxes)),
    )


def as_array(*boxes):
    return np.array(boxes, dtype=np.float32)


def test_a_helmet_belongs_to_the_person_it_lies_on():
    assert owners("head", as_array(OTHER, PERSON), as_array(HELMET)).tolist() == [1]


def test_a_helmet_that_two_may_own_teaches_nothing():
    twin = (98.0, 50.0, 162.0, 251.0)

    assert owners("head", as_array(PERSON, twin), as_array(HELMET)).tolist() == [-2]


def test_a_helmet_on_the_ground_belongs_to_nobody():
    on_ground = as_array((500.0, 230.0, 530.0, 250.0))

    assert owners("head", as_array(PERSON), on_ground).tolist() == [-1]


def test_pairs_are_collected_from_labels_and_from_what_was_found():
    image = make_image(("person", PERSON), ("person", OTHER), ("safety helmet", HELMET))
    labels = ("person", "safety helmet")
    found = Detections(
        as_array(PERSON, OTHER, HELMET), np.full(3, 0.9, dtype=np.float32),
        np.array([0, 0, 1]), labels,
    )  # fmt: skip

    labelled = collect_labelled_pairs([image], ("head",))["head"]
    seen = collect_pairs([(image, found)], ("head",))["head"]

    assert np.concatenate(labelled.belongs).sum() == 1
    assert (np.concatenate(seen.belongs).sum(), seen.owners, seen.owners_missed) == (1, 1, 0)


def test_regression_finds_what_made_the_labels():
    rng = np.random.default_rng(0)
    x = np.stack([np.ones(4000), rng.normal(size=4000), rng.normal(size=4000)], axis=1)
    p = 1 / (1 + np.exp(-(x @ [0.5, 2.0, -1.0])))

    weights = fit_logistic(x, rng.random(4000) < p)

    assert weights == pytest.approx([0.5, 2.0, -1.0], abs=0.2)


def test_the_best_logit_takes_what_is_right_and_leaves_what_is_not():
    logits = np.array([-1.0, -1.2, -3.0, -4.0])

    assert best_logit(logits, np.array([True, True, False, False])) == -1.2


def test_only_images_with_a_person_and_an_object_are_useful():
    useful = make_image(("person", PERSON), ("safety helmet", HELMET))
    others = (make_image(("person", PERSON)), make_image(("car", OTHER)))

    assert pick_images((useful, *others), 10) == [useful]


def test_fitted_parameters_are_written_as_they_are_read(tmp_path):
    rng = np.random.default_rng(1)
    images, found = [], []
    for _ in range(60):
        x, y = rng.uniform(0, 300), rng.uniform(0, 100)
        person, other = (x, y, x + 60, y + 200), (x + 75, y, x + 135, y + 200)
        helmet = (x + 15, y - 2, x + 45, y + 30)
        image = make_image(("person", person), ("person", other), ("safety helmet", helmet))
        images.append(image)
        boxes = as_array(person, other, helmet)
        score = np.full(3, 0.8, dtype=np.float32)
        labels = ("person", "safety helmet")
        found.append((image, Detections(boxes, score, np.array([0, 0, 1]), labels)))
    fitted = fit_families(collect_labelled_pairs(images), collect_pairs(found))
    write_parameters(tmp_path / "relations.toml", fitted)

    assert set(fitted) == {"head"}
    text = (tmp_path / "relations.toml").read_text(encoding="utf-8")
    assert all(f"{name} = " in text for name in FEATURES)


def test_the_shipped_models_tell_a_worn_helmet_from_one_beside_the_person():
    model = load_relation_models().families["head"]
    beside = (190.0, 220.0, 220.0, 250.0)

    belief = pair_belief(
        model, as_array(PERSON), as_array(HELMET, beside), np.full(2, 0.8, dtype=np.float32)
    )

    assert belief[0, 0] > 0.6
    assert belief[0, 1] < 0.2
