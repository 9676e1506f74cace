from dataclasses import replace

import numpy as np
import pytest

from ovd.errors import RuntimeUnavailableError, WeightsError
from ovd.model.backends import LoadOptions, find_backend
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.runtimes.int8 import Int8Ranges, load_int8_ranges, pack, unpack
from ovd.model.runtimes.openvino import OpenVinoRunner
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from tests.builders import make_query
from tests.model.runtimes.networks import make_images

OPTIONS = RuntimeOptions(threads=1)


def open_int8(source, found, options=OPTIONS):
    graph = replace(source.graph, read_int8=lambda: found)
    return OpenVinoRunner(graph, options, Precision.INT8)


def test_packed_ranges_come_back():
    ranges = {"b": np.float32([[0, -1], [2, 4]]), "a": np.float32([[0], [6]])}

    found = unpack(pack(ranges, {"c": np.float32([0.5, -0.25, 0])}), "1")

    assert found.checksum == "1"
    assert set(found.ranges) == {"a", "b"}
    np.testing.assert_array_equal(found.ranges["b"], ranges["b"])
    np.testing.assert_array_equal(found.shifts["c"], [0.5, -0.25, 0])


@pytest.mark.parametrize("name", ["names", "values"])
def test_damaged_ranges_are_told(name):
    tensors = pack({"a": np.float32([[0], [6]])}, {})
    tensors[name] = tensors[name][:-4]

    with pytest.raises(WeightsError, match="damaged"):
        unpack(tensors, "1")


def test_network_without_ranges_is_told(source):
    with pytest.raises(RuntimeUnavailableError, match="no ranges for 8 bits"):
        open_int8(source, None)


def test_ranges_of_another_network_are_told(source):
    found = Int8Ranges("1", {"/no/such/operation": np.float32([[0], [6]])}, {})

    with pytest.raises(RuntimeUnavailableError, match="of another network"):
        open_int8(source, found)(make_images())


def test_compiled_8_bits_are_kept_apart_from_float(source, tmp_path):
    options = replace(OPTIONS, cache_dir=tmp_path)

    OpenVinoRunner(source.graph, options)(make_images())
    for checksum in ("1", "1", "2"):
        open_int8(source, Int8Ranges(checksum, {}, {}), options)(make_images())

    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.weights
def test_ranges_that_ship_are_those_of_the_network_that_ships(weights_dir):
    graph = find_backend("ovdense").open_source(weights_dir).graph

    assert graph.read_int8() is not None
    assert load_int8_ranges(weights_dir, "ovdense", "0" * 64) is None
    assert find_backend("embedded").open_source(weights_dir).graph.read_int8() is None


@pytest.mark.weights
@pytest.mark.parametrize("size_hw", find_backend("ovdense").input_sizes[::2])
def test_8_bits_are_close_to_float(weights_dir, size_hw):
    graph = find_backend("ovdense").open_source(weights_dir).graph
    images = make_images(1, size_hw)

    exact = OpenVinoRunner(graph, OPTIONS)(images)
    rounded = OpenVinoRunner(graph, OPTIONS, Precision.INT8)(images)

    difference = rounded.region_embeds - exact.region_embeds
    assert 0 < np.sqrt(np.mean(difference**2)) < 0.4 * exact.region_embeds.std()
    assert np.median(np.abs(rounded.xyxy_norm - exact.xyxy_norm)) < 0.03


@pytest.mark.weights
def test_detector_computes_in_8_bits_where_asked(weights_dir):
    options = RuntimeOptions(Runtime.AUTO, Precision.INT8, threads=1)
    detector = load_ovdense(LoadOptions(weights_dir, run=options))

    found = detector.detect([make_images(1)[0]], detector.encode([make_query("person")]))

    assert (detector.info.computation.runtime, detector.info.computation.precision) == (
        "openvino",
        "int8",
    )
    assert len(found) == 1
