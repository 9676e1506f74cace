"""Load a trained network as a detector, to evaluate it before its weights are shipped."""

from pathlib import Path

from ovd.domain.ports import DetectorInfo
from ovd.errors import WeightsError
from ovd.model.backends.ovdense import INPUT_SIZES, MAX_IOU, VOTE_IOU
from ovd.model.detector import DetectorSpec, VocabularyDetector
from ovd.model.ovdense import OvDense, OvDenseConfig, use_channels_last
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
    input_sizes: tuple[tuple[int, int], ...] = INPUT_SIZES,
    *,
    single: bool = False,
) -> VocabularyDetector:
    """Load the weights of a training run as a detector.

    Args:
        weights: File of averaged weights.
        sentences: The sentence encoder of that run.
        input_sizes: Heights and widths of the network's input, multiples of 64.
        single: Take the one-to-one branch and remove no duplicates.

    Raises:
        WeightsError: If the file cannot be read or holds something else.
    """
    tensors, facts = read_tensors(weights)
    if not {"network.neck.laterals.0.bias", "adapter.proj.2.weight"} <= tensors.keys():
        raise WeightsError(f"{weights} holds no trained network with its text adapter")
    width = len(tensors["network.neck.laterals.0.bias"])
    hidden = tensors["adapter.proj.0.weight"]
    embed_dim = len(tensors["adapter.proj.2.weight"])
    network = OvDense(OvDenseConfig(width=width, embed_dim=embed_dim))
    adapter = TextAdapter(hidden.shape[1], embed_dim)
    load_weights(weights, {"network": network, "adapter": adapter})
    network.eval().requires_grad_(False)
    use_channels_last(network)
    checksum = file_sha256(weights)
    names = facts.get("names", [])
    spec = DetectorSpec(
        info=DetectorInfo(
            name="candidate",
            weights_sha256=checksum,
            known_names=tuple(str(name) for name in names) if isinstance(names, list) else (),
            default_min_score=DEFAULT_MIN_SCORE,
            open_vocabulary=True,
        ),
        input_sizes=input_sizes,
        postprocess=(
            PostprocessConfig(max_iou=1.0)
            if single
            else PostprocessConfig(max_iou=MAX_IOU, vote_iou=VOTE_IOU)
        ),
    )
    head = network.single_head if single else network.text_head
    runner = EagerRunner(network.predict_single if single else network, bfloat16=True)
    encoder = AdaptedEncoder(sentences.encode, adapter, checksum)
    return VocabularyDetector(spec, runner, head.to_projection(), encoder)
