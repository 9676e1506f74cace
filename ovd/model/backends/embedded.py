"""The detector that ships with ovd: SSD-MobileNetV2, trained on the 80 names of COCO."""

from pathlib import Path
from typing import TYPE_CHECKING

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.detector import DeferredDetector, DetectorSpec
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.graph import load_graph
from ovd.model.runtimes.selection import NetworkSource, prepare_runner
from ovd.model.text.encoder import TableEncoder, TextEncoder
from ovd.model.text.known_names import project_on_known_names
from ovd.model.weights import LoadedWeights, WeightsRole, load_weights

if TYPE_CHECKING:
    from ovd.model.predictions import DetectionNetwork

NAME = "embedded"
# The anchors are made for it; see `ovd.model.ovssd.OvSsdConfig`.
INPUT_SIZES = ((300, 300),)
DEFAULT_MIN_SCORE = 0.35


def load_embedded(options: LoadOptions) -> DeferredDetector:
    """Load text encoder, head and the weights of the network, which is opened later.

    It refuses names beyond the 80, also with a text tower: the network has only evidence for
    those, and a score for anything else would be a guess.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit, or if the text encoder
            cannot tell the known names apart.
    """
    weights = load_weights(options.weights_dir, NAME, WeightsRole.NETWORK)
    source = _source_of(weights, options.weights_dir)
    encoder = _load_encoder(options)
    try:
        projection = project_on_known_names(encoder.embed(weights.names))
    except ValueError as error:
        raise WeightsError(
            f"the text encoder {encoder.encoder_id} does not fit: {error}"
        ) from error
    runner = prepare_runner(source, options.run)
    spec = DetectorSpec(
        info=DetectorInfo(
            name=NAME,
            weights_sha256=weights.entry.sha256,
            known_names=weights.names,
            default_min_score=DEFAULT_MIN_SCORE,
        ),
        input_sizes=source.input_sizes,
        computation=lambda: runner.computation,
        postprocess=PostprocessConfig(),
    )
    return DeferredDetector(spec, runner, projection, encoder)


def open_source(weights_dir: Path) -> NetworkSource:
    """Read the network only.

    Raises:
        WeightsError: If its file is missing, damaged or does not fit.
    """
    return _source_of(load_weights(weights_dir, NAME, WeightsRole.NETWORK), weights_dir)


def _source_of(weights: LoadedWeights, weights_dir: Path) -> NetworkSource:
    return NetworkSource(
        checksum=weights.entry.sha256,
        input_sizes=INPUT_SIZES,
        build=lambda: _build_network(weights),
        graph=load_graph(weights_dir, NAME, weights),
    )


def _build_network(weights: LoadedWeights) -> "DetectionNetwork":
    from ovd.model.ovssd import build_ssd

    return build_ssd(weights)


def _load_encoder(options: LoadOptions) -> TextEncoder:
    if options.text_encoder is not None:
        from ovd.model.text.tower import load_tower

        return load_tower(options.text_encoder)
    return TableEncoder(load_weights(options.weights_dir, NAME, WeightsRole.TEXT_EMBEDDINGS))
