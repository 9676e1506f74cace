"""NetworkGraph: a network as an ONNX model, made of its topology and its weights without torch.

The topology of every input size ships as an ONNX model without initialisers, some kilobytes. Its
initialisers are tensors of the weights file, by their names. Protocol buffers merge a message
that comes twice, so the initialisers are appended as a second `graph` field; nothing is parsed.
"""

import logging
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.errors import WeightsError
from ovd.model.quantization import dequantise
from ovd.model.runtimes.int8 import Int8Ranges, load_int8_ranges
from ovd.model.weights import LoadedWeights, WeightsRole, has_weights, load_weights

_LOG = logging.getLogger(__name__)
INPUT, OUTPUTS = "images", ("region_embeds", "xyxy_norm")
# Field numbers and types of onnx.proto (Apache-2.0).
_MODEL_GRAPH, _GRAPH_INITIALIZER = 7, 5
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9
_TYPES = {np.dtype(np.float32): 1, np.dtype(np.int8): 3, np.dtype(np.int64): 7}


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """A network for runtimes that read ONNX; one image goes in, `(1, H, W, 3)` uint8 RGB.

    Attributes:
        checksum: SHA-256 of the weights and of the topologies, hexadecimal.
        tensors: Weights by name, as stored.
        reads: Names of the tensors that the topologies read.
        topologies: ONNX models without initialisers by input size, compressed with zlib.
        read_int8: Reads what 8 bits need; gives None where the folder has none for this network.
    """

    checksum: str
    tensors: Mapping[str, NDArray[np.generic]]
    reads: tuple[str, ...]
    topologies: Mapping[tuple[int, int], bytes]
    read_int8: Callable[[], Int8Ranges | None] = lambda: None

    def model(self, size_hw: tuple[int, int]) -> bytes:
        """Return the whole ONNX model for one input size.

        Raises:
            WeightsError: If the topologies are of another network, or have no such size.
        """
        if size_hw not in self.topologies:
            raise WeightsError(f"no graph of the network for an input of {size_hw[0]}x{size_hw[1]}")
        try:
            topology = zlib.decompress(self.topologies[size_hw])
        except zlib.error as error:
            raise WeightsError(f"the graph of the network is damaged: {error}") from error
        arrays = dequantise(self.tensors)
        missing = [name for name in self.reads if name not in arrays]
        if missing:
            raise WeightsError(f"the graph is of another network: no tensor {missing[0]}")
        initialisers = (piece for name in self.reads for piece in _initialiser(name, arrays[name]))
        content = b"".join(initialisers)
        return b"".join((topology, _header(_MODEL_GRAPH, len(content)), content))


def load_graph(
    weights_dir: Path, detector: str, weights: LoadedWeights, prefix: str = ""
) -> NetworkGraph | None:
    """Read the graph of a detector's network; None where the folder has none that can be used.

    Args:
        weights_dir: Folder of the manifest and the weights.
        detector: Name of the detector.
        weights: Its network.
        prefix: What the names of the network's tensors begin with in `weights`.
    """
    if not has_weights(weights_dir, detector, WeightsRole.NETWORK_GRAPH):
        return None
    try:
        file = load_weights(weights_dir, detector, WeightsRole.NETWORK_GRAPH)
        topologies = {_parse_size(size): array.tobytes() for size, array in file.tensors.items()}
    except (WeightsError, ValueError) as error:
        _LOG.warning("no graph of the network of %s, so PyTorch computes it: %s", detector, error)
        return None
    checksum = f"{weights.entry.sha256[:32]}{file.entry.sha256[:32]}"
    read_int8 = partial(load_int8_ranges, weights_dir, detector, weights.entry.sha256)
    return NetworkGraph(checksum, weights.below(prefix), file.names, topologies, read_int8)


def _parse_size(text: str) -> tuple[int, int]:
    height, width = text.split("x")
    return int(height), int(width)


def _initialiser(name: str, array: NDArray[np.generic]) -> Iterator[bytes]:
    """Encode an array as an `initializer` field of a graph."""
    raw = np.ascontiguousarray(array).tobytes()
    own_name = name.encode()
    tensor = b"".join(
        (
            *(_varint(_TENSOR_DIMS << 3) + _varint(side) for side in array.shape),
            _varint(_TENSOR_TYPE << 3) + _varint(_TYPES[array.dtype]),
            _header(_TENSOR_NAME, len(own_name)),
            own_name,
            _header(_TENSOR_RAW, len(raw)),
        )
    )
    yield _header(_GRAPH_INITIALIZER, len(tensor) + len(raw))
    yield tensor
    yield raw


def _header(field: int, length: int) -> bytes:
    """Encode the head of a length-delimited field."""
    return _varint(field << 3 | 2) + _varint(length)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
