import numpy as np
import pytest

from ovd.domain.detections import Detections
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
