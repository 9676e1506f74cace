import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ovd.domain import boxes as numpy_boxes
from ovd.model.box_ops import (
    box_area,
    cxcywh_to_xyxy,
    nms,
    paired_giou,
    pairwise_iou,
    vote,
    xyxy_to_cxcywh,
)


def random_boxes(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 50, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(1, 40, (count, 2))], 1).astype(np.float32)


def slow_nms(xyxy, score, group, max_iou):
    kept = []
    for index in np.argsort(-score, kind="stable"):
        box = xyxy[index : index + 1]
        rivals = [k for k in kept if group[k] == group[index]]
        if all(numpy_boxes.pairwise_iou(xyxy[k : k + 1], box)[0, 0] <= max_iou for k in rivals):
            kept.append(index)
    return kept


def test_corner_and_centre_boxes_convert_back_and_forth():
    boxes = torch.from_numpy(random_boxes(5, 0)).reshape(1, 5, 4)

    torch.testing.assert_close(cxcywh_to_xyxy(xyxy_to_cxcywh(boxes)), boxes)


def test_centre_box_becomes_corners():
    assert cxcywh_to_xyxy(torch.tensor([10.0, 20.0, 4.0, 6.0])).tolist() == [8.0, 17.0, 12.0, 23.0]


def test_area_of_an_inverted_box_is_zero():
    assert box_area(torch.tensor([[5.0, 5.0, 3.0, 9.0], [0.0, 0.0, 2.0, 3.0]])).tolist() == [0, 6]


def test_pairwise_iou_agrees_with_its_numpy_twin():
    a, b = random_boxes(6, 1), random_boxes(4, 2)

    got = pairwise_iou(torch.from_numpy(a), torch.from_numpy(b))

    np.testing.assert_allclose(got.numpy(), numpy_boxes.pairwise_iou(a, b), rtol=1e-5)


def test_pairwise_iou_of_empty_boxes_is_zero():
    empty = torch.zeros(1, 4)

    assert pairwise_iou(empty, empty).item() == 0.0


def test_giou_of_equal_boxes_is_one_and_of_distant_ones_negative():
    a = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]])
    b = torch.tensor([[0.0, 0.0, 2.0, 2.0], [3.0, 0.0, 4.0, 1.0]])

    torch.testing.assert_close(paired_giou(a, b), torch.tensor([1.0, -0.5]))


def test_giou_of_distant_boxes_has_a_gradient():
    a = torch.tensor([[0.0, 0.0, 1.0, 1.0]], requires_grad=True)

    paired_giou(a, torch.tensor([[3.0, 0.0, 4.0, 1.0]])).sum().backward()

    assert a.grad is not None
    assert a.grad.abs().sum() > 0


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
