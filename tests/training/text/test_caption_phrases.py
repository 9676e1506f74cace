from dataclasses import replace

import numpy as np
import pytest
import torch

from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import DensePredictions
from ovd.training.data.examples import Boxes, Example
from ovd.training.losses.criterion import HeadSet
from ovd.training.text.caption_phrases import (
    SaidConfig,
    SaidSampler,
    SaidTargets,
    keep_unboxed,
    said_loss,
)

NO_BOXES = Boxes(
    np.zeros((0, 4), np.float32), (), (), np.zeros(0, np.float32), np.zeros(0, np.bool_)
)
BEACH = Example(np.zeros((8, 8, 3), np.uint8), NO_BOXES, "walks", "beach.jpg", is_whole=True)
CAPTIONS = {"beach.jpg": ("sand", "blue sky"), "kitchen.jpg": ("sink", "wall")}


def rng():
    return np.random.default_rng(0)


def test_phrases_of_whole_pictures_are_asked_beside_others():
    sampler = SaidSampler(CAPTIONS, SaidConfig(count=12, true_share=0.2))

    targets = sampler.sample([BEACH], rng())

    said = dict(zip(targets.phrases, targets.is_said[0], strict=True))
    assert {"sink", "wall"} <= said.keys()
    assert not said["sink"]
    assert any(said.get(phrase) for phrase in CAPTIONS["beach.jpg"])
    assert targets.is_known.tolist() == [True]


@pytest.mark.parametrize(
    "example", [replace(BEACH, is_whole=False), replace(BEACH, file_name="street.jpg")]
)
def test_nothing_is_asked_where_no_picture_is_whole_and_captioned(example):
    targets = SaidSampler(CAPTIONS).sample([example], rng())

    assert (targets.phrases, targets.is_said.shape) == ((), (1, 0))


def test_part_of_a_picture_beside_a_whole_one_is_unknown():
    targets = SaidSampler(CAPTIONS).sample([BEACH, replace(BEACH, is_whole=False)], rng())

    assert targets.is_known.tolist() == [True, False]
    assert not targets.is_said[1].any()


def test_phrases_that_boxes_teach_or_that_are_rare_are_left_out():
    captions = {"a": ("dog", "grass", "park"), "b": ("grass", "dog"), "c": ("dog",)}

    kept = keep_unboxed(captions, {"dog"}, min_images=2)

    assert kept == {"a": ("grass",), "b": ("grass",)}
    assert SaidSampler(kept).all_phrases() == ("grass",)


def make_predictions(regions, whole):
    return DensePredictions(regions, regions, torch.zeros(*regions.shape[:2], 4), whole)


def test_loss_pulls_the_best_region_to_what_is_said_and_leaves_the_rest():
    regions = torch.tensor([[[2.0, 0.0], [1.0, 0.0]]], requires_grad=True)
    whole = torch.zeros(1, 2, requires_grad=True)
    targets = SaidTargets(("sand",), np.array([[True]]), np.array([True]))
    heads = HeadSet(*(InnerProductHead(bias=0.0) for _ in range(3)))

    predictions = make_predictions(regions, whole)
    loss = said_loss(predictions, heads, torch.tensor([[1.0, 0.0]]), targets, 0.2)
    loss.backward()

    assert regions.grad[0, 0, 0] < 0
    assert not regions.grad[0, 1].any()
    assert whole.grad[0, 0] < 0


def test_what_nobody_mentions_counts_less_and_unknown_pictures_not_at_all():
    regions = torch.zeros(2, 1, 2, requires_grad=True)
    targets = SaidTargets(
        ("sand", "sink"), np.array([[True, False], [False, False]]), np.array([True, False])
    )
    heads = HeadSet(*(InnerProductHead(bias=0.0) for _ in range(3)))

    predictions = make_predictions(regions, torch.zeros(2, 2))
    said_loss(predictions, heads, torch.eye(2), targets, 0.2).backward()

    said, unsaid = regions.grad[0, 0]
    assert said < 0 < unsaid
    torch.testing.assert_close(unsaid, -0.2 * said)
    assert not regions.grad[1].any()
