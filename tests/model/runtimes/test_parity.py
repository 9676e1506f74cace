"""Every runtime gives what PyTorch gives in float32, within the tolerance that docs state."""

import numpy as np
import pytest

from ovd.model.backends import find_backend
from ovd.model.networks import PREFIX, build_network
from ovd.model.runtimes.eager import EagerRunner
from ovd.model.runtimes.graph import load_graph
from ovd.model.runtimes.onnx import OnnxRunner
from ovd.model.runtimes.openvino import OpenVinoRunner
from ovd.model.runtimes.options import RuntimeOptions
from ovd.model.weights import WeightsRole, load_weights
from tests.model.runtimes.networks import SIZES, make_images

# Of region embeddings, whose values reach 30, and of corners, in fractions of the image.
EMBED_ATOL, CORNER_ATOL = 1e-3, 1e-4

RUNNERS = {
    "onnx": lambda graph: OnnxRunner(graph, 1),
    "openvino": lambda graph: OpenVinoRunner(graph, RuntimeOptions(threads=1)),
}


def assert_same(output, exact):
    assert output.region_embeds.dtype == output.xyxy_norm.dtype == np.float32
    np.testing.assert_allclose(output.region_embeds, exact.region_embeds, atol=EMBED_ATOL)
    np.testing.assert_allclose(output.xyxy_norm, exact.xyxy_norm, atol=CORNER_ATOL)


@pytest.mark.parametrize("runtime", RUNNERS)
@pytest.mark.parametrize("batch", [1, 2, 3])
@pytest.mark.parametrize("size_hw", SIZES)
def test_runtime_agrees_with_eager(source, runtime, batch, size_hw):
    images = make_images(batch, size_hw)

    output = RUNNERS[runtime](source.graph)(images)

    assert_same(output, EagerRunner(source.build())(images))


@pytest.mark.weights
@pytest.mark.parametrize("size_hw", find_backend("ovdense").input_sizes)
@pytest.mark.parametrize("runtime", RUNNERS)
def test_runtime_agrees_with_eager_on_the_default_network(weights_dir, runtime, size_hw):
    weights = load_weights(weights_dir, "ovdense", WeightsRole.NETWORK)
    images = make_images(1, size_hw)

    output = RUNNERS[runtime](load_graph(weights_dir, "ovdense", weights, PREFIX))(images)

    assert_same(output, EagerRunner(build_network(weights))(images))
