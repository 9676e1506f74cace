import pytest
import torch

from ovd.model.ghost.network import GhostScores, corner_points
from ovd.training.losses.criterion import BatchTargets
from ovd.training.student.criterion import (
    GhostCriterion,
    GhostGrid,
    GhostLossWeights,
    bin_loss,
)

GRID = GhostGrid(*corner_points((64, 64)))
COUNT = len(GRID.points)
BOX = [16.0, 16.0, 48.0, 48.0]


def make_targets(*, match=True, ignore=False, negative=1.0, is_ignored=False):
    return BatchTargets(
        xyxy=torch.tensor([BOX]),
        image=torch.zeros(1, dtype=torch.int64),
        soft_score=torch.ones(1),
        is_ignored=torch.tensor([is_ignored]),
        match=torch.tensor([[match]]),
        ignore=torch.tensor([[ignore]]),
        negative=torch.tensor([[negative]]),
        small_uncertain=torch.tensor([[False]]),
    )


def judge(targets, logit=0.0):
    logits = torch.full((1, COUNT, 1), logit, requires_grad=True)
    boxes = torch.tensor(BOX).expand(1, COUNT, 4).clone().requires_grad_()
    bins = torch.zeros((1, COUNT, 4, 8), requires_grad=True)
    losses = GhostCriterion(GhostLossWeights())(GhostScores(logits, bins, boxes), targets, GRID)
    losses.total.backward()
    return losses, logits.grad[0, :, 0]


def test_points_that_fit_learn_to_score_and_the_others_not_to():
    losses, gradient = judge(make_targets())

    inside = ((GRID.points > 16) & (GRID.points < 48)).all(dim=1)
    assert losses.mean_iou == pytest.approx(1.0)
    assert (gradient[~inside] > 0).all()
    assert (gradient[inside] < 0).any()


def test_unknown_places_give_no_gradient():
    _, gradient = judge(make_targets(negative=0.0))

    inside = ((GRID.points > 16) & (GRID.points < 48)).all(dim=1)
    assert (gradient[~inside] == 0).all()


def test_points_that_expect_nothing_are_left_out():
    _, gradient = judge(make_targets(), logit=-5.0)

    inside = ((GRID.points > 16) & (GRID.points < 48)).all(dim=1)
    assert (gradient[~inside] == 0).all()
    assert (gradient[inside] < 0).any()


def test_a_doubtful_box_silences_its_place():
    losses, gradient = judge(make_targets(is_ignored=True))

    inside = ((GRID.points > 16) & (GRID.points < 48)).all(dim=1)
    assert (gradient[inside] == 0).all()
    assert losses.box == 0


def test_bins_are_best_at_the_two_around_the_distance():
    logits = torch.full((1, 8), -20.0)
    logits[0, 2], logits[0, 3] = 1.0, 1.0

    at = [float(bin_loss(logits, torch.tensor([distance]))) for distance in (2.5, 4.5)]

    assert at[0] == pytest.approx(0.6931, abs=1e-3)
    assert at[1] > 10
