import torch

from ovd.training.student.assign import PredictedBoxes, assign_by_predictions

POINTS = torch.tensor([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])
BOX = [[2.0, 2.0, 14.0, 14.0]]


def assign(boxes, predicted, logits, match):
    predicted = PredictedBoxes(torch.tensor(predicted), torch.tensor(logits))
    point, box = assign_by_predictions(POINTS, predicted, torch.tensor(boxes), torch.tensor(match))
    return list(zip(point.tolist(), box.tolist(), strict=True))


def test_only_points_inside_a_box_learn_it():
    pairs = assign(BOX, BOX * 4, [[0.0]] * 4, [[True]])

    assert pairs == [(3, 0)]


def test_a_box_without_a_point_takes_the_nearest():
    pairs = assign([[5.0, 1.0, 7.0, 2.0]], BOX * 4, [[0.0]] * 4, [[True]])

    assert pairs == [(1, 0)]


def test_a_point_goes_to_the_box_it_predicts_better():
    near, far = [6.0, 6.0, 10.0, 10.0], [4.0, 4.0, 30.0, 30.0]

    pairs = assign([far, near], [near] * 4, [[0.0, 0.0]] * 4, [[True, False], [False, True]])

    assert pairs == [(3, 1)]


def test_the_surer_of_two_equal_points_learns_a_small_share():
    box = [-1.0, -1.0, 9.0, 1.0]
    predicted = [[-1.0, -1.0, 5.0, 1.0]] * 4

    pairs = assign([box], predicted, [[-3.0], [0.5], [0.0], [0.0]], [[True]])

    assert pairs == [(1, 0)]


def test_no_box_teaches_nothing():
    none = torch.zeros((0, 4)), torch.zeros((0, 1), dtype=torch.bool)

    point, box = assign_by_predictions(
        POINTS, PredictedBoxes(torch.zeros(4, 4), torch.zeros(4, 1)), *none
    )

    assert len(point) == len(box) == 0
