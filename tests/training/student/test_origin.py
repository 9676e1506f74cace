import pytest
import torch

from ovd.model.ghost.network import BINS, GhostConfig, GhostScores, OvGhost
from ovd.training.student.origin import (
    Origin,
    OriginConfig,
    SurePoints,
    find_sure_points,
    origin_loss,
    select_names,
)

CONFIG = OriginConfig()
BOTH = torch.tensor([[True, True]])


def make_scores(logits, bins=0.0):
    shape = (1, len(logits), 4, BINS)
    return GhostScores(
        torch.tensor([logits], requires_grad=True),
        (torch.arange(BINS) * bins).expand(shape).clone().requires_grad_(),
        torch.zeros(1, len(logits), 4),
    )


def make_sure(logits, point=1):
    return SurePoints(
        torch.tensor([0]), torch.tensor([point]), torch.tensor([logits]), torch.zeros(1, 4, BINS)
    )


def test_the_student_is_drawn_to_what_the_frozen_network_is_sure_of():
    scores = make_scores([[0.0, 0.0], [0.0, 0.0]])

    origin_loss(scores, make_sure([3.0, -3.0]), BOTH, CONFIG).backward()

    assert (scores.logits.grad[0, 0] == 0).all()
    assert scores.logits.grad[0, 1, 0] < 0 < scores.logits.grad[0, 1, 1]


def test_agreement_costs_nothing():
    loss = origin_loss(make_scores([[3.0, -3.0]]), make_sure([3.0, -3.0], 0), BOTH, CONFIG)

    assert loss.item() == pytest.approx(0.0, abs=1e-6)


def test_names_that_the_labels_decide_are_left_to_them():
    scores = make_scores([[0.0, 0.0]])
    distilled = torch.tensor([[False, True]])

    origin_loss(scores, make_sure([3.0, -3.0], 0), distilled, CONFIG).backward()

    assert scores.logits.grad[0, 0, 0] == 0
    assert scores.logits.grad[0, 0, 1] > 0


@pytest.mark.parametrize(("logit", "is_compared"), [(3.0, True), (-2.0, False)])
def test_sides_are_compared_where_the_frozen_network_is_sure_of_a_box(logit, is_compared):
    scores = make_scores([[0.0, 0.0]], bins=1.0)

    origin_loss(scores, make_sure([logit, -9.0], 0), BOTH, CONFIG).backward()

    assert bool(scores.bin_logits.grad.any()) == is_compared


def test_labels_that_cover_every_name_or_none_leave_all_names_to_the_frozen_network():
    stated = [frozenset({"car", "bus", "fire"}), frozenset({"car"}), frozenset()]

    distilled = select_names(("car", "bus"), stated)

    assert distilled.tolist() == [[True, True], [False, True], [True, True]]


def test_points_below_the_least_score_are_not_kept():
    torch.manual_seed(0)
    network = OvGhost(GhostConfig(width=8, fresh_width=4, embed_dim=8)).eval()
    texts = torch.nn.functional.normalize(torch.randn(3, 8), dim=1)
    origin = Origin(network, ("car", "bus", "cat"), texts)
    pixels = torch.rand(2, 3, 64, 64)
    score = network.predict_scores(pixels, texts).logits.amax(dim=2).sigmoid()
    middle = score.median().item()

    sure = find_sure_points(origin, pixels, middle)

    assert len(sure.image) == int((score >= middle).sum())
    assert sure.logits.shape == (len(sure.image), 3)
    assert not sure.logits.requires_grad
