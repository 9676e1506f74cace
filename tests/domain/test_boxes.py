import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ovd.domain.boxes import clip_xyxy, nms, pairwise_iou, vote, xywh_to_xyxy, xyxy_to_xywh


def make_boxes(*rows: tuple[float, float, float, float]):
    return np.array(rows, dtype=np.float32).reshape(len(rows), 4)


def random_boxes(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 50, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(1, 40, (count, 2))], 1).astype(np.float32)


def slow_nms(xyxy, score, group, max_iou):
    kept = []
    for index in np.argsort(-score, kind="stable"):
        box = xyxy[index : index + 1]
        rivals = [k for k in kept if group[k] == group[index]]
        if all(pairwise_iou(xyxy[k : k + 1], box)[0, 0] <= max_iou for k in rivals):
            kept.append(index)
    return kept


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


def test_nms_keeps_the_better_of_two_overlapping_boxes():
    xyxy = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10]], dtype=np.float32)

    kept = nms(xyxy, np.array([0.3, 0.9, 0.5], np.float32), np.zeros(3, np.int64), 0.5)

    assert kept.tolist() == [1, 2]


def test_nms_never_suppresses_across_groups():
    xyxy = np.array([[0, 0, 10, 10], [0, 0, 10, 10]], dtype=np.float32)

    kept = nms(xyxy, np.array([0.3, 0.9], np.float32), np.array([0, 1], np.int64), 0.5)

    assert kept.tolist() == [1, 0]


def test_nms_of_no_boxes_keeps_none():
    none = np.zeros((0, 4), np.float32)

    assert nms(none, np.zeros(0, np.float32), np.zeros(0, np.int64), 0.5).tolist() == []


@given(
    seed=st.integers(0, 1000),
    group=arrays(np.int64, st.integers(1, 25), elements=st.integers(0, 3)),
    max_iou=st.sampled_from([0.0, 0.3, 0.7]),
)
def test_nms_agrees_with_the_plain_definition(seed, group, max_iou):
    xyxy = random_boxes(len(group), seed)
    score = np.random.default_rng(seed).choice([0.1, 0.5, 0.9], len(group)).astype(np.float32)

    assert nms(xyxy, score, group, max_iou).tolist() == slow_nms(xyxy, score, group, max_iou)


def test_vote_places_a_box_between_those_that_agree_by_score_and_overlap():
    xyxy = np.array([[0, 0, 10, 10], [0, 0, 10, 8], [0, 0, 10, 4]], dtype=np.float32)
    score = np.array([0.75, 0.25, 0.9], np.float32)

    placed = vote(xyxy, score, np.zeros(3, np.int64), np.array([0]), 0.75)

    bottom = (0.75 * 10 + 0.25 * 0.8 * 8) / (0.75 + 0.25 * 0.8)
    np.testing.assert_allclose(placed, [[0, 0, 10, bottom]], rtol=1e-6)


def test_vote_counts_boxes_of_the_same_group_only():
    xyxy = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 8]], dtype=np.float32)
    group = np.array([1, 0, 0])

    placed = vote(xyxy, np.full(3, 0.5, np.float32), group, np.array([1, 0]), 0.7)

    np.testing.assert_allclose(placed[1], [0, 0, 10, 10])
    assert 8 < placed[0, 3] < 9


def test_vote_leaves_a_lone_box_in_place_whatever_its_score():
    xyxy = np.array([[1, 2, 3, 4]], dtype=np.float32)

    placed = vote(xyxy, np.zeros(1, np.float32), np.zeros(1, np.int64), np.array([0]), 0.7)

    np.testing.assert_allclose(placed, xyxy)


def test_vote_of_no_boxes_places_none():
    none, no_group = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)

    assert vote(none, np.zeros(0, np.float32), no_group, no_group, 0.7).shape == (0, 4)
