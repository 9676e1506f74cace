"""The text tower that ships: a sentence encoder of 8-bit weights, run by numpy.

Its folder holds a JSON configuration in open_clip's terms, with the word pieces, and one
safetensors file. The sentence encoder is frozen; the projection behind it belongs to a detector
and comes with that detector's weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovd.errors import WeightsError
from ovd.model.quantization import dequantise
from ovd.model.text.encoder import TowerEncoder
from ovd.model.text.layers import Array, gelu
from ovd.model.text.sentence_model import SentenceModel
from ovd.model.weights import LoadedWeights, WeightsRole, load_weights, load_weights_config

DETECTOR = "ovdense"
MAX_TOKENS = 64
PADDING, UNKNOWN = "[PAD]", "[UNK]"
TRANSFORMER = "transformer."
ADAPTER_PREFIX = "adapter."

EncodeSentences = Callable[[list[str]], Array]


@dataclass(frozen=True, eq=False)
class CompactTower:
    """The contents of the two files.

    Attributes:
        config: `embed_dim` and `text_cfg` as open_clip names them, `hf_config` of the
            transformer inside the latter, and `wordpieces`, in the order of their ids.
        tensors: The transformer's parameters; an int8 one has its row scales beside it, under
            its name and `.scale`.
    """

    config: Mapping[str, Any]
    tensors: Mapping[str, NDArray[np.generic]]


def load_compact_tower(weights_dir: Path) -> CompactTower:
    """Read the tower that the manifest of a weights folder names for `ovdense`.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    return CompactTower(
        load_weights_config(weights_dir, DETECTOR, WeightsRole.TEXT_TOWER_CONFIG),
        load_weights(weights_dir, DETECTOR, WeightsRole.TEXT_TOWER).tensors,
    )


def load_own_tower(folder: Path, network: LoadedWeights, encoder_id: str) -> TowerEncoder:
    """Load the tower that ships, with the projection that belongs to a network.

    Args:
        folder: Folder of the manifest and the weights.
        network: Its file, which holds the projection.
        encoder_id: Identifier of its embeddings.

    Raises:
        WeightsError: If a file is missing, damaged or does not fit.
    """
    encode = build_encoder(load_compact_tower(folder), dequantise(network.below(ADAPTER_PREFIX)))
    return TowerEncoder(encode, encoder_id, template="{}")


def load_features(weights_dir: Path) -> EncodeSentences:
    """Load the sentence encoder alone: phrases to `(P, F)` mean-pooled features.

    Raises:
        WeightsError: As `load_compact_tower`.
    """
    return build_features(load_compact_tower(weights_dir))


def build_encoder(
    tower: CompactTower, projection: Mapping[str, NDArray[np.generic]]
) -> EncodeSentences:
    """Put the sentence encoder and a detector's projection together.

    Args:
        tower: The sentence encoder.
        projection: `proj.0.weight` and `proj.2.weight`, as `TextAdapter` calls them.

    Returns:
        What takes P sentences to `(P, D)` embeddings, not of unit length.

    Raises:
        WeightsError: If parts are missing or do not fit together.
    """
    features = build_features(tower)
    try:
        first, second = (
            np.asarray(projection[name], dtype=np.float32)
            for name in ("proj.0.weight", "proj.2.weight")
        )
        width = int(tower.config["text_cfg"]["hf_config"]["hidden_size"])
        if (first.shape[1], *second.shape) != (width, int(tower.config["embed_dim"]), len(first)):
            raise ValueError(f"projections of {first.shape} and {second.shape}")
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"the text tower does not fit together: {error}") from error

    def encode(sentences: list[str]) -> Array:
        return gelu(features(sentences) @ first.T) @ second.T

    return encode


def build_features(tower: CompactTower) -> EncodeSentences:
    """Build the sentence encoder: P sentences to `(P, F)` features.

    Raises:
        WeightsError: If parts are missing or do not fit together.
    """
    tokenize = build_tokenizer(tower)
    try:
        parameters = {
            name.removeprefix(TRANSFORMER): np.asarray(array, dtype=np.float32)
            for name, array in dequantise(tower.tensors).items()
        }
        model = SentenceModel(tower.config["text_cfg"]["hf_config"], parameters)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"the text tower does not fit together: {error}") from error
    return lambda sentences: model(tokenize(sentences))


def build_tokenizer(tower: CompactTower) -> Callable[[list[str]], NDArray[np.int64]]:
    """Build the tokenizer of the tower: sentences to `(P, T)` int64 word-piece ids, padded.

    Raises:
        WeightsError: If the word pieces lack those that every text needs.
    """
    from tokenizers import BertWordPieceTokenizer

    wordpieces = {piece: index for index, piece in enumerate(tower.config["wordpieces"])}
    if wordpieces.get(PADDING) != 0 or UNKNOWN not in wordpieces:
        raise WeightsError(
            f"the text tower's word pieces must begin with {PADDING}, have {UNKNOWN}"
        )
    tokenizer = BertWordPieceTokenizer(wordpieces, lowercase=True)
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=0, pad_token=PADDING)

    def tokenize(sentences: list[str]) -> NDArray[np.int64]:
        return np.array([encoding.ids for encoding in tokenizer.encode_batch(sentences)])

    return tokenize
