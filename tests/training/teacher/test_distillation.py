import pytest
import torch

from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import DensePredictions, make_points
from ovd.model.predictions import RawPredictions
from ovd.training.losses.assignment import PointGrid
from ovd.training.teacher.distillation import (
    DistillConfig,
    Proposals,
    distillation_loss,
    propose,
    select_distilled,
)
from ovd.training.teacher.labeller import Teacher

GRID = PointGrid(*make_points((64, 128)))
TEXTS = torch.eye(4)[:3]
NAMES = ("car", "dog", "cat")
SURE_CAR = (3.0, -4.0, -5.0)
PERHAPS_DOG = (-3.0, -1.0, -2.0)
BLANK = (-7.0, -7.0, -7.0)
PLAIN = DistillConfig(temperature=2.0, steepness=1.0)
LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


class FixedNetwork:
    """Sees the same boxes in every view, and remembers the view."""

    class config:  # noqa: N801
        input_size = 32

    def __init__(self, boxes, logits):
        self._boxes, self._logits = torch.tensor(boxes), torch.tensor(logits)
        self.seen = None

    def __call__(self, pixels):
        self.seen = pixels
        count = len(pixels)
        return RawPredictions(self._logits.expand(count, -1, -1), self._boxes.expand(count, -1, -1))


def propose_from(boxes, logits, config=DistillConfig(), positions=(0, 1)):  # noqa: B008
    teacher = Teacher(FixedNetwork(boxes, logits), NAMES)
    return propose(teacher, torch.zeros(2, 3, 64, 128), positions, config), teacher.network.seen


def diverge(answers, proposals, config=PLAIN):
    """Loss and gradient at a network that answers the same everywhere in its first image."""
    count = len(GRID.points)
    regions = torch.zeros(2, count, 4)
    regions[0, :, :3] = torch.tensor(answers)
    regions.requires_grad_()
    predictions = DensePredictions(regions, regions, torch.zeros(2, count, 4), torch.zeros(2, 4))
    loss = distillation_loss(predictions, plain_head(), TEXTS, proposals, GRID, config)
    loss.backward()
    return loss.item(), regions.grad


def plain_head():
    head = InnerProductHead()
    with torch.no_grad():
        head.log_scale.zero_()
        head.bias.zero_()
    return head


def proposals_of(*logits, box=(0.0, 0.0, 64.0, 64.0)):
    count = len(logits)
    return Proposals(
        torch.tensor([box] * count),
        torch.zeros(count, dtype=torch.int64),
        torch.tensor(logits),
        NAMES,
    )


def test_proposals_are_in_pixels_of_the_input_which_is_resized_for_the_teacher():
    proposals, seen = propose_from([LEFT, RIGHT], [SURE_CAR, PERHAPS_DOG])

    assert seen.shape == (2, 3, 32, 32)
    assert proposals.image.tolist() == [0, 0, 1, 1]
    assert proposals.xyxy[:2].tolist() == [[0, 0, 64, 64], [64, 0, 128, 64]]
    assert proposals.logits[1].tolist() == list(PERHAPS_DOG)


def test_low_scores_duplicates_and_thin_boxes_are_not_proposed():
    boxes = [LEFT, (0.02, 0.0, 0.5, 1.0), RIGHT, (0.5, 0.5, 0.52, 0.52)]

    proposals, _ = propose_from(boxes, [PERHAPS_DOG, SURE_CAR, BLANK, SURE_CAR])

    assert proposals.image.tolist() == [0, 1]
    assert proposals.logits.tolist() == [list(SURE_CAR)] * 2


def test_proposals_of_the_highest_scores_are_kept():
    proposals, _ = propose_from([LEFT, RIGHT], [PERHAPS_DOG, SURE_CAR], DistillConfig(boxes=1))

    assert proposals.logits.tolist() == [list(SURE_CAR)] * 2


def test_teacher_runs_only_on_images_that_are_boxed_for_all_its_names():
    teacher = Teacher(FixedNetwork([LEFT], [SURE_CAR]), NAMES)
    home = select_distilled(teacher, [{"car"}, {*NAMES, "van"}, set()], DistillConfig())

    proposals, seen = propose_from([LEFT], [SURE_CAR], positions=home)

    assert home == (1,)
    assert len(seen) == 1
    assert proposals.image.tolist() == [1]


def test_teacher_runs_on_every_image_if_configured():
    teacher = Teacher(FixedNetwork([LEFT], [SURE_CAR]), NAMES)

    assert select_distilled(teacher, [{"car"}, set()], DistillConfig(everywhere=True)) == (0, 1)


def test_loss_is_zero_without_proposals():
    proposals, _ = propose_from([LEFT, RIGHT], [BLANK, BLANK])

    loss, gradient = diverge(SURE_CAR, proposals)

    assert loss == 0
    assert not gradient.any()


def test_loss_ignores_a_constant_added_to_the_logits():
    shifted = tuple(value - 2.5 for value in PERHAPS_DOG)

    loss, _ = diverge(shifted, proposals_of(PERHAPS_DOG))

    assert loss == pytest.approx(0, abs=1e-5)


def test_gradient_raises_the_names_of_higher_teacher_probability():
    loss, gradient = diverge((0.0, 0.0, 0.0), proposals_of(PERHAPS_DOG))

    assert loss > 0
    points = gradient[0].abs().sum(dim=1) > 0
    inside = ((GRID.points > 0) & (GRID.points < 64)).all(dim=1)
    assert points.any()
    assert inside[points].all()
    assert (gradient[0, points, 1] < 0).all(), "dog becomes likelier"
    assert (gradient[0, points, 0] > 0).all(), "car less likely"
    assert gradient[0].sum().item() == pytest.approx(0, abs=1e-6)
    assert not gradient[1].any()


def test_divergence_is_that_of_the_softened_distributions():
    answers, config = (1.0, 0.0, -1.0), DistillConfig(temperature=4.0, steepness=2.0)

    loss, _ = diverge(answers, proposals_of(SURE_CAR), config)

    wanted = (torch.tensor(SURE_CAR) / 4).softmax(dim=0)
    own = (torch.tensor(answers) * 2 / 4).softmax(dim=0)
    expected = (wanted * (wanted / own).log()).sum().item()
    assert loss == pytest.approx(expected, rel=1e-4)


def test_proposals_of_higher_score_weigh_more():
    right = (64.0, 0.0, 128.0, 64.0)
    both = Proposals(
        torch.tensor([(0.0, 0.0, 64.0, 64.0), right]),
        torch.zeros(2, dtype=torch.int64),
        torch.tensor([SURE_CAR, PERHAPS_DOG]),
        NAMES,
    )

    loss, _ = diverge(SURE_CAR, both)

    assert 0 < loss < diverge(SURE_CAR, proposals_of(PERHAPS_DOG, box=right))[0] / 2


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"steepness": -1.0}, {"boxes": 0}])
def test_invalid_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="temperature and steepness above 0 and at least one"):
        DistillConfig(**wrong)
