import pytest
import torch

from ovd.errors import WeightsError
from ovd.model.detr.config import OvDetrConfig
from ovd.model.detr.network import OvDetr
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.training.detr.start import start_from_dense
from ovd.training.engine.checkpoint import save_weights


def make_detr(width):
    return OvDetr(OvDetrConfig(width=width, heads=2, inner=8, encoder_layers=1, decoder_layers=1))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("dense") / "weights.safetensors"
    dense = OvDense(OvDenseConfig(width=8, embed_dim=8))
    save_weights(path, {"network": dense}, {})
    return dense, path


def test_backbone_and_neck_come_from_the_dense_detector(weights):
    dense, path = weights
    network = make_detr(8)

    start_from_dense(network, path)

    for part in ("backbone.blocks.3.expand.conv.weight", "neck.laterals.1.weight"):
        torch.testing.assert_close(
            network.source.get_parameter(part), dense.get_parameter(part), rtol=1e-2, atol=1e-3
        )


def test_dense_detector_of_another_width_is_refused(weights):
    with pytest.raises(WeightsError, match="holds no dense detector whose neck fits"):
        start_from_dense(make_detr(16), weights[1])
