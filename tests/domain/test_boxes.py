import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ovd.domain.boxes import clip_xyxy, pairwise_iou, xywh_to_xyxy, xyxy_to_xywh


def make_boxes(*rows: tuple[float, float, float, float]):
    return np.array(rows, dtype=np.float32).reshape(len(rows), 4)


def test_corner_and_size_forms_convert_into_each_other():
    xyxy = make_boxes((1, 2, 4, 8))

    np.testing.assert_array_equal(xyxy_to_xywh(xyxy), [[1, 2, 3, 6]])
    np.testing.assert_array_equal(xywh_to_xyxy(xyxy_to_xywh(xyxy)), xyxy)


def test_clip_keeps_boxes_inside_the_frame():
    clipped = clip_xyxy(make_boxes((-5, -5, 700, 500)), (480, 640))

    np.testing.assert_array_equal(clipped, [[0, 0, 640, 480]])


def test_iou_of_hand_computed_boxes():
    a = make_boxes((0, 0, 2, 2), (0, 0, 0, 0))
    b = make_boxes((0, 0, 2, 2), (1, 0, 3, 2), (5, 5, 6, 6))

    np.testing.assert_allclose(pairwise_iou(a, b), [[1, 1 / 3, 0], [0, 0, 0]], atol=1e-6)


@st.composite
def boxes(draw: st.DrawFn):
    xs = sorted(draw(st.tuples(st.integers(0, 100), st.integers(0, 100))))
    ys = sorted(draw(st.tuples(st.integers(0, 100), st.integers(0, 100))))
    return make_boxes((xs[0], ys[0], xs[1], ys[1]))


@given(boxes(), boxes())
def test_iou_is_symmetric_and_within_bounds(one, other):
    iou = float(pairwise_iou(one, other)[0, 0])

    assert 0.0 <= iou <= 1.0
    assert iou == float(pairwise_iou(other, one)[0, 0])
