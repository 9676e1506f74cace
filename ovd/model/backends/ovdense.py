"""The default detector: OvDense or OvGhost, trained by `ovd.training`; it knows any text."""

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.detector import DetectorSpec, VocabularyDetector
from ovd.model.postprocess import PostprocessConfig
from ovd.model.quantization import arrays_to_float32
from ovd.model.runtimes.graph import load_graph
from ovd.model.runtimes.selection import NetworkSource, open_runner
from ovd.model.text.encoder import TableEncoder, TableWithTower, TextEncoder, load_tower
from ovd.model.text.projection import TextProjection
from ovd.model.weights import LoadedWeights, WeightsRole, has_weights, load_weights

if TYPE_CHECKING:
    from torch import Tensor

    from ovd.model.ghost.network import OvGhost
    from ovd.model.ovdense import OvDense
    from ovd.model.text.adapter import AdaptedEncoder
    from ovd.model.text.encoder import TowerEncoder

NAME = "ovdense"
# For images of 4:3, upright, square and 16:9; all of about the same cost.
INPUT_SIZES = ((320, 448), (448, 320), (384, 384), (256, 512))
GHOST_INPUT_SIZES = ((384, 512), (512, 384), (448, 448), (320, 576))
GHOST_TENSOR = "head.embeds.0.bias"
DEFAULT_MIN_SCORE = 0.35
MAX_IOU = 0.6
VOTE_IOU = 0.75
PREFIX, ADAPTER_PREFIX = "network.", "adapter."
SCALE, BIAS = "text_head.log_scale", "text_head.bias"


def load_ovdense(options: LoadOptions) -> VocabularyDetector:
    """Load network and text encoder.

    The embeddings of the names it was trained with, and of their other wordings, ship in a table;
    the text tower beside it, loaded when first needed, makes those of any other text.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
        RuntimeUnavailableError: If no runtime can run the network.
    """
    weights = load_weights(options.weights_dir, NAME, WeightsRole.NETWORK)
    tensors = _part(weights, PREFIX)
    source = NetworkSource(
        input_sizes=input_sizes_of(tensors),
        build=lambda: build_network(weights),
        graph=load_graph(options.weights_dir, NAME, weights, PREFIX),
    )
    projection = _text_projection(weights, tensors)
    runner = open_runner(source, options.run)
    spec = DetectorSpec(
        info=DetectorInfo(
            name=NAME,
            weights_sha256=weights.entry.sha256,
            known_names=weights.names,
            default_min_score=DEFAULT_MIN_SCORE,
            open_vocabulary=True,
        ),
        input_sizes=source.input_sizes,
        postprocess=PostprocessConfig(max_iou=MAX_IOU, vote_iou=VOTE_IOU),
    )
    return VocabularyDetector(spec, runner, projection, _load_encoder(options, weights))


def input_sizes_of(tensor_names: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Return heights and widths of the inputs that a network is best asked with.

    Args:
        tensor_names: Names of its tensors, or a mapping by them.
    """
    return GHOST_INPUT_SIZES if GHOST_TENSOR in tensor_names else INPUT_SIZES


def build_network(weights: LoadedWeights) -> "OvDense | OvGhost":
    """Build the network that a weights file holds with PyTorch, ready to run.

    Raises:
        WeightsError: If the file holds something else.
    """
    from ovd.model import networks

    return networks.build_network(_part(weights, PREFIX), weights.entry.file)


def _part(weights: LoadedWeights, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays below a prefix, as stored and without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in weights.tensors.items()
        if name.startswith(prefix)
    }


def _text_projection(
    weights: LoadedWeights, tensors: Mapping[str, NDArray[np.generic]]
) -> TextProjection:
    """Return the text head: `scale * <region, text> + bias`, as `InnerProductHead` computes it."""
    missing = [name for name in (SCALE, BIAS) if name not in tensors]
    if missing:
        raise WeightsError(
            f"{weights.entry.file} does not hold the network {NAME!r}: no {missing[0]}"
        )
    return TextProjection(scale=math.exp(float(tensors[SCALE])), bias=float(tensors[BIAS]))


def _load_encoder(options: LoadOptions, network: LoadedWeights) -> TextEncoder:
    folder = options.weights_dir
    if options.text_encoder is not None:
        return _adapted_encoder(options.text_encoder, network)
    table = TableEncoder(load_weights(folder, NAME, WeightsRole.TEXT_EMBEDDINGS))
    if not has_weights(folder, NAME, WeightsRole.TEXT_TOWER):
        return table
    return TableWithTower(table, lambda: load_own_tower(folder, network, table.encoder_id))


def load_own_tower(folder: Path, network: LoadedWeights, encoder_id: str) -> "TowerEncoder":
    """Load the tower that ships, with the projection that belongs to a network.

    Args:
        folder: Folder of the manifest and the weights.
        network: Its file, which holds the projection.
        encoder_id: Identifier of its embeddings.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    from ovd.model.text.compact_tower import build_text_model, build_tokenizer, load_compact_tower
    from ovd.model.text.encoder import TowerEncoder

    tower = load_compact_tower(folder)
    model = build_text_model(tower, _adapter_of(network))
    return TowerEncoder(model, build_tokenizer(tower), encoder_id, template="{}")


def _adapter_of(network: LoadedWeights) -> "dict[str, Tensor]":
    import torch

    arrays = arrays_to_float32(_part(network, ADAPTER_PREFIX))
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _adapted_encoder(spec: str, network: LoadedWeights) -> "AdaptedEncoder":
    """Return the encoder of another tower, for a network that was trained with it."""
    import torch

    from ovd.model.text.adapter import AdaptedEncoder, TextAdapter

    if network.encoder_id != spec:
        raise WeightsError(
            f"{network.entry.file} was not trained with the text encoder {spec!r}; unset "
            f"OVD_TEXT_ENCODER, or train with: ovd train CONFIG.toml --text-encoder {spec}"
        )
    projection = _adapter_of(network)
    adapter = TextAdapter(projection["proj.0.weight"].shape[1], len(projection["proj.2.weight"]))
    adapter.load_state_dict(projection)
    tower = load_tower(spec, template="{}")

    def features(names: list[str]) -> "Tensor":
        return torch.from_numpy(tower.embed(names))

    return AdaptedEncoder(features, adapter, f"{spec}+{network.entry.sha256[:12]}")
