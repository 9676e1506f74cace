"""Int8Ranges: what turns the graph of a network in float32 into one that computes in 8 bits.

The weights stay those of the network; what ships are the ranges of activations, found on training
images by post-training quantisation, and small corrections of biases. OpenVINO computes whatever
stands between two `FakeQuantize` operations in 8 bits.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovd.errors import WeightsError
from ovd.model.weights import WeightsRole, has_weights, load_weights

CONVOLUTIONS = ("Convolution", "GroupConvolution")
LEVELS, WEIGHT_LEVELS = 256, 255
NAMES, VALUES = "names", "values"
Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Int8Ranges:
    """Ranges of activations, by the names of operations in the graph.

    Attributes:
        checksum: SHA-256 of their file, hexadecimal.
        ranges: `(2, C)` lowest and highest value of what an operation gives, of each of C channels
            or of all where C is 1.
        shifts: `(C,)` what is added to the biases of a convolution.
    """

    checksum: str
    ranges: Arrays
    shifts: Arrays


def pack(ranges: Arrays, shifts: Arrays) -> dict[str, NDArray[np.uint8]]:
    """Return ranges and shifts as two compressed arrays."""
    entries = [("range", name, array) for name, array in sorted(ranges.items())]
    entries += [("shift", name, array) for name, array in sorted(shifts.items())]
    names = json.dumps([[kind, name, array.size] for kind, name, array in entries]).encode()
    flat = np.concatenate([array.ravel() for _, _, array in entries]).astype(np.float16)
    return {
        key: np.frombuffer(zlib.compress(content, 9), dtype=np.uint8)
        for key, content in ((NAMES, names), (VALUES, flat.tobytes()))
    }


def unpack(tensors: Mapping[str, NDArray[np.generic]], checksum: str) -> Int8Ranges:
    """Read what `pack` made.

    Raises:
        WeightsError: If it is damaged.
    """
    try:
        names = json.loads(zlib.decompress(tensors[NAMES].tobytes()))
        values = np.frombuffer(zlib.decompress(tensors[VALUES].tobytes()), dtype=np.float16)
        pieces = np.split(values.astype(np.float32), np.cumsum([size for _, _, size in names])[:-1])
        found: dict[str, dict[str, NDArray[np.float32]]] = {"range": {}, "shift": {}}
        for (kind, name, _), piece in zip(names, pieces, strict=True):
            found[kind][name] = piece.reshape(2, -1) if kind == "range" else piece
    except (KeyError, ValueError, TypeError, zlib.error) as error:
        raise WeightsError(f"the ranges for 8 bits are damaged: {error}") from error
    return Int8Ranges(checksum, found["range"], found["shift"])


def load_int8_ranges(weights_dir: Path, detector: str, network_sha256: str) -> Int8Ranges | None:
    """Read the ranges of a detector's network; None where none ship, or those of another network.

    Raises:
        WeightsError: If the file is damaged.
    """
    if not has_weights(weights_dir, detector, WeightsRole.INT8_RANGES):
        return None
    file = load_weights(weights_dir, detector, WeightsRole.INT8_RANGES)
    if file.encoder_id != network_sha256:
        return None
    return unpack(file.tensors, file.entry.sha256)


def quantise(model: Any, found: Int8Ranges) -> None:
    """Let a model of OpenVINO compute its convolutions in 8 bits, in place.

    Raises:
        WeightsError: If the ranges are of another network.
    """
    passes, operations = import_module("openvino.passes"), import_module("openvino.opset13")
    # Weights of several heads are one constant with a scale, which is no constant before this.
    manager = passes.Manager()
    manager.register_pass(passes.ConstantFolding())
    manager.run_passes(model)
    nodes = {node.get_friendly_name(): node for node in model.get_ordered_ops()}
    missing = [name for name in (*found.ranges, *found.shifts) if name not in nodes]
    if missing:
        raise WeightsError(f"the ranges for 8 bits are of another network: no {missing[0]}")
    for name, shift in found.shifts.items():
        _shift_bias(operations, nodes[name], shift)
    for name, (low, high) in found.ranges.items():
        output = nodes[name].output(0)
        readers = list(output.get_target_inputs())
        shape = (1, -1, 1, 1) if len(low) > 1 else ()
        ends = [operations.constant(end.reshape(shape)) for end in (low, high)]
        quantised = operations.fake_quantize(output, *ends, *ends, LEVELS)
        for reader in readers:
            reader.replace_source_output(quantised.output(0))
    for node in nodes.values():
        if node.get_type_name() in CONVOLUTIONS and _reads_8_bits(node):
            _quantise_weights(operations, node)


def _reads_8_bits(convolution: Any) -> bool:
    source = convolution.input_value(0).get_node()
    if source.get_type_name() == "Pad":
        source = source.input_value(0).get_node()
    return bool(source.get_type_name() == "FakeQuantize")


def _shift_bias(operations: Any, convolution: Any, shift: NDArray[np.float32]) -> None:
    for reader in list(convolution.output(0).get_target_inputs()):
        added = reader.get_node()
        if added.get_type_name() != "Add":
            raise WeightsError("the ranges for 8 bits are of another network: a bias is missing")
        bias = added.input_value(1).get_node().data
        moved = operations.constant(bias + shift.reshape(bias.shape))
        added.input(1).replace_source_output(moved.output(0))


def _quantise_weights(operations: Any, convolution: Any) -> None:
    weights = convolution.input_value(1)
    values = weights.get_node().data
    # Of a grouped convolution the first two axes are the output channels.
    kept = 1 if convolution.get_type_name() == "Convolution" else 2
    high = np.abs(values).max(axis=tuple(range(kept, values.ndim)), keepdims=True)
    high = np.maximum(high, np.finfo(np.float32).tiny)
    ends = [operations.constant(end.astype(np.float32)) for end in (-high, high)]
    quantised = operations.fake_quantize(weights, *ends, *ends, WEIGHT_LEVELS)
    convolution.input(1).replace_source_output(quantised.output(0))
