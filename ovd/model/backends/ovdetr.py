"""A detector with object queries: OvDetr, trained by `ovd.training`; its weights do not ship.

PyTorch computes it. Nothing suppresses duplicates: the network gives every object once.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import (
    INPUT_SIZES,
    describe_detector,
    load_encoder,
    read_projection,
)
from ovd.model.detector import DeferredDetector, DetectorSpec
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.selection import NetworkSource, prepare_runner
from ovd.model.weights import LoadedWeights, WeightsRole, load_weights

if TYPE_CHECKING:
    from ovd.model.predictions import DetectionNetwork

NAME = "ovdetr"
# No two boxes overlap by more.
NO_SUPPRESSION = 1.0


def load_ovdetr(options: LoadOptions) -> DeferredDetector:
    """Load the text encoder and the weights of the network, which is opened later.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
        UnknownRuntimeError: If the runtime does not compute in the precision.
    """
    weights = load_weights(options.weights_dir, NAME, WeightsRole.NETWORK)
    projection = read_projection(weights)
    source = _source_of(weights, options.run.encoder_keep)
    runner = prepare_runner(source, options.run)
    encoder, fitted = load_encoder(options, weights, NAME)
    spec = DetectorSpec(
        info=describe_detector(NAME, weights, fitted),
        input_sizes=source.input_sizes,
        computation=lambda: runner.computation,
        postprocess=PostprocessConfig(max_iou=NO_SUPPRESSION),
    )
    return DeferredDetector(spec, runner, projection, encoder)


def open_source(weights_dir: Path) -> NetworkSource:
    """Read the network only.

    Raises:
        WeightsError: If its file is missing, damaged or does not fit.
    """
    return _source_of(load_weights(weights_dir, NAME, WeightsRole.NETWORK), 1.0)


def _source_of(weights: LoadedWeights, encoder_keep: float) -> NetworkSource:
    return NetworkSource(
        checksum=weights.entry.sha256,
        input_sizes=INPUT_SIZES,
        build=partial(_build_network, weights, encoder_keep),
    )


def _build_network(weights: LoadedWeights, encoder_keep: float) -> "DetectionNetwork":
    from ovd.errors import WeightsError
    from ovd.model.detr.network import OvDetr
    from ovd.model.networks import build_network

    network = build_network(weights)
    if not isinstance(network, OvDetr):
        raise WeightsError(f"{weights.entry.file} does not hold the network {NAME!r}")
    network.encoder_keep = encoder_keep
    return network
