import torch

from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.runtimes.half_precision import HalfPrecision, computes_in_bfloat16


def test_predictions_are_nearly_those_of_the_network():
    torch.manual_seed(0)
    network = OvDense(OvDenseConfig(width=8, embed_dim=6)).eval()
    pixels = torch.randn(1, 3, 64, 64)

    with torch.inference_mode():
        exact, half = network(pixels), HalfPrecision(network)(pixels)

    assert half.region_embeds.dtype == half.xyxy_norm.dtype == torch.float32
    assert not torch.equal(half.region_embeds, exact.region_embeds)
    torch.testing.assert_close(half.xyxy_norm, exact.xyxy_norm, atol=0.05, rtol=0.05)


def test_processor_is_asked_without_an_error():
    assert computes_in_bfloat16() in (True, False)
