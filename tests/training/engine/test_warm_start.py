import pytest
import torch

from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.ovssd import OvSsd, OvSsdConfig
from ovd.training.engine.warm_start import forget_names, start_from_ssd

NAMES = 3
WIDTH = 16


@pytest.fixture(scope="module")
def started():
    torch.manual_seed(0)
    ssd = OvSsd(OvSsdConfig(region_dim=NAMES)).eval().requires_grad_(False)
    network = OvDense(OvDenseConfig(width=WIDTH, embed_dim=8)).eval()
    texts = torch.linalg.qr(torch.randn(8, NAMES)).Q.T
    pixels = torch.randn(2, 3, 128, 128)
    start_from_ssd(network, ssd, texts, [pixels])
    return network, ssd, texts, pixels


def test_backbone_is_the_teachers(started):
    network, ssd, _, pixels = started

    with torch.inference_mode():
        ours, theirs = network.backbone(pixels), ssd.backbone(pixels)

    torch.testing.assert_close(ours[1], theirs[0])
    torch.testing.assert_close(ours[2], theirs[1])


def test_laterals_are_standardised(started):
    network, _, _, pixels = started

    with torch.inference_mode():
        _, laterals = network.neck(network.feature_maps(pixels))

    for lateral in laterals[:3]:
        torch.testing.assert_close(
            lateral.mean(dim=(0, 2, 3)), torch.zeros(WIDTH), atol=1e-3, rtol=0
        )


def test_shortcuts_score_known_names_as_the_teacher_ranks_them(started):
    network, ssd, texts, pixels = started

    with torch.inference_mode():
        maps = network.feature_maps(pixels)
        _, laterals = network.neck(maps)
        embeds = network.many.shortcuts[0](laterals[1]).flatten(2).transpose(1, 2)
        ours = (embeds @ texts.T)[0]
        regions = ssd.predictors[0].regions(maps[1]).flatten(2).transpose(1, 2)
        theirs = regions.reshape(2, len(ours), -1, NAMES).mean(dim=2)[0]

    for name in range(NAMES):
        pair = torch.stack((ours[:, name], theirs[:, name]))
        assert torch.corrcoef(pair)[0, 1] > 0.99


def test_teacher_has_no_outputs_of_names_held_out(started):
    network, ssd, _, pixels = started

    smaller, names = forget_names(ssd, ("car", "dog", "cat"), {"dog"})

    with torch.inference_mode():
        stage = network.feature_maps(pixels)[1]
        theirs = ssd.predictors[0].regions(stage).unflatten(1, (-1, NAMES))
        ours = smaller.predictors[0].regions(stage).unflatten(1, (-1, 2))
    assert names == ("car", "cat")
    torch.testing.assert_close(ours, theirs[:, :, [0, 2]])
