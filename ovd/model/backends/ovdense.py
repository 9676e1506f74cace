"""The default detector: OvDense, trained by `ovd.training`; it compares regions with any text.

All but its network, and the text tower for words that its table does not hold, is numpy.
"""

import numpy as np

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.detector import DetectorSpec, VocabularyDetector
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.network_runner import NetworkRunner
from ovd.model.text.encoder import TableEncoder, TableWithTower, TextEncoder
from ovd.model.text.projection import TextProjection
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
PREFIX = "network."
GHOST_PART = "head.embeds."


def load_ovdense(options: LoadOptions) -> VocabularyDetector:
    """Load network and text encoder.

    The embeddings of the names it was trained with, and of their other wordings, ship in a table;
    the text tower beside it, loaded when first needed, makes those of any other text. It computes
    in bfloat16 where the processor does, at half the time.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    weights = load_weights(options.weights_dir, NAME, WeightsRole.NETWORK)
    spec = DetectorSpec(
        info=DetectorInfo(
            name=NAME,
            weights_sha256=weights.entry.sha256,
            known_names=weights.names,
            default_min_score=DEFAULT_MIN_SCORE,
            open_vocabulary=True,
        ),
        input_sizes=GHOST_INPUT_SIZES if _is_ghost(weights) else INPUT_SIZES,
        postprocess=PostprocessConfig(max_iou=MAX_IOU, vote_iou=VOTE_IOU),
    )
    projection = _read_projection(weights)
    runner = _build_eager_runner(weights, options.threads)
    return VocabularyDetector(spec, runner, projection, _load_encoder(options, weights))


def _is_ghost(weights: LoadedWeights) -> bool:
    return any(name.startswith(PREFIX + GHOST_PART) for name in weights.tensors)


def _read_projection(weights: LoadedWeights) -> TextProjection:
    """Read what `ovd.model.heads.InnerProductHead` was trained to."""
    head = weights.below(PREFIX + "text_head.")
    try:
        log_scale, bias = np.float32(head["log_scale"].item()), float(head["bias"].item())
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f"{weights.entry.file} does not hold the text head of the network {NAME!r}: {error}"
        ) from error
    return TextProjection(scale=float(np.exp(log_scale)), bias=bias)


def _build_eager_runner(weights: LoadedWeights, threads: int) -> NetworkRunner:
    import torch

    from ovd.model.networks import build_network
    from ovd.model.ovdense import OvDense
    from ovd.model.runtimes.eager import EagerRunner, computes_in_bfloat16

    if threads:
        torch.set_num_threads(threads)
    network = build_network(weights)
    # Depthwise 5 x 5 kernels, of which the ghost network is made, are slow in bfloat16 on a CPU.
    in_half = computes_in_bfloat16() and isinstance(network, OvDense)
    return EagerRunner(network, bfloat16=in_half)


def _load_encoder(options: LoadOptions, network: LoadedWeights) -> TextEncoder:
    folder = options.weights_dir
    if options.text_encoder is not None:
        from ovd.model.text.adapter import load_adapted_encoder

        return load_adapted_encoder(options.text_encoder, network)
    table = TableEncoder(load_weights(folder, NAME, WeightsRole.TEXT_EMBEDDINGS))
    if not has_weights(folder, NAME, WeightsRole.TEXT_TOWER):
        return table

    def load_tower() -> TextEncoder:
        from ovd.model.text.compact_tower import load_own_tower

        return load_own_tower(folder, network, table.encoder_id)

    return TableWithTower(table, load_tower)
