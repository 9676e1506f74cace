import numpy as np
import torch

from ovd.domain import boxes as numpy_boxes
from ovd.model.box_ops import (
    box_area,
    cxcywh_to_xyxy,
    paired_giou,
    pairwise_iou,
    xyxy_to_cxcywh,
)


def random_boxes(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 50, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(1, 40, (count, 2))], 1).astype(np.float32)


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
