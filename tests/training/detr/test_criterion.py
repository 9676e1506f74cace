import math

import pytest
import torch

from ovd.model.detr.network import DetrPredictions, QueryPredictions, ReadTokens, TokenPredictions
from ovd.model.heads import InnerProductHead
from ovd.training.detr.config import DetrLossWeights, NoiseConfig
from ovd.training.detr.criterion import (
    DetrCriterion,
    Pairs,
    class_targets,
    read_loss,
)
from ovd.training.detr.denoising import make_noisy
from ovd.training.detr.matching import MatchingCosts
from tests.training.detr.builders import make_set_targets

BOX = (20, 20, 60, 60)
EXACT = (0.4, 0.4, 0.4, 0.4)
FAR = (0.8, 0.8, 0.2, 0.2)
TEXTS = torch.eye(2)


def targets_of(boxes, index=0, pairs=((0, 0),), quality=1.0, **changes):
    """Class targets of queries with boxes, for the phrases A (matches BOX) and B (does not)."""
    targets = make_set_targets([BOX], [[True, False]], **changes)
    query, box = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).T
    joined = Pairs(torch.full_like(query, index), query, box)
    found = torch.tensor(boxes, dtype=torch.float32)
    return class_targets(found, index, targets, joined, torch.full((len(query),), quality))


def test_matched_query_learns_its_texts_by_its_overlap_and_refuses_others():
    target, weight = targets_of([EXACT, FAR], quality=0.7)

    torch.testing.assert_close(target, torch.tensor([[0.7, 0.0], [0.0, 0.0]]))
    assert weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_absence_that_is_unknown_teaches_other_queries_nothing():
    _, weight = targets_of([EXACT, FAR], negative=torch.tensor([[0.0, 0.25]]))

    assert weight.tolist() == [[1.0, 1.0], [0.0, 0.25]]


def test_second_query_on_a_box_is_refused_even_if_absence_is_unknown():
    near = (0.41, 0.4, 0.4, 0.4)

    _, weight = targets_of([EXACT, near], negative=torch.tensor([[0.0, 0.0]]))

    assert weight.tolist() == [[1.0, 1.0], [1.0, 0.0]]


def test_queries_inside_a_box_to_be_ignored_learn_nothing_of_its_texts():
    inside = (0.4, 0.4, 0.1, 0.1)

    _, weight = targets_of([inside, FAR], pairs=(), is_ignored=torch.tensor([True]))

    assert weight.tolist() == [[0.0, 1.0], [1.0, 1.0]]


def test_queries_on_a_box_of_unknown_name_learn_nothing_of_that_name():
    _, weight = targets_of([EXACT, EXACT], ignore=torch.tensor([[False, True]]))

    assert weight.tolist() == [[1.0, 0.0], [1.0, 0.0]]


def test_small_boxes_are_not_refused_where_small_objects_may_be_unlabelled():
    small = (0.8, 0.8, 0.1, 0.1)

    _, weight = targets_of(
        [EXACT, small, (0.8, 0.8, 0.4, 0.4)], small_uncertain=torch.tensor([[False, True]])
    )

    assert weight[:, 1].tolist() == [1.0, 0.0, 1.0]


def make_layer(logits, boxes):
    embeds = torch.tensor([logits]).requires_grad_()
    return QueryPredictions(embeds, torch.tensor([boxes]).requires_grad_())


def make_head():
    head = InnerProductHead(bias=0.0)
    return head.requires_grad_(requires_grad=False)


def compute(layers, tokens=(), read=None, weights=None, targets=None):
    targets = targets or make_set_targets([BOX], [[True, False]])
    criterion = DetrCriterion(weights or DetrLossWeights(), MatchingCosts())
    return criterion(DetrPredictions(layers, (), tokens, read), (make_head(), TEXTS), targets)


def focal(logit, target):
    p = 1 / (1 + math.exp(-logit))
    return (target - p) ** 2 * -(target * math.log(p) + (1 - target) * math.log(1 - p))


