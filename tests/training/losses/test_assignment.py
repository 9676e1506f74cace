import torch

from ovd.model.ovdense import make_points
from ovd.training.losses.assignment import Assignment, PointGrid, assign_many, assign_single

GRID = PointGrid(*make_points((128, 128)))


def assign(*boxes, image=None):
    xyxy = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    image = torch.zeros(len(xyxy), dtype=torch.int64) if image is None else torch.tensor(image)
    return assign_many(GRID, xyxy, image)


def strides_of(pairs, box):
    return set(GRID.strides[pairs.point[pairs.box == box]].tolist())


def test_small_boxes_go_to_fine_levels_and_large_ones_to_coarse():
    pairs = assign((20, 20, 50, 50), (0, 0, 128, 128))

    assert strides_of(pairs, 0) == {8.0}
    assert 8.0 not in strides_of(pairs, 1)


def test_points_of_a_box_lie_inside_it():
    pairs = assign((20, 20, 60, 70))

    points = GRID.points[pairs.point]
    assert len(points) > 1
    assert (points > torch.tensor([20, 20])).all()
    assert (points < torch.tensor([60, 70])).all()


def test_box_between_the_points_has_one_assigned():
    pairs = assign((9, 9, 14, 14))

    assert len(pairs) == 1
    assert strides_of(pairs, 0) == {8.0}


def test_point_of_two_boxes_is_assigned_to_one():
    pairs = assign((20, 20, 50, 50), (22, 22, 52, 52), (18, 20, 49, 52))

    assert len(pairs.point.unique()) == len(pairs)
    assert set(pairs.box.tolist()) == {0, 1, 2}


def test_same_box_in_two_images_gets_the_same_points():
    pairs = assign((20, 20, 50, 50), (20, 20, 50, 50), image=[0, 1])

    points = [sorted(pairs.point[pairs.image == i].tolist()) for i in (0, 1)]
    assert points[0] == points[1]
    assert len(points[0]) > 1


def test_no_boxes_give_no_pairs():
    assert len(assign()) == 0


def test_single_assignment_keeps_the_best_aligned_point_of_each_box():
    pairs = Assignment(
        torch.tensor([0, 0, 0, 1]), torch.tensor([3, 4, 5, 3]), torch.tensor([0, 0, 1, 2])
    )

    single = assign_single(pairs, torch.tensor([0.1, 0.9, 0.2, 0.3]))

    assert sorted(zip(single.point.tolist(), single.box.tolist(), strict=True)) == [
        (3, 2),
        (4, 0),
        (5, 1),
    ]


def test_level_slices_cover_all_points_in_order():
    slices = GRID.level_slices()

    assert [s.start for s in slices] == [0, 256, 320, 336]
    assert slices[-1].stop == len(GRID.points)
