import pytest
import torch

from ovd.model.neck import NeckConfig, PyramidNeck, SeparableConv

CONFIG = NeckConfig(in_channels=(6, 10, 12), lateral_kernels=(1, 3, 3), width=8)


def make_maps(side=16):
    return tuple(
        torch.randn(2, channels, side >> level, side >> level)
        for level, channels in enumerate(CONFIG.in_channels)
    )


def test_neck_keeps_the_sizes_of_its_levels():
    mixed, laterals = PyramidNeck(CONFIG)(make_maps())

    assert [tuple(x.shape) for x in mixed] == [(2, 8, 16, 16), (2, 8, 8, 8), (2, 8, 4, 4)]
    assert [x.shape for x in laterals] == [x.shape for x in mixed]


def test_every_level_hears_of_every_other():
    neck = PyramidNeck(CONFIG).eval()
    maps = [x.requires_grad_() for x in make_maps()]

    mixed, _ = neck(tuple(maps))

    for level in mixed:
        grads = torch.autograd.grad(level.square().sum(), maps, retain_graph=True)
        assert all(grad.abs().sum() > 0 for grad in grads)


def test_laterals_are_linear():
    neck = PyramidNeck(CONFIG).eval()
    maps = make_maps()

    _, once = neck(maps)
    _, twice = neck(tuple(2 * x for x in maps))

    for lateral, doubled, conv in zip(once, twice, neck.laterals, strict=True):
        bias = conv.bias[:, None, None]
        torch.testing.assert_close(doubled - bias, 2 * (lateral - bias))


def test_separable_conv_looks_to_the_bottom_right_at_stride_2():
    conv = SeparableConv((1, 1), stride=2).eval()
    with torch.no_grad():
        conv.depthwise.conv.weight.fill_(1.0)
        conv.depthwise.conv.bias.zero_()
        conv.pointwise.weight.fill_(1.0)
    image = torch.zeros(1, 1, 8, 8)
    image[0, 0, 1, 1] = 1.0

    seen = conv(image)[0, 0]

    assert seen[0, 0] > 0
    assert seen.count_nonzero() == 1


def test_neck_refuses_kernels_that_do_not_fit_its_maps():
    with pytest.raises(ValueError, match="3 maps and 2 kernels"):
        NeckConfig(in_channels=(6, 10, 12), lateral_kernels=(1, 3), width=8)