def test_losses_of_one_layer_are_those_worked_out_by_hand():
    shifted = (0.5, 0.4, 0.4, 0.4)
    losses = compute((make_layer([[1.0, -2.0], [-1.5, -3.0]], [shifted, FAR]),))

    # Boxes of .4 x .4 that are .1 apart share .12 of a union of .20; their hull is the union.
    iou = 0.12 / 0.20
    names = focal(1.0, iou) + focal(-2.0, 0.0) + focal(-1.5, 0.0) + focal(-3.0, 0.0)
    assert losses.many == pytest.approx(names, abs=1e-5)
    assert losses.box == pytest.approx(5 * 0.1 + 2 * (1 - iou), abs=1e-5)
    assert losses.mean_iou == pytest.approx(iou, abs=1e-6)
    assert losses.total.item() == pytest.approx(losses.many + losses.box, abs=1e-6)


def test_every_decoder_layer_counts():
    layer = make_layer([[1.0, -2.0], [-1.5, -3.0]], [EXACT, FAR])

    one, two = compute((layer,)), compute((layer, layer))

    assert two.many == pytest.approx(2 * one.many)
    assert two.box == pytest.approx(2 * one.box, abs=1e-6)


def test_tokens_learn_objects_of_any_name():
    tokens = TokenPredictions(torch.tensor([[2.0, -1.0]]), torch.tensor([[EXACT, FAR]]))
    layer = make_layer([[1.0, -2.0]], [EXACT])

    losses = compute((layer,), (tokens, tokens))

    assert losses.single == pytest.approx(2 * (focal(2.0, 1.0) + focal(-1.0, 0.0)), abs=1e-4)


def test_image_without_boxes_refuses_everything():
    targets = make_set_targets([BOX], [[False, True]], is_ignored=torch.tensor([True]))

    losses = compute((make_layer([[1.0, -2.0]], [FAR]),), targets=targets)

    assert losses.many == pytest.approx(focal(1.0, 0.0) + focal(-2.0, 0.0), abs=1e-5)
    assert losses.box == losses.mean_iou == 0.0


def test_scoring_network_learns_the_share_of_tokens_that_were_read_most():
    scores = torch.tensor([[2.0, -1.0, 0.5, 0.0]])
    attention = torch.tensor([[0.0, 0.9, 0.3, 0.1]])

    loss = read_loss(ReadTokens(scores, attention), keep=0.5)

    each = [math.log1p(math.exp(x)) for x in (2.0, 1.0, -0.5, 0.0)]
    assert loss.item() == pytest.approx(sum(each) / 4, abs=1e-6)


def test_tokens_that_nothing_read_are_no_target_however_many_are_kept():
    scores, attention = torch.zeros(1, 4), torch.tensor([[0.0, 0.9, 0.0, 0.0]])

    few, all_kept = (
        read_loss(ReadTokens(scores.requires_grad_(), attention), k) for k in (0.25, 1.0)
    )

    assert few.item() == all_kept.item()


def test_denoising_queries_learn_their_box_and_false_ones_refuse_its_texts():
    targets = make_set_targets([BOX], [[True, False]])
    noise = NoiseConfig(queries=2, box=0.0, flip=0.0)
    noisy = make_noisy(
        targets.known, targets.cxcywh_norm, TEXTS, noise, torch.Generator().manual_seed(0)
    )
    layer = make_layer([[1.0, -2.0], [0.5, 3.0]], [EXACT, FAR])
    none = make_layer([[-20.0, -20.0]], [EXACT])
    predictions = DetrPredictions((none,), (layer,), (), None)

    losses = DetrCriterion(DetrLossWeights(), MatchingCosts())(
        predictions, (make_head(), TEXTS), targets, 1.0, noisy
    )

    wanted = focal(1.0, 1.0) + focal(-2.0, 0.0) + focal(0.5, 0.0)
    assert losses.distill == pytest.approx(wanted, abs=1e-5)
