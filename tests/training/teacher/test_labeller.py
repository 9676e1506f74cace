import json

import numpy as np
import pytest
import torch

from ovd.datasets.coco import load_dataset
from ovd.errors import ImageError
from ovd.model.predictions import RawPredictions
from ovd.training.teacher.labeller import (
    LabellerConfig,
    Teacher,
    find_pseudo_labels,
    write_pseudo_labels,
)
from ovd.training.teacher.pseudo_labels import load_pseudo_labels
from tests.training.datasets import write_dataset

NAMES = ("car", "dog", "cat")
IMAGE = np.zeros((100, 200, 3), dtype=np.uint8)


class _Config:
    input_size = 32


class FixedNetwork:
    """Sees the same boxes in every view."""

    config = _Config()

    def __init__(self, boxes, scores):
        self._boxes, self._scores = torch.tensor(boxes), torch.tensor(scores)

    def __call__(self, pixels):
        count = len(pixels)
        return RawPredictions(
            torch.logit(self._scores).expand(count, -1, -1), self._boxes.expand(count, -1, -1)
        )


def make_teacher(boxes=((0.25, 0.25, 0.75, 0.75),), scores=((0.9, 0.1, 0.001),)):
    return Teacher(FixedNetwork(boxes, scores), NAMES)


def test_high_scores_become_boxes_and_low_ones_absences():
    record = find_pseudo_labels(IMAGE, make_teacher(), LabellerConfig(tiles=False))

    assert record["absent"] == ["cat"]
    ((x0, y0, x1, y1, name, score),) = record["boxes"]
    assert (x0, y0, x1, y1) == (50, 25, 150, 75)
    assert name == "car"
    assert score == pytest.approx(0.9, abs=0.01)


def test_boxes_of_tiles_are_in_pixels_of_the_image():
    record = find_pseudo_labels(IMAGE, make_teacher(), LabellerConfig(max_iou=0.9))

    assert (30, 15, 90, 45) in {tuple(row[:4]) for row in record["boxes"]}
    assert (110, 55, 170, 85) in {tuple(row[:4]) for row in record["boxes"]}
    assert len(record["boxes"]) == 5


def test_boxes_cut_by_a_tile_are_dropped():
    teacher = make_teacher(boxes=((0.5, 0.5, 1.0, 1.0),))

    record = find_pseudo_labels(IMAGE, teacher, LabellerConfig(max_iou=0.99))

    assert {tuple(row[:4]) for row in record["boxes"]} == {(100, 50, 200, 100), (140, 70, 200, 100)}


def test_duplicates_of_one_name_are_removed():
    boxes = ((0.25, 0.25, 0.75, 0.75), (0.26, 0.25, 0.75, 0.75))
    scores = ((0.9, 0.8, 0.1), (0.7, 0.1, 0.1))

    record = find_pseudo_labels(IMAGE, make_teacher(boxes, scores), LabellerConfig(tiles=False))

    assert [row[4] for row in record["boxes"]] == ["car", "dog"]


def test_file_holds_the_images_that_are_not_labelled_exhaustively(tmp_path):
    row = ("car", [10, 10, 20, 20])
    gate = write_dataset(tmp_path, "gate", {"a.jpg": [row]}, exhaustive_categories=["car"])
    whole = write_dataset(tmp_path, "all", {"b.jpg": [row, ("dog", [1, 1, 9, 9])]})
    datasets = [load_dataset(*gate), load_dataset(*whole)]
    path = tmp_path / "pseudo" / "labels.json"
    teacher = Teacher(make_teacher().network, ("car", "dog", "person"))

    count = write_pseudo_labels(datasets, teacher, path, LabellerConfig(tiles=False))

    assert count == 1
    assert list(load_pseudo_labels(path)) == ["gate/a.jpg"]
    assert json.loads(path.read_text())["gate/a.jpg"]["boxes"][0][4] == "car"


def test_unreadable_image_is_named(tmp_path):
    files = write_dataset(tmp_path, "gate", {"a.jpg": []}, exhaustive_categories=[])
    dataset = load_dataset(*files)
    (tmp_path / "gate" / "a.jpg").write_bytes(b"no image")

    with pytest.raises(ImageError, match=r"a\.jpg"):
        write_pseudo_labels([dataset], make_teacher(), tmp_path / "labels.json", LabellerConfig())
