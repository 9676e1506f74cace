import json

import numpy as np
import pytest

from ovd.errors import DatasetError
from ovd.training.teacher.pseudo_labels import PseudoLabels, load_pseudo_labels, merge_pseudo_labels
from tests.training.datasets import BOOK, make_boxes

BOX = (10.0, 10.0, 30.0, 30.0)


def merge(labels, *rows, known=frozenset(), absent=frozenset()):
    pseudo = PseudoLabels(make_boxes(*rows, soft_score=[0.7] * len(rows)), frozenset(absent))
    return merge_pseudo_labels(labels, pseudo, BOOK, frozenset(known), (60, 80))


def test_pseudo_box_of_an_unlabelled_name_is_added_with_its_score():
    boxes, _ = merge(make_boxes(("car", BOX)), ("person", BOX))

    assert boxes.names == ("car", "person")
    np.testing.assert_allclose(boxes.soft_score, [1.0, 0.7])


@pytest.mark.parametrize("name", ["car", "taxi", "vehicle", "van"])
def test_pseudo_box_on_a_label_of_a_related_name_is_dropped(name):
    boxes, _ = merge(make_boxes(("car", BOX)), (name, (11.0, 10.0, 31.0, 30.0)))

    assert boxes.names == ("car",)


def test_pseudo_box_of_a_related_name_elsewhere_is_kept():
    boxes, _ = merge(make_boxes(("car", BOX)), ("car", (40.0, 10.0, 60.0, 30.0)))

    assert boxes.names == ("car", "car")


@pytest.mark.parametrize(
    ("name", "known"),
    [("car", {"car"}), ("taxi", {"car"}), ("vehicle", {"car", "truck"}), ("car", {"vehicle"})],
)
def test_pseudo_box_of_a_name_known_from_the_source_is_dropped(name, known):
    boxes, _ = merge(make_boxes(), (name, BOX), known=known)

    assert len(boxes) == 0


def test_pseudo_box_is_clipped_and_dropped_when_outside():
    boxes, _ = merge(make_boxes(), ("car", (70, 50, 90, 70)), ("car", (90, 10, 99, 20)))

    np.testing.assert_allclose(boxes.xyxy, [[70, 50, 80, 60]])


def test_absent_names_leave_out_known_and_detected_ones():
    _, absent = merge(make_boxes(("person", BOX)), absent={"car", "person", "apple"}, known={"car"})

    assert absent == {"apple"}


def test_load_pseudo_labels_reads_boxes_and_absent_names(tmp_path):
    path = tmp_path / "pseudo.json"
    path.write_text(
        json.dumps({"a/b.jpg": {"boxes": [[1, 2, 3, 4, "car", 0.5]], "absent": ["cat"]}})
    )

    labels = load_pseudo_labels(path)["a/b.jpg"]

    assert labels.boxes.names == ("car",)
    assert labels.boxes.soft_score.tolist() == [0.5]
    assert labels.absent == {"cat"}


@pytest.mark.parametrize(
    "record",
    [[], {"boxes": [[1, 2, 3]]}, {"boxes": [[1, 2, 3, 4, "car", 2.0]]},
     {"boxes": [[3, 2, 1, 4, "car", 0.5]]}, {"boxes": [["a", 2, 1, 4, "car", 0.5]]}],
)  # fmt: skip
def test_load_pseudo_labels_names_the_wrong_record(tmp_path, record):
    path = tmp_path / "pseudo.json"
    path.write_text(json.dumps({"a/b.jpg": record}))

    with pytest.raises(DatasetError, match=r"pseudo\.json: a/b\.jpg"):
        load_pseudo_labels(path)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_load_pseudo_labels_refuses_a_file_that_is_no_object(tmp_path, content):
    path = tmp_path / "pseudo.json"
    path.write_text(content)

    with pytest.raises(DatasetError, match=r"pseudo\.json"):
        load_pseudo_labels(path)
