from dataclasses import replace

import pytest
import torch

from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import DensePredictions, make_points
from ovd.training.losses.assignment import PointGrid
from ovd.training.losses.criterion import (
    BatchTargets,
    DenseCriterion,
    HeadSet,
    LossWeights,
    box_loss,
    quality_focal_loss,
)

GRID = PointGrid(*make_points((64, 64)))
POINTS = len(GRID.points)
DIM = 4
TEXTS = torch.eye(DIM)[:3]
BOX = (8.0, 8.0, 40.0, 40.0)


def make_predictions():
    generator = torch.Generator().manual_seed(0)
    reach = 12 + torch.rand(1, POINTS, 2, generator=generator)
    xyxy = torch.cat((GRID.points - reach, GRID.points + reach), dim=-1)
    return DensePredictions(
        region_embeds=torch.randn(1, POINTS, DIM, generator=generator).requires_grad_(),
        single_embeds=torch.randn(1, POINTS, DIM, generator=generator).requires_grad_(),
        xyxy=xyxy.requires_grad_(),
        presence_embeds=torch.randn(1, DIM, generator=generator).requires_grad_(),
    )


def make_targets(
    match=(True, False, False), ignore=(False,) * 3, negative=(1.0, 1.0, 1.0), **changes
):
    values = {
        "xyxy": torch.tensor([BOX]),
        "image": torch.zeros(1, dtype=torch.int64),
        "soft_score": torch.ones(1),
        "is_ignored": torch.zeros(1, dtype=torch.bool),
        "match": torch.tensor([match]),
        "ignore": torch.tensor([ignore]),
        "negative": torch.tensor([negative]),
        "small_uncertain": torch.zeros(1, 3, dtype=torch.bool),
    }
    return BatchTargets(**(values | changes))


def make_heads():
    return HeadSet(InnerProductHead(), InnerProductHead(), InnerProductHead())


def learn(targets, weights=LossWeights()):  # noqa: B008
    predictions = make_predictions()
    losses = DenseCriterion(weights)(predictions, make_heads(), TEXTS, targets, GRID)
    losses.total.backward()
    return losses, predictions


def phrase_gradient(predictions):
    """`(Q, 3)` gradient of each point's logit for each phrase, up to scale."""
    return predictions.region_embeds.grad[0] @ TEXTS.T


def inside_box():
    return ((GRID.points > BOX[0]) & (GRID.points < BOX[2])).all(dim=1)


def test_quality_focal_loss_has_the_gradient_of_its_formula():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    target = torch.rand(5, 3, generator=generator, dtype=torch.float64)
    weight = torch.rand(5, 3, generator=generator, dtype=torch.float64)

    assert torch.autograd.gradcheck(quality_focal_loss, (logits, target, weight))


def test_quality_focal_loss_is_zero_where_the_score_is_right():
    logits = torch.tensor([0.0, 2.0])

    assert quality_focal_loss(logits, logits.sigmoid(), torch.ones(2)).item() == 0.0


def test_unknown_phrase_has_no_gradient():
    _, predictions = learn(make_targets(negative=(1.0, 0.0, 1.0), ignore=(False, True, False)))

    gradient = phrase_gradient(predictions)
    assert (gradient[:, 1] == 0).all()
    assert (gradient[:, 2] != 0).all()


def test_box_of_another_name_is_a_negative_of_an_unknown_phrase():
    _, predictions = learn(make_targets(negative=(1.0, 0.0, 1.0)))

    taught = phrase_gradient(predictions)[:, 1] != 0
    assert taught.any()
    assert inside_box()[taught].all()


def test_points_inside_an_undecided_box_have_no_gradient_for_its_phrase():
    _, predictions = learn(make_targets(ignore=(False, True, False)))

    gradient = phrase_gradient(predictions)
    assert (gradient[inside_box(), 1] == 0).all()
    assert (gradient[~inside_box(), 1] > 0).all()


def test_ignored_box_has_neither_class_nor_box_gradient():
    targets = make_targets(is_ignored=torch.ones(1, dtype=torch.bool))

    _, predictions = learn(targets)

    assert (predictions.xyxy.grad == 0).all()
    assert (phrase_gradient(predictions)[inside_box(), 0] == 0).all()


def test_small_objects_of_an_uncertain_phrase_are_no_negatives():
    uncertain = torch.tensor([[False, False, True]])

    _, predictions = learn(make_targets(small_uncertain=uncertain))

    finest = GRID.strides == 8
    refuted = phrase_gradient(predictions)[:, 2] > 0
    assert refuted[~finest].all()
    assert not refuted[finest & ~inside_box()].any()


def test_box_loss_has_gradients_at_positive_points_only():
    _, predictions = learn(make_targets())

    moved = predictions.xyxy.grad[0].abs().sum(dim=1) > 0
    assert moved.any()
    assert inside_box()[moved].all()


def test_box_of_low_confidence_has_a_lower_target_score():
    sure, _ = learn(make_targets(), LossWeights(quality_floor=1.0))
    doubtful = make_targets(soft_score=torch.tensor([0.5]))
    predictions = make_predictions()
    with torch.no_grad():
        predictions.region_embeds.zero_()
    DenseCriterion(LossWeights(quality_floor=1.0))(
        predictions, make_heads(), TEXTS, doubtful, GRID
    ).total.backward()

    assert sure.many > 0
    assert phrase_gradient(predictions)[:, 0].min() < 0


def test_one_to_one_branch_has_one_positive_point_and_negatives_around_it():
    _, predictions = learn(make_targets(negative=(0.0, 0.0, 0.0)))

    gradient = (predictions.single_embeds.grad[0] @ TEXTS.T)[:, 0]
    assert (gradient < 0).sum() <= 1
    assert (gradient > 0).sum() >= inside_box().sum() - 1
    assert (gradient[~inside_box()] == 0).all()


def test_one_to_one_branch_can_be_left_out():
    losses, predictions = learn(make_targets(), LossWeights(single=0.0))

    assert losses.single == 0.0
    assert predictions.single_embeds.grad is None


def test_presence_loss_has_gradients_for_known_phrases():
    _, predictions = learn(make_targets(negative=(0.0, 1.0, 0.0)))

    gradient = predictions.presence_embeds.grad[0] @ TEXTS.T
    assert gradient[0] < 0
    assert gradient[1] > 0
    assert gradient[2] == 0


def test_image_without_boxes_gives_negatives():
    targets = make_targets()
    parts = ("xyxy", "image", "soft_score", "is_ignored", "match", "ignore")
    empty = replace(targets, **{name: getattr(targets, name)[:0] for name in parts})

    losses, predictions = learn(empty)

    assert losses.box == 0.0
    assert (phrase_gradient(predictions) > 0).all()


def test_targets_refuse_arrays_that_do_not_fit():
    with pytest.raises(ValueError, match="wanted"):
        make_targets(soft_score=torch.ones(2))


def test_box_that_overlaps_little_counts_as_much_as_one_that_nearly_fits():
    wanted = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 10.0]])
    predicted = torch.tensor([[0.0, 0.0, 10.0, 9.0], [0.0, 0.0, 10.0, 1.0]])
    loss = box_loss(predicted, wanted, torch.ones(2))

    torch.testing.assert_close(loss, torch.tensor((0.1 + 0.9) / 2))
