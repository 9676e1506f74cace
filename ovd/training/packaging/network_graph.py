"""Write the topology of a network as ONNX, for runtimes that do without PyTorch.

The file holds one ONNX model per input size, without its weights: those stay in the file of the
network, from which `ovd.model.runtimes.graph` takes them.
"""

import json
import warnings
import zlib
from collections.abc import Sequence
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn

from ovd.errors import MissingExtraError
from ovd.model.backends import ovdense
from ovd.model.networks import fill_network
from ovd.model.runtimes.graph import INPUT, OUTPUTS
from ovd.model.weights import WeightsRole, load_weights

OPSET = 18
PREFIX = "network."
GRAPH_FILE = "ovdense_graph.safetensors"
SMALLEST = 9


class FromImages(nn.Module):
    """A detection network with its normalisation of pixels in front."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Find candidates in `(B, H, W, 3)` uint8 RGB images, as `NetworkOutput` has them."""
        pixels = images.permute(0, 3, 1, 2).to(torch.float32) * (1 / 127.5) - 1.0
        found = self.network(pixels)
        return found.region_embeds, found.xyxy_norm


def write_detector_graph(folder: Path) -> Path:
    """Write the graph of the network `ovdense` in a weights folder, and return its path.

    The manifest must name the network; an entry for the graph is the caller's to add.

    Raises:
        MissingExtraError: If onnx is not installed.
        WeightsError: If the network is missing or damaged.
    """
    weights = load_weights(folder, ovdense.NAME, WeightsRole.NETWORK)
    write_graph(fill_network(weights), ovdense.input_sizes_of(weights), folder / GRAPH_FILE)
    return folder / GRAPH_FILE


def write_graph(network: nn.Module, input_sizes: Sequence[tuple[int, int]], path: Path) -> None:
    """Write the topologies of a network.

    Args:
        network: As its weights file holds it: norms not folded, names as there.
        input_sizes: Heights and widths in pixels.
        path: File to write, in safetensors.

    Raises:
        MissingExtraError: If onnx is not installed.
    """
    reads: tuple[str, ...] = ()
    graphs: dict[str, NDArray[np.uint8]] = {}
    for size in input_sizes:
        reads, topology = export_topology(network, size)
        packed = zlib.compress(topology, SMALLEST)
        graphs[f"{size[0]}x{size[1]}"] = np.frombuffer(packed, dtype=np.uint8)
    save_file(graphs, path, {"ovd": json.dumps({"names": reads})})
    path.chmod(0o644)


def export_topology(network: nn.Module, size_hw: tuple[int, int]) -> tuple[tuple[str, ...], bytes]:
    """Export a network to ONNX for one image of a size, and take its weights out.

    Returns:
        The names of the network's tensors that the model reads, and the model.

    Raises:
        MissingExtraError: If onnx is not installed.
    """
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError(
            "writing the graph of a network needs onnx; install it with: pip install 'ovd[train]'"
        ) from error
    stream = BytesIO()
    with warnings.catch_warnings():
        # The tracer tells that sizes become constants, which is wanted, and that it is old.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            FromImages(_with_other_weights(network)).eval(),
            (torch.zeros((1, *size_hw, 3), dtype=torch.uint8),),
            cast(str, stream),
            dynamo=False,
            opset_version=OPSET,
            # Keeps norms as they are and names of tensors as the weights file has them.
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            input_names=[INPUT],
            output_names=list(OUTPUTS),
        )
    model = onnx.load_from_string(stream.getvalue())
    reads = [tensor.name for tensor in model.graph.initializer]
    del model.graph.initializer[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
        for index, name in enumerate(node.input):
            node.input[index] = name.removeprefix(PREFIX)
    return tuple(name.removeprefix(PREFIX) for name in reads), model.SerializeToString()


def _with_other_weights(network: nn.Module) -> nn.Module:
    """Return a copy with random weights, for the exporter makes one tensor of equal ones."""
    copy = deepcopy(network)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for tensor in copy.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.0, generator=generator)
    return copy
