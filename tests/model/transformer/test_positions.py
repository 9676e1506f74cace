import torch

from ovd.model.transformer.positions import cell_centres, level_of_cells, sine_positions

SIZES = ((2, 3), (1, 2))


def test_centres_are_those_of_the_cells_row_by_row():
    centres = cell_centres(SIZES, 0.5)

    assert centres.shape == (8, 2)
    torch.testing.assert_close(centres[0], torch.tensor([0.5 / 3, 0.25]))
    torch.testing.assert_close(centres[1], torch.tensor([1.5 / 3, 0.25]))
    torch.testing.assert_close(centres[-1], torch.tensor([0.75, 0.5]))


def test_levels_are_those_of_the_cells():
    assert level_of_cells(SIZES).tolist() == [0] * 6 + [1] * 2


def test_near_places_have_more_alike_positions_than_far_ones():
    positions = sine_positions(torch.tensor([[0.5, 0.5], [0.51, 0.5], [0.8, 0.5]]), 32)

    assert positions.shape == (3, 32)
    near, far = (positions[1:] - positions[0]).norm(dim=1)
    assert near < far


def test_each_coordinate_has_a_part_of_its_own():
    one, other = sine_positions(torch.tensor([[0.2, 0.3, 0.4, 0.5], [0.2, 0.3, 0.9, 0.5]]), 32)

    changed = (one != other).nonzero().flatten()
    assert len(changed) > 0
    assert set(changed.tolist()) <= set(range(16, 24))
