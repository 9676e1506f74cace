import shutil
from dataclasses import replace

import numpy as np
import onnx
import pytest

from ovd.errors import WeightsError
from ovd.model.backends.ovdense import INPUT_SIZES, PREFIX
from ovd.model.quantization import SCALE_SUFFIX
from ovd.model.runtimes.graph import load_graph
from ovd.model.weights import WeightsRole, load_weights
from tests.model.runtimes.networks import SIZES


def test_model_is_valid_and_holds_the_weights(source):
    model = onnx.load_from_string(source.graph.model(SIZES[0]))

    onnx.checker.check_model(model, full_check=True)
    held = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    assert set(held) == set(source.graph.reads)
    for name, array in held.items():
        np.testing.assert_array_equal(array, source.graph.tensors[name])


def test_weights_of_8_bits_are_multiplied_with_their_scales(source):
    name = "neck.laterals.0.weight"
    weight = source.graph.tensors[name]
    stored = {
        name: np.ones_like(weight, dtype=np.int8),
        name + SCALE_SUFFIX: np.full(len(weight), 0.5, dtype=np.float16),
    }
    graph = replace(source.graph, tensors=source.graph.tensors | stored)

    model = onnx.load_from_string(graph.model(SIZES[0]))

    (held,) = (tensor for tensor in model.graph.initializer if tensor.name == name)
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(held), np.full_like(weight, 0.5))


def test_graph_of_another_network_is_refused(source):
    others = {name: array for name, array in source.graph.tensors.items() if "neck" not in name}

    with pytest.raises(WeightsError, match="another network: no tensor neck"):
        replace(source.graph, tensors=others).model(SIZES[0])


def test_size_that_was_not_exported_is_refused(source):
    with pytest.raises(WeightsError, match="64x64"):
        source.graph.model((64, 64))


@pytest.mark.weights
def test_graph_that_ships_has_every_input_size(weights_dir):
    weights = load_weights(weights_dir, "ovdense", WeightsRole.NETWORK)

    graph = load_graph(weights_dir, "ovdense", weights, PREFIX)

    assert graph is not None
    assert set(graph.topologies) == set(INPUT_SIZES)


@pytest.mark.weights
def test_graph_that_is_damaged_is_left_out_with_a_warning(weights_dir, tmp_path, caplog):
    folder = tmp_path / "weights"
    shutil.copytree(weights_dir, folder)
    (folder / "ovdense_graph.safetensors").write_bytes(b"truncated")
    weights = load_weights(folder, "ovdense", WeightsRole.NETWORK)

    assert load_graph(folder, "ovdense", weights, PREFIX) is None
    assert "PyTorch computes it" in caplog.text
