import numpy as np
import pytest
import torch

from ovd.model.backends.embedded import INPUT_SIZES
from ovd.model.ovssd import OvSsd, OvSsdConfig, build_ssd
from ovd.model.preprocess import preprocess
from ovd.model.runtimes.eager import to_pixels
from ovd.model.weights import WeightsRole, load_weights


@pytest.mark.weights
def test_port_agrees_with_the_original_graph(weights_dir, recorded):
    network = build_ssd(load_weights(weights_dir, "embedded", WeightsRole.NETWORK))
    batch, _ = preprocess([recorded["image"]], INPUT_SIZES[0])

    with torch.inference_mode():
        logits, encodings = network.encode(to_pixels(batch))

    assert np.abs(logits[0].numpy() - recorded["logits"]).max() < 0.1
    assert np.abs(encodings[0].numpy() - recorded["encodings"]).max() < 0.05


def test_decode_moves_and_scales_the_anchor():
    network = OvSsd(OvSsdConfig(region_dim=4))
    network.priors[:] = torch.tensor([0.5, 0.5, 0.2, 0.4])
    network.variances[:] = torch.tensor([0.1, 0.1, 0.2, 0.2])
    encodings = torch.zeros(1, len(network.priors), 4)
    encodings[0, 0] = torch.tensor([5.0, 0.0, 0.0, 5.0 * float(np.log(2.0))])

    boxes = network.decode(encodings)

    torch.testing.assert_close(boxes[0, 0], torch.tensor([0.5, 0.1, 0.7, 0.9]))
    torch.testing.assert_close(boxes[0, 1], torch.tensor([0.4, 0.3, 0.6, 0.7]))


def test_network_has_one_candidate_per_anchor_and_finite_boxes():
    network = OvSsd(OvSsdConfig(region_dim=4)).eval()

    with torch.inference_mode():
        predictions = network(torch.zeros(2, 3, 300, 300))

    assert tuple(predictions.region_embeds.shape) == (2, 1917, 4)
    assert tuple(predictions.xyxy_norm.shape) == (2, 1917, 4)
    assert torch.isfinite(predictions.xyxy_norm).all()
