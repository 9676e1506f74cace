from dataclasses import replace

import pytest
import torch

from ovd.model.detr.config import Attention, KeptBy, OvDetrConfig
from ovd.model.detr.network import NoisyQueries, OvDetr, first_boxes, may_read
from ovd.model.detr.tokens import best_tokens, count_kept
from ovd.model.networks import make_network
from ovd.model.trainable import ParameterRole

CONFIG = OvDetrConfig(
    width=16, embed_dim=6, heads=2, points=2, inner=16, encoder_layers=2, decoder_layers=2,
    queries=5,
)  # fmt: skip
PIXELS = torch.rand((2, 3, 64, 128), generator=torch.Generator().manual_seed(0)) * 2 - 1
TOKENS = 8 * 16 + 4 * 8 + 2 * 4 + 1 * 2
DENSE = replace(CONFIG, attention=Attention.DENSE, two_stage=False, refine=False)


def make_detr(config=CONFIG):
    torch.manual_seed(0)
    return OvDetr(config).eval()


@pytest.fixture(scope="module")
def network():
    return make_detr()


@pytest.mark.parametrize("config", [CONFIG, DENSE], ids=["deformable", "dense"])
def test_detr_gives_an_embedding_and_a_box_per_query(config):
    with torch.no_grad():
        raw = make_detr(config)(PIXELS)

    assert raw.region_embeds.shape == (2, 5, 6)
    assert raw.xyxy_norm.shape == (2, 5, 4)
    assert (raw.xyxy_norm[..., 2:] > raw.xyxy_norm[..., :2]).all()


@pytest.mark.parametrize(
    "config",
    [CONFIG, DENSE, replace(CONFIG, kept_by=KeptBy.OBJECTNESS)],
    ids=["deformable", "dense", "objectness"],
)
def test_weights_tell_what_network_they_belong_to(config):
    state = make_detr(config).state_dict()

    made = make_network(state)
    made.load_state_dict(state)

    assert isinstance(made, OvDetr)
    assert made.config == config


def test_gradient_reaches_every_parameter_that_a_loss_needs():
    network = make_detr().train()
    noisy = NoisyQueries(torch.randn(2, 3, 6), torch.full((2, 3, 4), 0.4), torch.tensor([0, 0, 1]))

    found = network.predict_queries(PIXELS, noisy)

    sums = [layer.region_embeds.sum() + layer.cxcywh_norm.sum() for layer in found.layers]
    sums += [layer.region_embeds.sum() for layer in found.denoised]
    sums += [item.objectness.sum() + item.cxcywh_norm.sum() for item in found.tokens]
    torch.autograd.backward(sum(sums) + found.read.scores.sum())
    missing = [name for name, value in network.named_parameters() if value.grad is None]
    # No box was changed yet, and the text head belongs to the criterion.
    assert missing == ["text_head.log_scale", "text_head.bias"]


def test_training_predicts_after_every_layer(network):
    with torch.no_grad():
        running = network.predict_queries(PIXELS)
        training = make_detr().train().predict_queries(PIXELS)

    assert (len(running.layers), len(running.tokens), running.read) == (2, 1, None)
    assert (len(training.layers), len(training.tokens)) == (2, 2)
    assert training.read.attention.shape == training.read.scores.shape == (2, TOKENS)
    # Two layers of two heads and five queries give away 1 each; some of it beyond the borders.
    assert (training.read.attention.sum(dim=1) <= 2 * 2 * 5 + 1e-3).all()


def test_share_of_kept_tokens_can_change_between_calls():
    network = make_detr()
    with torch.no_grad():
        everything = network(PIXELS)
        network.encoder_keep = 0.2
        few = network(PIXELS)
        kept = network.predict_queries(PIXELS).tokens[-1].objectness
        network.encoder_keep = 1.0
        again = network(PIXELS)

    assert kept.shape == (2, count_kept(TOKENS, 0.2))
    assert not torch.equal(few.region_embeds, everything.region_embeds)
    assert torch.equal(again.region_embeds, everything.region_embeds)


def test_fewer_kept_tokens_than_queries_are_all_queries():
    network = make_detr()
    network.encoder_keep = 0.01

    with torch.no_grad():
        assert network(PIXELS).region_embeds.shape == (2, 2, 6)


def test_one_image_is_found_as_in_a_batch(network):
    with torch.no_grad():
        torch.testing.assert_close(
            network(PIXELS[1:]).region_embeds, network(PIXELS).region_embeds[1:], rtol=0, atol=1e-4
        )


def test_denoising_queries_change_no_object_query():
    network = make_detr()
    noisy = NoisyQueries(torch.randn(2, 3, 6), torch.full((2, 3, 4), 0.4), torch.tensor([0, 0, 1]))

    with torch.no_grad():
        plain = network.predict_queries(PIXELS).layers[-1]
        beside = network.predict_queries(PIXELS, noisy)

    assert beside.denoised[-1].region_embeds.shape == (2, 3, 6)
    torch.testing.assert_close(beside.layers[-1].region_embeds, plain.region_embeds)


def test_queries_read_object_queries_and_their_group():
    allowed = may_read(2, torch.tensor([0, 0, 1]))

    assert allowed.int().tolist() == [
        [1, 1, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 0, 1],
    ]


def test_boxes_of_tokens_start_larger_on_coarser_maps(network):
    with torch.no_grad():
        boxes = first_boxes(network.source(PIXELS))[0]

    torch.testing.assert_close(boxes[0], torch.tensor([1 / 16, 1 / 8, 0.05, 0.05]))
    torch.testing.assert_close(boxes[-1], torch.tensor([1.0, 1.0, 0.4, 0.4]))


def test_best_tokens_are_those_with_the_highest_scores():
    scores = torch.tensor([[0.1, 0.9, 0.5], [0.7, 0.2, 0.8]])

    assert best_tokens(scores, 2).tolist() == [[1, 2], [2, 0]]


@pytest.mark.parametrize("keep", [0.0, -0.1, 1.1])
def test_share_of_tokens_must_be_one(keep):
    with pytest.raises(ValueError, match=r"a share of tokens in \(0, 1\] wanted"):
        count_kept(100, keep)


def test_freezing_spares_the_later_blocks():
    network = make_detr()

    network.freeze_backbone(3)

    frozen = {name for name, value in network.named_parameters() if not value.requires_grad}
    assert all(name.startswith("source.backbone.") for name in frozen)
    assert network.source.backbone.blocks[3].project.conv.weight.requires_grad


def test_roles_are_those_of_the_parts(network):
    assert network.role_of("source.backbone.stem.conv.weight") is ParameterRole.BACKBONE
    assert network.role_of("source.neck.laterals.0.weight") is ParameterRole.INHERITED
    assert network.role_of("embed.weight") is ParameterRole.NEW
