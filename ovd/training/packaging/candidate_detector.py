"""Load a trained network as a detector, to evaluate it before its weights are shipped."""

from pathlib import Path

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends.ovdense import GHOST_INPUT_SIZES, INPUT_SIZES, MAX_IOU, VOTE_IOU
from ovd.model.detector import DetectorSpec, VocabularyDetector
from ovd.model.detr.network import OvDetr
from ovd.model.ghost.network import OvGhost
from ovd.model.networks import Network, make_network, remove_prefix
from ovd.model.ovdense import OvDense, use_channels_last
from ovd.model.postprocess import PostprocessConfig
from ovd.model.runtimes.eager import EagerRunner
from ovd.model.text.adapter import AdaptedEncoder, TextAdapter
from ovd.model.weights import file_sha256
from ovd.training.engine.checkpoint import load_weights, read_tensors
from ovd.training.text.sentence_features import SentenceEncoder

DEFAULT_MIN_SCORE = 0.35


def load_candidate(
    weights: Path,
    sentences: SentenceEncoder,
    input_sizes: tuple[tuple[int, int], ...] = (),
    *,
    single: bool = False,
) -> VocabularyDetector:
    """Load the weights of a training run as a detector.

    Args:
        weights: File of averaged weights.
        sentences: The sentence encoder of that run.
        input_sizes: Heights and widths of the network's input, multiples of 64;
            none for those that the network is best asked with.
        single: Take the one-to-one branch and remove no duplicates.

    Raises:
        WeightsError: If the file cannot be read or holds something else.
    """
    network, adapter, names = _load_networks(weights)
    if single and not isinstance(network, OvDense):
        raise WeightsError(f"{weights} holds a network without a one-to-one branch")
    checksum = file_sha256(weights)
    best_sizes = GHOST_INPUT_SIZES if isinstance(network, OvGhost) else INPUT_SIZES
    spec = DetectorSpec(
        info=DetectorInfo(
            name="candidate",
            weights_sha256=checksum,
            known_names=names,
            default_min_score=DEFAULT_MIN_SCORE,
            open_vocabulary=True,
        ),
        input_sizes=input_sizes or best_sizes,
        postprocess=(
            PostprocessConfig(max_iou=1.0)
            if single or isinstance(network, OvDetr)
            else PostprocessConfig(max_iou=MAX_IOU, vote_iou=VOTE_IOU)
        ),
    )
    head, forward = network.text_head, network.forward
    if single and isinstance(network, OvDense):
        head, forward = network.single_head, network.predict_single
    runner = EagerRunner(forward)
    encoder = AdaptedEncoder(sentences.encode, adapter, checksum)
    return VocabularyDetector(spec, runner, head.to_projection(), encoder)


def _load_networks(weights: Path) -> tuple[Network, TextAdapter, tuple[str, ...]]:
    """Return the network, its text adapter and the names it was trained with."""
    tensors, facts = read_tensors(weights)
    if "adapter.proj.2.weight" not in tensors:
        raise WeightsError(f"{weights} holds no trained network with its text adapter")
    try:
        network = make_network(remove_prefix(tensors, "network."))
    except KeyError as error:
        raise WeightsError(
            f"{weights} holds no trained network with its text adapter: {error}"
        ) from error
    hidden, embed_dim = tensors["adapter.proj.0.weight"], len(tensors["adapter.proj.2.weight"])
    adapter = TextAdapter(hidden.shape[1], embed_dim)
    load_weights(weights, {"network": network, "adapter": adapter})
    network.eval().requires_grad_(False)
    use_channels_last(network)
    names = facts.get("names", [])
    return network, adapter, tuple(map(str, names)) if isinstance(names, list) else ()
