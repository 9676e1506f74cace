from dataclasses import replace

import pytest
import torch

from ovd.model.ovdense import make_points
from ovd.training.losses.criterion import BatchTargets
from ovd.training.text.name_fit import (
    DenseRegions,
    LabelledRegions,
    LogitScale,
    NameFitConfig,
    fit_names,
    join_regions,
    label_regions,
    select_names,
)

SIZE = (64, 64)
SCALE = LogitScale(1.0, -4.0)
CONFIG = NameFitConfig(steps=150, regions=64, rate=0.1, hard=20, random=5)


def make_targets(**changes):
    """One image with one object, of the first of two names; both are labelled exhaustively."""
    none = torch.zeros(1, dtype=torch.bool)
    targets = BatchTargets(
        xyxy=torch.tensor([[8.0, 8.0, 56.0, 56.0]]), image=torch.zeros(1, dtype=torch.int64),
        soft_score=torch.ones(1), is_ignored=none, match=torch.tensor([[True, False]]),
        ignore=torch.zeros(1, 2, dtype=torch.bool), negative=torch.ones(1, 2),
        small_uncertain=torch.zeros(1, 2, dtype=torch.bool),
    )  # fmt: skip
    return replace(targets, **changes)


def find_everywhere(box=(8.0, 8.0, 56.0, 56.0)):
    """Regions of one image that all have the same box."""
    torch.manual_seed(0)
    count = len(make_points(SIZE)[0])
    return DenseRegions(torch.randn(1, count, 4), torch.tensor(box).expand(1, count, 4), SIZE)


def label(targets, found=None):
    [regions] = label_regions(found or find_everywhere(), (torch.eye(2, 4), SCALE), targets, CONFIG)
    return regions


def test_regions_learn_the_overlap_of_their_boxes():
    regions = label(make_targets(), find_everywhere((8.0, 8.0, 56.0, 32.0)))

    assert regions.target[:, 0].unique().tolist() == [0, 128]
    assert not regions.target[:, 1].any()


def test_a_name_that_may_be_there_refutes_nothing():
    regions = label(make_targets(negative=torch.tensor([[1.0, 0.0]])))

    assert regions.weight[:, 0].min() == 255
    assert not regions.weight[regions.target[:, 0] == 0, 1].any()


def test_the_fit_finds_the_direction_that_tells_names_apart():
    torch.manual_seed(0)
    embeds, is_first = torch.randn(400, 4), torch.rand(400) < 0.5
    embeds[:, 2] = torch.where(is_first, 3.0, -3.0)
    target = torch.stack((is_first, ~is_first), dim=1).to(torch.uint8) * 255
    regions = LabelledRegions(embeds.half(), target, torch.full_like(target, 255))

    fitted, losses = fit_names(regions, torch.eye(2, 4), SCALE, CONFIG)

    assert losses[-1] < losses[0] / 3
    assert fitted[0, 2] > 0.5
    assert fitted[1, 2] < -0.5


def test_a_strong_pull_leaves_names_where_they_were():
    regions = label(make_targets())
    start = torch.eye(2, 4)

    fitted, _ = fit_names(regions, start, SCALE, replace(CONFIG, pull=1e4))

    assert fitted.numpy() == pytest.approx(start.numpy(), abs=0.05)


def test_regions_of_images_are_joined():
    regions = label(make_targets())

    assert len(join_regions([regions, regions])) == 2 * len(regions)


def test_names_are_selected_in_the_order_asked_for():
    targets = select_names(make_targets(), [1, 0])

    assert targets.match.tolist() == [[False, True]]
    assert targets.negative.shape == (1, 2)
