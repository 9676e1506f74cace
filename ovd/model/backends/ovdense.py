"""The default detector: OvDense, trained by `ovd.training`; it compares regions with any text.

Nothing of it needs PyTorch where another runtime computes the network.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.detector import DeferredDetector, DetectorSpec
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.graph import load_graph
from ovd.model.runtimes.selection import NetworkSource, prepare_runner
from ovd.model.text.encoder import TableEncoder, TableWithTower, TextEncoder
from ovd.model.text.projection import TextProjection
from ovd.model.weights import (
    LoadedWeights,
    WeightsRole,
    has_weights,
    load_weights,
)

if TYPE_CHECKING:
    from ovd.model.predictions import DetectionNetwork

NAME = "ovdense"
# For images of 4:3, upright, square and 16:9; all of about the same cost.
INPUT_SIZES = ((320, 448), (448, 320), (384, 384), (256, 512))
GHOST_INPUT_SIZES = ((384, 512), (512, 384), (448, 448), (320, 576))
DEFAULT_MIN_SCORE = 0.35
MAX_IOU = 0.6
VOTE_IOU = 0.75
PREFIX = "network."
GHOST_PART = "head.embeds."


def load_ovdense(options: LoadOptions) -> DeferredDetector:
    """Load the text encoder and the weights of the network, which is opened later.

    The embeddings of the names it was trained with, and of their other wordings, ship in a table;
    the text tower beside it, loaded when first needed, makes those of any other text.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
        UnknownRuntimeError: If the runtime does not compute in the precision.
    """
    weights = load_weights(options.weights_dir, NAME, WeightsRole.NETWORK)
    projection = read_projection(weights)
    source = _source_of(weights, options.weights_dir)
    runner = prepare_runner(source, options.run)
    encoder, fitted = load_encoder(options, weights, NAME)
    spec = DetectorSpec(
        info=describe_detector(NAME, weights, fitted),
        input_sizes=source.input_sizes,
        computation=lambda: runner.computation,
        postprocess=PostprocessConfig(max_iou=MAX_IOU, vote_iou=VOTE_IOU),
    )
    return DeferredDetector(spec, runner, projection, encoder)


def describe_detector(name: str, weights: LoadedWeights, fitted: tuple[str, ...]) -> DetectorInfo:
    """Return the facts about a detector that compares regions with any text.

    Args:
        name: Name by which users choose it.
        weights: Of its network.
        fitted: Names that were fitted to the network beside those it was trained with.
    """
    return DetectorInfo(
        name=name,
        weights_sha256=weights.entry.sha256,
        known_names=tuple(dict.fromkeys((*weights.names, *fitted))),
        default_min_score=DEFAULT_MIN_SCORE,
        open_vocabulary=True,
    )


def open_source(weights_dir: Path) -> NetworkSource:
    """Read the network only.

    Raises:
        WeightsError: If its file is missing, damaged or does not fit.
    """
    return _source_of(load_weights(weights_dir, NAME, WeightsRole.NETWORK), weights_dir)


def _source_of(weights: LoadedWeights, weights_dir: Path) -> NetworkSource:
    return NetworkSource(
        checksum=weights.entry.sha256,
        input_sizes=input_sizes_of(weights),
        build=lambda: _build_network(weights),
        graph=load_graph(weights_dir, NAME, weights, PREFIX),
    )


def input_sizes_of(weights: LoadedWeights) -> tuple[tuple[int, int], ...]:
    """Return heights and widths of the inputs that the network of a file is best asked with."""
    return GHOST_INPUT_SIZES if _is_ghost(weights) else INPUT_SIZES


def _build_network(weights: LoadedWeights) -> "DetectionNetwork":
    from ovd.model.networks import build_network

    return build_network(weights)


def _is_ghost(weights: LoadedWeights) -> bool:
    return any(name.startswith(PREFIX + GHOST_PART) for name in weights.tensors)


def read_projection(weights: LoadedWeights) -> TextProjection:
    """Read what `ovd.model.heads.InnerProductHead` was trained to.

    Raises:
        WeightsError: If the file holds no such head.
    """
    head = weights.below(PREFIX + "text_head.")
    try:
        log_scale, bias = np.float32(head["log_scale"].item()), float(head["bias"].item())
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f"{weights.entry.file} does not hold the text head of a network: {error}"
        ) from error
    return TextProjection(scale=float(np.exp(log_scale)), bias=bias)


def load_encoder(
    options: LoadOptions, network: LoadedWeights, detector: str
) -> tuple[TextEncoder, tuple[str, ...]]:
    """Load a detector's text encoder, and return the names that were fitted to its network.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    folder = options.weights_dir
    if options.text_encoder is not None:
        from ovd.model.text.adapter import load_adapted_encoder

        return load_adapted_encoder(options.text_encoder, network), ()
    table = TableEncoder(load_weights(folder, detector, WeightsRole.TEXT_EMBEDDINGS))
    if not has_weights(folder, detector, WeightsRole.TEXT_TOWER):
        return table, table.fitted_names

    def load_tower() -> TextEncoder:
        from ovd.model.text.compact_tower import load_own_tower

        return load_own_tower(folder, network, table.encoder_id)

    return TableWithTower(table, load_tower), table.fitted_names
