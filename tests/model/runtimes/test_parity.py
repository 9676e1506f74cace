"""Every runtime gives what PyTorch gives in float32, within the tolerance that docs state."""

from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from ovd.model.backends import LoadOptions, find_backend
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.networks import PREFIX, build_network
from ovd.model.runtimes.eager import EagerRunner
from ovd.model.runtimes.graph import load_graph
from ovd.model.runtimes.measure import all_candidates
from ovd.model.runtimes.onnx import OnnxRunner
from ovd.model.runtimes.openvino import OpenVinoRunner
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from ovd.model.weights import WeightsRole, load_weights
from tests.builders import make_query
from tests.model.runtimes.networks import SIZES, make_images

# Of region embeddings, whose values reach 30, and of corners, in fractions of the image.
CLIP = Path(__file__).resolve().parents[3] / "samples" / "pedestrians.mp4"
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


def count_clip(weights_dir, every, last=None):
    """Return `(F, 2)` counts of persons and bicycles by runtime and precision that works here."""
    wanted = [
        (candidate.spec.runtime, candidate.precision)
        for candidate in all_candidates(gpu=False)
        if candidate.precision is Precision.FLOAT32
    ]
    counts = {}
    for runtime, precision in wanted:
        options = RuntimeOptions(runtime, precision, threads=1)
        detector = load_ovdense(LoadOptions(weights_dir, run=options))
        detector.open_network()
        assert detector.info.computation.runtime == runtime
        vocabulary = detector.encode([make_query("person"), make_query("bicycle")])
        counts[runtime] = []
        with av.open(str(CLIP)) as container:
            for frame in islice(container.decode(video=0), 0, last, every):
                (found,) = detector.detect([frame.to_ndarray(format="rgb24")], vocabulary)
                counts[runtime].append([len(found.of_label(label)) for label in (0, 1)])
    return {runtime: np.array(rows) for runtime, rows in counts.items()}


@pytest.mark.weights
def test_runtimes_count_alike_in_the_sample_clip(weights_dir):
    counts = count_clip(weights_dir, every=20, last=60)

    assert counts[Runtime.EAGER][:, 0].sum() > 0
    assert len(counts) == 3
    for rows in counts.values():
        np.testing.assert_array_equal(rows, counts[Runtime.EAGER])


@pytest.mark.weights
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_runtimes_count_alike_in_the_whole_clip(weights_dir):
    counts = count_clip(weights_dir, every=1)

    exact = counts[Runtime.EAGER]
    for rows in counts.values():
        assert (rows == exact).all(axis=1).mean() >= 0.99
        np.testing.assert_allclose(rows.mean(axis=0), exact.mean(axis=0), rtol=0.005)
