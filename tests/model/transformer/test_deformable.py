import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ovd.model.transformer.deformable import (
    AttentionShape,
    DeformableAttention,
    SampledPoints,
    count_operations,
    find_corners,
    sample_levels,
    sample_levels_fused,
)

LEVELS = {
    1: ((5, 7),),
    2: ((5, 7), (3, 4)),
    3: ((7, 5), (4, 3), (2, 1)),
    4: ((9, 11), (5, 6), (3, 3), (1, 2)),
}
FORMS = pytest.mark.parametrize("sample", [sample_levels, sample_levels_fused])


def make_case(levels, low=-0.3, high=1.3):
    """Random values and points, some of them outside of the maps, in double precision."""
    generator = torch.Generator().manual_seed(levels)
    sizes = LEVELS[levels]
    tokens = sum(height * width for height, width in sizes)
    values = torch.randn(2, tokens, 2, 3, generator=generator, dtype=torch.float64)
    spread = torch.rand(2, 4, 2, levels, 3, 2, generator=generator, dtype=torch.float64)
    locations = low + (high - low) * spread
    weights = torch.rand(2, 4, 2, levels, 3, generator=generator, dtype=torch.float64)
    return sizes, [x.requires_grad_() for x in (values, locations, weights)]


def read_cell(values, size, row, column):
    height, width = size
    if 0 <= row < height and 0 <= column < width:
        return values[row * width + column]
    return torch.zeros_like(values[0])


def sample_naively(values, sizes, locations, weights, phase=0.5):
    """Read one point after the other."""
    batch, queries, heads, _, points = weights.shape
    rows = []
    for image in range(batch):
        for query in range(queries):
            parts = []
            for head in range(heads):
                total, start = torch.zeros_like(values[0, 0, 0]), 0
                for level, (height, width) in enumerate(sizes):
                    of_level = values[image, start : start + height * width, head]
                    for point in range(points):
                        at = image, query, head, level, point
                        x = locations[at][0] * width - phase
                        y = locations[at][1] * height - phase
                        left, top = math.floor(x.item()), math.floor(y.item())
                        for row, down in ((top, 1 - (y - top)), (top + 1, y - top)):
                            for column, across in ((left, 1 - (x - left)), (left + 1, x - left)):
                                cell = read_cell(of_level, (height, width), row, column)
                                total = total + weights[at] * down * across * cell
                    start += height * width
                parts.append(total)
            rows.append(torch.cat(parts))
    return torch.stack(rows).view(batch, queries, -1)


@FORMS
@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_sampling_equals_reading_point_by_point_with_its_gradient(sample, levels):
    sizes, inputs = make_case(levels)
    values, locations, weights = inputs

    found = sample(values, sizes, SampledPoints(locations, weights))
    wanted = sample_naively(values, sizes, locations, weights)

    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    probe = torch.randn_like(wanted)
    got = torch.autograd.grad((found * probe).sum(), inputs)
    expected = torch.autograd.grad((wanted * probe).sum(), inputs)
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


@FORMS
@pytest.mark.parametrize("edge", [0.0, 1.0, -1e-3, 1 + 1e-3])
def test_borders_fade_into_zeros(sample, edge):
    sizes, (values, locations, weights) = make_case(2)
    locations = torch.full_like(locations, edge)

    found = sample(values, sizes, SampledPoints(locations, weights))

    wanted = sample_naively(values, sizes, locations, weights)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


@FORMS
def test_phase_moves_the_centres_of_cells(sample):
    sizes, (values, locations, weights) = make_case(3)

    found = sample(values, sizes, SampledPoints(locations, weights), 0.9)

    wanted = sample_naively(values, sizes, locations, weights, 0.9)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_shares_of_the_cells_around_a_point_add_up_to_its_weight():
    sizes, (_, locations, weights) = make_case(4, low=0.4, high=0.6)
    inside = SampledPoints(locations[:, :, :, :2], weights[:, :, :, :2])

    cells, shares = find_corners(sizes[:2], inside)

    assert cells.max() < 9 * 11 + 5 * 6
    torch.testing.assert_close(shares.sum(-1), inside.weights.sum((-1, -2)))


@pytest.mark.parametrize("boxes", [False, True])
def test_attention_starts_around_its_reference(boxes):
    attention = DeformableAttention(AttentionShape(width=8, heads=2, levels=2, points=2))
    references = torch.tensor([[[0.5, 0.5, 0.4, 0.2] if boxes else [0.5, 0.5]]])

    read = attention.choose_points(torch.randn(1, 1, 8), references, ((4, 4), (2, 2)))

    torch.testing.assert_close(read.weights.sum((-1, -2)), torch.ones(1, 1, 2))
    right, left = read.locations[0, 0, :, 0, 1]
    reach = 0.2 if boxes else 0.5
    torch.testing.assert_close(right, torch.tensor([0.5 + reach, 0.5]))
    torch.testing.assert_close(left, torch.tensor([0.5 - reach, 0.5]))


def test_operations_are_those_of_the_stated_formula():
    shape = AttentionShape(width=16, heads=4, levels=2, points=3)
    attention = DeformableAttention(shape)
    sizes = ((6, 5), (3, 2))
    tokens, queries = torch.randn(1, 36, 16), torch.randn(1, 7, 16)

    with FlopCounterMode(display=False) as counter:
        attention(queries, torch.rand(1, 7, 2), tokens, sizes)

    linear = counter.get_total_flops() // 2
    corners = 7 * 4 * 2 * 3 * 4 * (16 // 4)
    weighted = 7 * 4 * 2 * 3 * (16 // 4)
    assert count_operations(shape, queries=7, tokens=36) == linear + corners + weighted


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="3 heads do not divide a width of 8"):
        AttentionShape(width=8, heads=3)
