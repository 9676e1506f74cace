"""Tell which network weights belong to, and make it."""

from collections.abc import Mapping
from typing import TypeVar

from torch import Tensor

from ovd.errors import WeightsError
from ovd.model.detr.config import OvDetrConfig
from ovd.model.detr.network import OvDetr
from ovd.model.ghost.network import GhostConfig, OvGhost
from ovd.model.ovdense import OvDense, OvDenseConfig, fold_norms, use_channels_last
from ovd.model.quantization import arrays_to_float32
from ovd.model.weights import LoadedWeights

T = TypeVar("T")
Network = OvDense | OvGhost | OvDetr
PREFIX = "network."
DETR_CONFIG = "config_numbers"


def remove_prefix(tensors: Mapping[str, T], prefix: str) -> dict[str, T]:
    """Return what lies below a prefix, without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def make_network(state: Mapping[str, Tensor]) -> Network:
    """Make the network that a state belongs to, not filled yet.

    Args:
        state: Its tensors by name; of most only their names and shapes matter.

    Raises:
        KeyError: If it is the state of something else.
    """
    if DETR_CONFIG in state:
        return OvDetr(OvDetrConfig.from_tensor(state[DETR_CONFIG]))
    if "head.embeds.0.bias" in state:
        fresh = state.get("head.fresh.1.conv.bias")
        return OvGhost(
            GhostConfig(
                width=len(state["neck.reduce.0.conv.bias"]),
                fresh_width=0 if fresh is None else len(fresh),
                embed_dim=len(state["head.embeds.0.bias"]),
            )
        )
    return OvDense(
        OvDenseConfig(
            width=len(state["neck.laterals.0.bias"]), embed_dim=len(state["many.embed.bias"])
        )
    )


def build_network(weights: LoadedWeights) -> Network:
    """Build the network that a weights file holds, ready to run.

    Raises:
        WeightsError: If the file holds something else.
    """
    network = fill_network(weights)
    if isinstance(network, OvDense):
        fold_norms(network)
    use_channels_last(network)
    return network


def fill_network(weights: LoadedWeights) -> Network:
    """Build the network that a weights file holds, its layers as they were trained.

    Raises:
        WeightsError: If the file holds something else.
    """
    state = arrays_to_float32(weights.below(PREFIX))
    try:
        network = make_network(state)
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        wanted = ", ".join(weights.entry.used_by)
        raise WeightsError(
            f"{weights.entry.file} does not hold the network of {wanted}: {error}"
        ) from error
    return network.requires_grad_(False).eval()
