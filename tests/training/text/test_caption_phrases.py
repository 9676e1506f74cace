from dataclasses import replace

import numpy as np
import pytest
import torch

from ovd.model.heads import InnerProductHead
from ovd.model.ovdense import DensePredictions
from ovd.training.data.examples import Boxes, Example
from ovd.training.losses.criterion import HeadSet
from ovd.training.text.caption_phrases import (
    CaptionConfig,
    CaptionSampler,
    CaptionTargets,
    caption_loss,
    keep_unboxed,
)

NO_BOXES = Boxes(
    np.zeros((0, 4), np.float32), (), (), np.zeros(0, np.float32), np.zeros(0, np.bool_)
)
BEACH = Example(np.zeros((8, 8, 3), np.uint8), NO_BOXES, "walks", "beach.jpg", is_whole=True)
CAPTIONS = {"beach.jpg": ("sand", "blue sky"), "kitchen.jpg": ("sink", "wall")}


def rng():
    return np.random.default_rng(0)


def test_sample_mixes_phrases_of_whole_images_with_others():
    sampler = CaptionSampler(CAPTIONS, CaptionConfig(count=12, true_share=0.2))

    targets = sampler.sample([BEACH], rng())

    is_positive = dict(zip(targets.phrases, targets.is_mentioned[0], strict=True))
    assert {"sink", "wall"} <= is_positive.keys()
    assert not is_positive["sink"]
    assert any(is_positive.get(phrase) for phrase in CAPTIONS["beach.jpg"])
    assert targets.is_known.tolist() == [True]


@pytest.mark.parametrize(
    "example", [replace(BEACH, is_whole=False), replace(BEACH, file_name="street.jpg")]
)
def test_sample_is_empty_without_a_whole_captioned_image(example):
    targets = CaptionSampler(CAPTIONS).sample([example], rng())

    assert (targets.phrases, targets.is_mentioned.shape) == ((), (1, 0))


def test_cropped_image_is_unknown():
    targets = CaptionSampler(CAPTIONS).sample([BEACH, replace(BEACH, is_whole=False)], rng())

    assert targets.is_known.tolist() == [True, False]
    assert not targets.is_mentioned[1].any()


def test_keep_unboxed_leaves_out_boxed_and_rare_phrases():
    captions = {"a": ("dog", "grass", "park"), "b": ("grass", "dog"), "c": ("dog",)}

    kept = keep_unboxed(captions, {"dog"}, min_images=2)

    assert kept == {"a": ("grass",), "b": ("grass",)}
    assert CaptionSampler(kept).all_phrases() == ("grass",)


def make_predictions(regions, whole):
    return DensePredictions(regions, regions, torch.zeros(*regions.shape[:2], 4), whole)


def test_caption_loss_pulls_only_the_best_region_to_a_mentioned_phrase():
    regions = torch.tensor([[[2.0, 0.0], [1.0, 0.0]]], requires_grad=True)
    whole = torch.zeros(1, 2, requires_grad=True)
    targets = CaptionTargets(("sand",), np.array([[True]]), np.array([True]))
    heads = HeadSet(*(InnerProductHead(bias=0.0) for _ in range(3)))

    predictions = make_predictions(regions, whole)
    loss = caption_loss(predictions, heads, torch.tensor([[1.0, 0.0]]), targets, 0.2)
    loss.backward()

    assert regions.grad[0, 0, 0] < 0
    assert not regions.grad[0, 1].any()
    assert whole.grad[0, 0] < 0


def test_caption_loss_weighs_unmentioned_phrases_less_and_unknown_images_not_at_all():
    regions = torch.zeros(2, 1, 2, requires_grad=True)
    targets = CaptionTargets(
        ("sand", "sink"), np.array([[True, False], [False, False]]), np.array([True, False])
    )
    heads = HeadSet(*(InnerProductHead(bias=0.0) for _ in range(3)))

    predictions = make_predictions(regions, torch.zeros(2, 2))
    caption_loss(predictions, heads, torch.eye(2), targets, 0.2).backward()

    positive, negative = regions.grad[0, 0]
    assert positive < 0 < negative
    torch.testing.assert_close(negative, -0.2 * positive)
    assert not regions.grad[1].any()
