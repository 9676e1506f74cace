import pytest
import torch
import torch.nn.functional as F

from ovd.model.backbone import (
    BackboneConfig,
    ConvSpec,
    ConvUnit,
    MobileNetV2,
    stage_channels,
)


@pytest.mark.parametrize(("size", "before", "after"), [(8, 0, 1), (7, 1, 1), (300, 0, 1)])
def test_tf_same_padding_puts_the_odd_pixel_at_the_bottom_right(size, before, after):
    unit = ConvUnit((1, 1), ConvSpec(3, 2), activation=False)
    x = torch.rand(1, 1, size, size)

    got = unit(x)

    padded = F.pad(x, (before, after, before, after))
    assert got.shape[-1] == -(-size // 2)
    torch.testing.assert_close(got, F.conv2d(padded, unit.conv.weight, unit.conv.bias, stride=2))


def test_tf_same_padding_treats_each_side_by_its_own_size():
    unit = ConvUnit((1, 1), ConvSpec(3, 2), activation=False)
    x = torch.rand(1, 1, 7, 8)

    got = unit(x)

    padded = F.pad(x, (0, 1, 1, 1))
    torch.testing.assert_close(got, F.conv2d(padded, unit.conv.weight, unit.conv.bias, stride=2))


def test_without_tf_padding_a_pixel_is_added_all_around():
    unit = ConvUnit((1, 1), ConvSpec(3, 2, tf_same_padding=False), activation=False)
    x = torch.rand(1, 1, 8, 8)

    expected = F.conv2d(F.pad(x, (1, 1, 1, 1)), unit.conv.weight, unit.conv.bias, stride=2)

    torch.testing.assert_close(unit(x), expected)


def test_backbone_returns_the_stages_in_the_order_asked_for():
    stages = ("last", "block_5", "block_13.expand", "block_12")
    backbone = MobileNetV2(BackboneConfig(stages)).eval()

    with torch.inference_mode():
        maps = backbone(torch.zeros(2, 3, 64, 96))

    strides = (32, 8, 16, 16)
    assert [tuple(feature.shape) for feature in maps] == [
        (2, stage_channels(stage), 64 // stride, 96 // stride)
        for stage, stride in zip(stages, strides, strict=True)
    ]


def test_backbone_builds_nothing_behind_the_deepest_stage():
    backbone = MobileNetV2(BackboneConfig(("block_2", "block_5")))

    assert len(backbone.blocks) == 6
    assert not hasattr(backbone, "last")


def test_backbone_with_batch_norm_has_no_biases():
    backbone = MobileNetV2(BackboneConfig(("block_1",), batch_norm=True))

    assert backbone.stem.conv.bias is None
    assert backbone.blocks[1].expand.norm is not None


def test_backbone_works_channels_last_with_the_same_result():
    torch.manual_seed(0)
    backbone = MobileNetV2(BackboneConfig(("block_5",))).eval()
    x = torch.rand(1, 3, 50, 70)

    with torch.inference_mode():
        (plain,) = backbone(x)
        (last,) = backbone(x.contiguous(memory_format=torch.channels_last))

    torch.testing.assert_close(plain, last, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("stages", [(), ("block_17",), ("block_0.expand",)])
def test_backbone_refuses_stages_it_does_not_have(stages):
    with pytest.raises(ValueError, match="unknown stages"):
        BackboneConfig(stages)
