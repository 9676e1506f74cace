"""The default detector: OvDense, trained by `ovd.training`; it compares regions with any text."""

from pathlib import Path

import torch
from torch import Tensor

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.detector import DetectorSpec, VocabularyDetector
from ovd.model.ghost.network import OvGhost
from ovd.model.networks import make_network
from ovd.model.ovdense import OvDense, fold_norms, use_channels_last
from ovd.model.postprocess import PostprocessConfig
from ovd.model.quantization import arrays_to_float32
from ovd.model.runtimes.eager import EagerRunner, computes_in_bfloat16
from ovd.model.text.adapter import AdaptedEncoder, TextAdapter
from ovd.model.text.compact_tower import build_text_model, build_tokenizer, load_compact_tower
from ovd.model.text.encoder import (
    TableEncoder,
    TableWithTower,
    TextEncoder,
    TowerEncoder,
    load_tower,
)
from ovd.model.weights import (
    LoadedWeights,
    WeightsRole,
    has_weights,
    load_weights,
)

NAME = "ovdense"
# For images of 4:3, upright, square and 16:9; all of about the same cost.
INPUT_SIZES = ((320, 448), (448, 320), (384, 384), (256, 512))
GHOST_INPUT_SIZES = ((384, 512), (512, 384), (448, 448), (320, 576))
DEFAULT_MIN_SCORE = 0.35
MAX_IOU = 0.6
VOTE_IOU = 0.75
PREFIX, ADAPTER_PREFIX = "network.", "adapter."


def load_ovdense(options: LoadOptions) -> VocabularyDetector:
    """Load network and text encoder.

    The embeddings of the names it was trained with, and of their other wordings, ship in a table;
    the text tower beside it, loaded when first needed, makes those of any other text. It computes
    in bfloat16 where the processor does, at half the time.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    weights = load_weights(options.weights_dir, NAME, WeightsRole.NETWORK)
    network = build_network(weights)
    spec = DetectorSpec(
        info=DetectorInfo(
            name=NAME,
            weights_sha256=weights.entry.sha256,
            known_names=weights.names,
            default_min_score=DEFAULT_MIN_SCORE,
            open_vocabulary=True,
        ),
        input_sizes=input_sizes_of(network),
        postprocess=PostprocessConfig(max_iou=MAX_IOU, vote_iou=VOTE_IOU),
    )
    # Depthwise 5 x 5 kernels, of which the ghost network is made, are slow in bfloat16 on a CPU.
    in_half = computes_in_bfloat16() and isinstance(network, OvDense)
    runner = EagerRunner(network, bfloat16=in_half)
    encoder = _load_encoder(options, weights)
    return VocabularyDetector(spec, runner, network.text_head.to_projection(), encoder)


def input_sizes_of(network: OvDense | OvGhost) -> tuple[tuple[int, int], ...]:
    """Return heights and widths of the inputs that a network is best asked with."""
    return GHOST_INPUT_SIZES if isinstance(network, OvGhost) else INPUT_SIZES


def build_network(weights: LoadedWeights) -> OvDense | OvGhost:
    """Build the network that a weights file holds, ready to run.

    Raises:
        WeightsError: If the file holds something else.
    """
    state = _part(weights, PREFIX)
    try:
        network = make_network(state)
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise WeightsError(
            f"{weights.entry.file} does not hold the network {NAME!r}: {error}"
        ) from error
    network.requires_grad_(False)
    if isinstance(network, OvDense):
        fold_norms(network)
    use_channels_last(network)
    return network


def _part(weights: LoadedWeights, prefix: str) -> dict[str, Tensor]:
    """Return the tensors below a prefix, in float32 and without it."""
    found = {
        name.removeprefix(prefix): array
        for name, array in weights.tensors.items()
        if name.startswith(prefix)
    }
    return arrays_to_float32(found)


def _load_encoder(options: LoadOptions, network: LoadedWeights) -> TextEncoder:
    folder = options.weights_dir
    if options.text_encoder is not None:
        return _adapted_encoder(options.text_encoder, network)
    table = TableEncoder(load_weights(folder, NAME, WeightsRole.TEXT_EMBEDDINGS))
    if not has_weights(folder, NAME, WeightsRole.TEXT_TOWER):
        return table
    return TableWithTower(table, lambda: load_own_tower(folder, network, table.encoder_id))


def load_own_tower(folder: Path, network: LoadedWeights, encoder_id: str) -> TowerEncoder:
    """Load the tower that ships, with the projection that belongs to a network.

    Args:
        folder: Folder of the manifest and the weights.
        network: Its file, which holds the projection.
        encoder_id: Identifier of its embeddings.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    tower = load_compact_tower(folder)
    model = build_text_model(tower, _part(network, ADAPTER_PREFIX))
    return TowerEncoder(model, build_tokenizer(tower), encoder_id, template="{}")


def _adapted_encoder(spec: str, network: LoadedWeights) -> AdaptedEncoder:
    """Return the encoder of another tower, for a network that was trained with it."""
    if network.encoder_id != spec:
        raise WeightsError(
            f"{network.entry.file} was not trained with the text encoder {spec!r}; unset "
            f"OVD_TEXT_ENCODER, or train with: ovd train CONFIG.toml --text-encoder {spec}"
        )
    projection = _part(network, ADAPTER_PREFIX)
    adapter = TextAdapter(projection["proj.0.weight"].shape[1], len(projection["proj.2.weight"]))
    adapter.load_state_dict(projection)
    tower = load_tower(spec, template="{}")

    def features(names: list[str]) -> Tensor:
        return torch.from_numpy(tower.embed(names))

    return AdaptedEncoder(features, adapter, f"{spec}+{network.entry.sha256[:12]}")
