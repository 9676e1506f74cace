import copy

import pytest
import torch

from ovd.model.ovdense import (
    STRIDES,
    InnerProductHead,
    OvDense,
    OvDenseConfig,
    fold_norms,
    make_points,
)

SIZE_HW = (64, 128)
POINTS = sum((64 // stride) * (128 // stride) for stride in STRIDES)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return OvDense(OvDenseConfig(width=8, embed_dim=6)).eval()


def test_points_lie_where_receptive_fields_with_tf_padding_do():
    points, strides = make_points(SIZE_HW)

    assert points.shape == (POINTS, 2)
    assert points[0].tolist() == [7.5, 7.5]
    assert points[1].tolist() == [15.5, 7.5]
    assert points[-1].tolist() == [127.5, 63.5]
    assert strides[0] == 8
    assert strides[-1] == 64


def test_receptive_field_of_the_backbone_is_centred_on_its_points(network):
    pixels = torch.randn(1, 3, 128, 128, requires_grad=True)
    feature = network.backbone(pixels)[0]

    (gradient,) = torch.autograd.grad(feature[0, :, 8, 8].sum(), pixels)

    rows = gradient.abs().sum(dim=(0, 1, 3)).nonzero()[:, 0]
    assert (rows.min() + rows.max()).item() / 2 + 0.5 == 8 * 9 - 0.5


def test_network_gives_a_box_and_an_embedding_per_point(network):
    with torch.inference_mode():
        raw = network(torch.randn(2, 3, *SIZE_HW))

    assert raw.region_embeds.shape == (2, POINTS, 6)
    assert raw.xyxy_norm.shape == (2, POINTS, 4)
    assert (raw.xyxy_norm[..., 2:] > raw.xyxy_norm[..., :2]).all()


def test_boxes_contain_their_points(network):
    with torch.inference_mode():
        xyxy = network.predict_dense(torch.randn(1, 3, *SIZE_HW)).xyxy[0]
    points, _ = make_points(SIZE_HW)

    assert ((xyxy[:, :2] < points) & (points < xyxy[:, 2:])).all()


def test_training_and_running_agree(network):
    pixels = torch.randn(1, 3, *SIZE_HW)

    with torch.inference_mode():
        dense, raw, single = (
            network.predict_dense(pixels),
            network(pixels),
            network.predict_single(pixels),
        )

    torch.testing.assert_close(dense.region_embeds, raw.region_embeds)
    torch.testing.assert_close(dense.single_embeds, single.region_embeds)
    torch.testing.assert_close(dense.xyxy / torch.tensor([128, 64, 128, 64]), raw.xyxy_norm)


def test_one_to_one_branch_does_not_change_the_shared_features(network):
    embeds = network.predict_dense(torch.randn(1, 3, *SIZE_HW)).single_embeds

    embeds.sum().backward()

    assert network.single.embed.weight.grad is not None
    assert network.neck.laterals[0].weight.grad is None
    network.zero_grad()


def test_batch_images_do_not_influence_each_other(network):
    pixels = torch.randn(2, 3, *SIZE_HW)

    with torch.inference_mode():
        together, alone = network(pixels), network(pixels[1:])

    torch.testing.assert_close(together.region_embeds[1:], alone.region_embeds, rtol=0, atol=1e-4)


def test_head_scores_an_empty_embedding_with_its_bias():
    head = InnerProductHead(bias=-4.0)
    texts = torch.nn.functional.normalize(torch.randn(3, 6), dim=1)

    logits = head.similarity(torch.zeros(1, 2, 6), texts)

    assert logits.shape == (1, 2, 3)
    assert (logits == -4.0).all()


def test_folding_the_norms_changes_nothing_but_their_number(network):
    trained = copy.deepcopy(network)
    for module in trained.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -1, 1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    folded = copy.deepcopy(trained)
    pixels = torch.randn(1, 3, *SIZE_HW)

    fold_norms(folded)

    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    with torch.inference_mode():
        torch.testing.assert_close(
            folded(pixels).region_embeds, trained(pixels).region_embeds, atol=1e-4, rtol=1e-4
        )
