import itertools
import math

import pytest
import torch

from ovd.training.detr.matching import (
    MatchingCosts,
    ScoredBoxes,
    focal_cost,
    match_at_least_cost,
    matching_cost,
)

NONE = MatchingCosts(names=0.0, distance=0.0, giou=0.0)


@pytest.mark.parametrize(("queries", "boxes"), [(1, 1), (3, 3), (5, 3), (3, 5), (6, 4)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_matching_costs_as_little_as_the_best_of_all(queries, boxes, seed):
    cost = torch.randn(queries, boxes, generator=torch.Generator().manual_seed(seed))

    query, box = match_at_least_cost(cost)

    few, many = sorted((queries, boxes))
    square = cost if queries >= boxes else cost.T
    best = min(
        sum(square[row, column].item() for column, row in enumerate(rows))
        for rows in itertools.permutations(range(many), few)
    )
    assert len(set(query.tolist())) == len(set(box.tolist())) == few
    assert cost[query, box].sum().item() == pytest.approx(best, abs=1e-5)


def test_costs_that_are_no_numbers_are_avoided():
    query, box = match_at_least_cost(torch.tensor([[math.nan, 1.0], [5.0, math.inf]]))

    assert (query.tolist(), box.tolist()) == ([0, 1], [1, 0])


def test_no_box_matches_no_query():
    query, box = match_at_least_cost(torch.zeros(3, 0))

    assert len(query) == len(box) == 0


def test_distance_and_overlap_cost_what_they_are():
    found = ScoredBoxes(torch.zeros(1, 1), torch.tensor([[0.25, 0.5, 0.5, 1.0]]))
    wanted = torch.tensor([[0.5, 0.5, 0.5, 1.0], [0.75, 0.5, 0.5, 1.0]])
    match = torch.ones(2, 1, dtype=torch.bool)

    distance = matching_cost(found, match, wanted, MatchingCosts(0.0, 1.0, 0.0))
    overlap = matching_cost(found, match, wanted, MatchingCosts(0.0, 0.0, 1.0))

    torch.testing.assert_close(distance, torch.tensor([[0.25, 0.5]]))
    # A third of the union is shared; side by side nothing is, and the hull is full.
    torch.testing.assert_close(overlap, torch.tensor([[1 - 1 / 3, 1.0]]))


def test_focal_cost_is_that_of_the_formula():
    p = 0.8
    logit = torch.tensor([[math.log(p / (1 - p))]])

    wanted = -0.25 * 0.2**2 * math.log(p) + 0.75 * p**2 * math.log(0.2)
    torch.testing.assert_close(focal_cost(logit), torch.tensor([[wanted]]))


def test_names_cost_the_mean_over_the_texts_that_a_box_matches():
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    found = ScoredBoxes(logits, torch.full((1, 4), 0.5))
    match = torch.tensor([[True, True, False], [False, False, False]])

    cost = matching_cost(found, match, torch.full((2, 4), 0.5), MatchingCosts(1.0, 0.0, 0.0))

    each = focal_cost(logits)[0]
    torch.testing.assert_close(cost, torch.stack([each[:2].mean(), torch.tensor(0.0)])[None])
