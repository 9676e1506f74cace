import sys

import numpy as np
import pytest

from ovd.domain.detections import Detections
from ovd.errors import InputError, MissingPackageError
from tests.builders import make_detections


def test_of_label_keeps_all_labels():
    found = make_detections((0, 0, 1, 1), (2, 2, 3, 3), labels=("a", "b"), label_id=[0, 1])

    only = found.of_label(1)

    assert len(only) == 1
    assert only.labels == ("a", "b")
    np.testing.assert_array_equal(only.xyxy, [[2, 2, 3, 3]])


def test_none_has_no_detection_but_the_labels():
    assert len(Detections.none(("a",))) == 0
    assert Detections.none(("a",)).labels == ("a",)


def test_detections_refuse_arrays_of_different_length():
    with pytest.raises(ValueError, match="share N"):
        make_detections((0, 0, 1, 1), score=[0.5, 0.6])


@pytest.mark.parametrize("label_id", [-1, 1])
def test_detections_refuse_a_label_id_without_label(label_id):
    with pytest.raises(ValueError, match="must index 1 labels"):
        make_detections((0, 0, 1, 1), label_id=[label_id])


def test_to_hf_gives_the_dictionaries_of_a_pipeline():
    found = make_detections((1, 2, 3, 5), labels=("a", "b"), label_id=[1], score=[0.5])

    box = {"xmin": 1.0, "ymin": 2.0, "xmax": 3.0, "ymax": 5.0}
    assert found.to_hf() == [{"score": 0.5, "label": "b", "box": box}]


def test_to_coco_gives_corner_and_size():
    found = make_detections((1, 2, 3, 5), labels=("a", "b"), label_id=[1], score=[0.5])

    (entry,) = found.to_coco(image_id=7, category_ids={"b": 90})

    assert entry == {"image_id": 7, "category_id": 90, "bbox": [1.0, 2.0, 2.0, 3.0], "score": 0.5}
    assert found.to_coco(image_id=7)[0]["category_id"] == 1


def test_to_coco_refuses_a_found_label_without_category_id():
    with pytest.raises(InputError, match="'person'"):
        make_detections((1, 2, 3, 5)).to_coco(image_id=7, category_ids={"car": 3})


def test_to_supervision_gives_its_detections():
    found = make_detections((1, 2, 3, 5), labels=("a", "b"), label_id=[1], score=[0.5])

    theirs = found.to_supervision()

    np.testing.assert_array_equal(theirs.xyxy, found.xyxy)
    np.testing.assert_array_equal(theirs.confidence, found.score)
    assert theirs.class_id.tolist() == [1]
    assert theirs.data["class_name"].tolist() == ["b"]
    assert len(Detections.none(("a",)).to_supervision()) == 0


def test_to_supervision_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)

    with pytest.raises(MissingPackageError, match="pip install supervision"):
        make_detections((1, 2, 3, 5)).to_supervision()
