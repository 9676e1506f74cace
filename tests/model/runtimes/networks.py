"""A small network in every form that runtimes read."""

import zlib

import numpy as np
import torch

from ovd.model.ovdense import OvDense, OvDenseConfig
from ovd.model.runtimes.graph import NetworkGraph
from ovd.model.runtimes.selection import NetworkSource
from ovd.training.packaging.network_graph import export_topology

SIZES = ((64, 128), (128, 64))


def make_source(sizes=SIZES):
    torch.manual_seed(0)
    network = OvDense(OvDenseConfig(width=8, embed_dim=6)).eval().requires_grad_(False)
    topologies, reads = {}, ()
    for size in sizes:
        reads, topology = export_topology(network, size)
        topologies[size] = zlib.compress(topology)
    tensors = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return NetworkSource(
        "0" * 64, sizes, lambda: network, NetworkGraph("0" * 64, tensors, reads, topologies)
    )


def make_images(batch=2, size_hw=SIZES[0]):
    return np.random.default_rng(0).integers(0, 256, (batch, *size_hw, 3), dtype=np.uint8)
