import numpy as np
import pytest
import torch

from ovd.errors import RuntimeUnavailableError
from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.runtimes.eager import EagerRunner, to_pixels
from ovd.model.runtimes.network_runner import NetworkOutput
from ovd.model.runtimes.options import Device, Precision


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return OvDense(OvDenseConfig(width=8, embed_dim=6)).eval()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (2, 64, 128, 3), dtype=np.uint8)


def test_pixels_are_in_minus_one_to_one_channels_last():
    images = np.zeros((1, 8, 16, 3), dtype=np.uint8)
    images[..., 0] = 255

    pixels = to_pixels(images)

    assert tuple(pixels.shape) == (1, 3, 8, 16)
    assert pixels.is_contiguous(memory_format=torch.channels_last)
    assert pixels[0, :, 3, 5].tolist() == pytest.approx([1.0, -1.0, -1.0])


def test_output_is_that_of_the_network(network, images):
    with torch.inference_mode():
        exact = network(to_pixels(images))

    output = EagerRunner(network)(images)

    assert output.region_embeds.dtype == output.xyxy_norm.dtype == np.float32
    np.testing.assert_array_equal(output.region_embeds, exact.region_embeds.numpy())
    np.testing.assert_array_equal(output.xyxy_norm, exact.xyxy_norm.numpy())


def test_bfloat16_output_is_nearly_the_same_in_float32(network, images):
    exact, half = EagerRunner(network)(images), EagerRunner(network, Precision.BFLOAT16)(images)

    assert half.region_embeds.dtype == half.xyxy_norm.dtype == np.float32
    assert not np.array_equal(half.region_embeds, exact.region_embeds)
    np.testing.assert_allclose(half.xyxy_norm, exact.xyxy_norm, atol=0.05, rtol=0.05)


def test_an_image_gives_the_same_alone_and_in_a_batch(network, images):
    together, alone = EagerRunner(network)(images), EagerRunner(network)(images[1:])

    np.testing.assert_allclose(together.region_embeds[1], alone.region_embeds[0], atol=1e-4)


def test_output_refuses_arrays_that_do_not_fit():
    with pytest.raises(ValueError, match=r"\(B, Q, D\)"):
        NetworkOutput(np.zeros((1, 4, 8), np.float32), np.zeros((1, 5, 4), np.float32))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_gpu_that_is_not_there_is_told(network):
    with pytest.raises(RuntimeUnavailableError, match="no GPU"):
        EagerRunner(network, device=Device.CUDA)
