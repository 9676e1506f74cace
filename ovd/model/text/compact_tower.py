"""The text tower that ships: a sentence encoder of 8-bit weights in an open_clip text model.

Its folder holds a JSON configuration in open_clip's terms, with the word pieces, and one
safetensors file. The sentence encoder is frozen; the projection behind it belongs to a detector
and comes with that detector's weights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ovd.errors import WeightsError
from ovd.model.quantization import arrays_to_float32
from ovd.model.text import torchvision_compat
from ovd.model.text.adapter import PREFIX
from ovd.model.text.tower import TowerEncoder
from ovd.model.weights import LoadedWeights, WeightsRole, load_weights, load_weights_config

DETECTOR = "ovdense"
MAX_TOKENS = 64
PADDING, UNKNOWN = "[PAD]", "[UNK]"


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
    tower = load_compact_tower(folder)
    model = build_text_model(tower, arrays_to_float32(network.below(PREFIX)))
    return TowerEncoder(model, build_tokenizer(tower), encoder_id, template="{}")


def load_features(weights_dir: Path) -> Callable[[list[str]], Tensor]:
    """Load the sentence encoder alone: phrases to `(P, F)` mean-pooled features.

    Raises:
        WeightsError: As `load_compact_tower`.
    """
    tower = load_compact_tower(weights_dir)
    text = tower.config["text_cfg"]
    width = int(text["hf_config"]["hidden_size"])
    alone = {"embed_dim": width, "text_cfg": text | {"hf_proj_type": None}}
    model = build_text_model(CompactTower(alone, tower.tensors), {})
    tokenize = build_tokenizer(tower)

    def features(phrases: list[str]) -> Tensor:
        with torch.inference_mode():
            found: Tensor = model(tokenize(phrases))
        return found

    return features


def build_text_model(tower: CompactTower, projection: Mapping[str, Tensor]) -> nn.Module:
    """Put the sentence encoder and a detector's projection into an open_clip text model.

    Args:
        tower: The sentence encoder.
        projection: `proj.0.weight` and `proj.2.weight`, as `TextAdapter` calls them.

    Returns:
        A module that takes `(P, T)` token ids to `(P, D)` embeddings, not of unit length.

    Raises:
        WeightsError: If parts are missing or do not fit together.
    """
    torchvision_compat.install()
    from open_clip.hf_model import HFTextEncoder  # type: ignore[import-untyped]
    from transformers import BertConfig

    try:
        text = tower.config["text_cfg"]
        model: nn.Module = HFTextEncoder(
            text["hf_model_name"],
            int(tower.config["embed_dim"]),
            config=BertConfig(**text["hf_config"]),
            pooler_type=text["hf_pooler_type"],
            proj_type=text["hf_proj_type"],
            pretrained=False,
        )
        model.get_submodule("transformer").register_module("pooler", None)
        model.load_state_dict(arrays_to_float32(tower.tensors) | dict(projection))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"the text tower does not fit together: {error}") from error
    return model.eval().requires_grad_(False)


def build_tokenizer(tower: CompactTower) -> Callable[[list[str]], Tensor]:
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

    def tokenize(sentences: list[str]) -> Tensor:
        return torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(sentences)])

    return tokenize
