import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ovd.errors import WeightsError
from ovd.model.ghost.network import GhostConfig, OvGhost
from ovd.training.student.origin import load_origin
from ovd.training.student.start import (
    COCO_NAMES,
    MEAN,
    OUTPUTS,
    SCALE,
    _copied,
    load_arrays,
    start_from_arrays,
)

CONFIG = GhostConfig(width=16, fresh_width=4, embed_dim=128)


@pytest.fixture(scope="module")
def arrays():
    """Arrays of a network like NanoDet-Plus-m, but narrower in neck and head."""
    rng = np.random.default_rng(0)
    network = OvGhost(CONFIG)
    table = {}
    for name, source in _copied():
        conv = network.get_submodule(f"{name}.conv")
        table[f"{source}:weight"] = rng.normal(0, 0.1, conv.weight.shape)
        table[f"{source}:bias"] = rng.normal(0, 0.1, conv.bias.shape)
    for source in OUTPUTS:
        table[f"{source}:weight"] = rng.normal(0, 0.1, (len(COCO_NAMES) + 32, 16, 1, 1))
        table[f"{source}:bias"] = rng.normal(0, 0.1, len(COCO_NAMES) + 32)
    return {name: value.astype(np.float32) for name, value in table.items()}


@pytest.fixture(scope="module")
def texts():
    torch.manual_seed(0)
    return F.normalize(torch.randn(len(COCO_NAMES), 128), dim=1)


def test_a_started_network_gives_the_class_logits_of_the_arrays(arrays, texts):
    network = OvGhost(CONFIG).eval()
    start_from_arrays(network, arrays, texts)
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1

    with torch.no_grad():
        seen = network.head.towers[0](network.neck(network.backbone(pixels))[0])
        dense = network.predict_dense(pixels)

    weight = torch.from_numpy(arrays[f"{OUTPUTS[0]}:weight"])[: len(COCO_NAMES)]
    bias = torch.from_numpy(arrays[f"{OUTPUTS[0]}:bias"])[: len(COCO_NAMES)]
    wanted = F.conv2d(seen, weight, bias).flatten(2).transpose(1, 2)
    found = network.text_head.similarity(dense.region_embeds[:, : wanted.shape[1]], texts)
    torch.testing.assert_close(found, wanted, rtol=0.05, atol=0.05)


def test_the_stem_reads_rgb_as_the_arrays_read_normalised_bgr(arrays, texts):
    network = OvGhost(CONFIG)
    start_from_arrays(network, arrays, texts)
    rgb = torch.randint(0, 256, (1, 3, 8, 8)).float()
    bgr = (rgb.flip(1) - torch.tensor(MEAN)[:, None, None]) * torch.tensor(SCALE)[:, None, None]

    with torch.no_grad():
        found = network.backbone.stem.conv(rgb / 127.5 - 1)
    wanted = F.conv2d(
        bgr,
        torch.from_numpy(arrays["convrelu_0:weight"]),
        torch.from_numpy(arrays["convrelu_0:bias"]),
        stride=2,
        padding=1,
    )

    torch.testing.assert_close(found[..., 1:, 1:], wanted[..., 1:, 1:], rtol=1e-3, atol=1e-3)


def test_arrays_that_lack_a_layer_are_refused(arrays, texts):
    fewer = {name: value for name, value in arrays.items() if name != "conv_57:bias"}

    with pytest.raises(WeightsError, match="not the arrays of a NanoDet-Plus-m"):
        start_from_arrays(OvGhost(CONFIG), fewer, texts)


def test_missing_arrays_say_how_to_do_without(tmp_path):
    with pytest.raises(WeightsError, match=r"empty model\.arrays"):
        load_arrays(tmp_path / "none.npz")


def test_a_frozen_origin_gives_the_logits_of_the_arrays_for_names_not_held_out(
    arrays, texts, tmp_path
):
    np.savez(tmp_path / "arrays.npz", **arrays)
    network = OvGhost(CONFIG).eval()
    start_from_arrays(network, arrays, texts)
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1

    origin = load_origin(tmp_path / "arrays.npz", CONFIG, frozenset({"person"}))

    with torch.no_grad():
        wanted = network.predict_scores(pixels, texts).logits
        found = origin.network.predict_scores(pixels, origin.texts).logits
    assert origin.names == COCO_NAMES[1:]
    torch.testing.assert_close(found, wanted[:, :, 1:], rtol=0.05, atol=0.05)


def test_a_held_out_name_starts_without_its_class_output(arrays, texts):
    whole, part = OvGhost(CONFIG).eval(), OvGhost(CONFIG).eval()
    start_from_arrays(whole, arrays, texts)
    start_from_arrays(part, arrays, texts, frozenset({"person"}))
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1

    with torch.no_grad():
        wanted = whole.predict_scores(pixels, texts).logits
        found = part.predict_scores(pixels, texts).logits

    torch.testing.assert_close(found[:, :, 1:], wanted[:, :, 1:], rtol=0.05, atol=0.05)
    assert not torch.allclose(found[:, :, 0], wanted[:, :, 0], rtol=0.05, atol=0.05)
