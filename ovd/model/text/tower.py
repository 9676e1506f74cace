"""Text towers of open_clip, run by torch, where they are on disk. Nothing is ever downloaded.

The tower that ships with a detector is in `ovd.model.text.compact_tower`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor

from ovd.errors import WeightsError
from ovd.model.text import torchvision_compat
from ovd.model.text.encoder import TowerEncoder
from ovd.model.weights import file_sha256

LOCAL_DIR = "local-dir:"
TOWER_FILE = "open_clip_model.safetensors"
TOWER_CONFIG = "open_clip_config.json"

Tokenizer = Callable[[list[str]], Tensor]


def load_tower(spec: str, template: str = "a {}") -> TowerEncoder:
    """Load an open_clip text tower from disk.

    Args:
        spec: `local-dir:/path` of a folder with `open_clip_config.json` and
            `open_clip_model.safetensors`, or `MODEL/TAG` such as `ViT-B-32/openai` whose weights
            open_clip has downloaded earlier.
        template: Sentence for a name.

    Raises:
        WeightsError: If the tower is not on disk, or cannot be read.
    """
    torchvision_compat.install()
    if spec.startswith(LOCAL_DIR):
        return _load_folder(Path(spec.removeprefix(LOCAL_DIR)).expanduser(), template)
    model, _, tag = spec.rpartition("/")
    if not model or not tag:
        raise WeightsError(
            f"a text encoder is written as {LOCAL_DIR}/path or MODEL/TAG, got {spec!r}"
        )
    return _load_tag(model, tag, template)


def _load_folder(folder: Path, template: str) -> TowerEncoder:
    weights = folder / TOWER_FILE
    missing = [path.name for path in (folder / TOWER_CONFIG, weights) if not path.is_file()]
    if missing:
        raise WeightsError(
            f"the text encoder folder {folder} has no {' and no '.join(missing)}; save an "
            f"open_clip model there, or unset OVD_TEXT_ENCODER to use the shipped table"
        )
    try:
        config = json.loads((folder / TOWER_CONFIG).read_text(encoding="utf-8"))["model_cfg"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"cannot read {folder / TOWER_CONFIG}: {error}") from error
    encoder_id = f"{folder.resolve().name}@{file_sha256(weights)[:12]}"
    model, tokenizer = _build_tower(f"{LOCAL_DIR}{folder}", config, weights, encoder_id)
    return TowerEncoder(_encode_with(model, tokenizer), encoder_id, template)


def _load_tag(model: str, tag: str, template: str) -> TowerEncoder:
    import huggingface_hub
    import open_clip  # type: ignore[import-untyped]

    config = open_clip.get_model_config(model)
    source = open_clip.pretrained.get_pretrained_cfg(model, tag)
    if config is None or not source:
        raise WeightsError(
            f"open_clip knows no model {model!r} with weights {tag!r}; "
            f"write MODEL/TAG as open_clip.list_pretrained() lists them, or {LOCAL_DIR}/path"
        )
    repository = source.get("hf_hub", "").rstrip("/")
    found = huggingface_hub.try_to_load_from_cache(repository, TOWER_FILE) if repository else None
    if not isinstance(found, str):
        raise WeightsError(
            f"the weights of the text encoder {model}/{tag} are not on this machine, and ovd "
            f"downloads nothing by itself: run `hf download {repository} {TOWER_FILE}` once, "
            f"or unset OVD_TEXT_ENCODER to use the shipped table"
        )
    config["quick_gelu"] = source.get("quick_gelu", False)
    encoder_id = f"{model}/{tag}"
    built, tokenizer = _build_tower(model, config, Path(found), encoder_id)
    return TowerEncoder(_encode_with(built, tokenizer), encoder_id, template)


def _build_tower(
    spec: str, config: dict[str, Any], weights: Path, encoder_id: str
) -> tuple[Any, Tokenizer]:
    """Build an open_clip model without its image tower, and its tokenizer."""
    import open_clip

    text = config.get("text_cfg", {})
    if "hf_model_name" in text or "hf_tokenizer_name" in text or "siglip" in spec.lower():
        raise WeightsError(
            f"the text encoder {encoder_id} needs a tokenizer or config from a model hub; "
            f"use one with open_clip's own text transformer"
        )
    try:
        model = open_clip.create_model(
            spec,
            pretrained=None if spec.startswith(LOCAL_DIR) else str(weights),
            force_quick_gelu=bool(config.get("quick_gelu")),
            require_pretrained=True,
        )
        tokenizer = open_clip.get_tokenizer(spec)
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise WeightsError(f"cannot load the text encoder {encoder_id}: {error}") from error
    del model.visual
    return model.eval(), tokenizer


def _encode_with(model: Any, tokenizer: Tokenizer) -> Callable[[list[str]], NDArray[np.float32]]:
    """Return what takes sentences to the embeddings of an open_clip model."""

    def encode(sentences: list[str]) -> NDArray[np.float32]:
        with torch.inference_mode():
            embeds: NDArray[np.float32] = model.encode_text(tokenizer(sentences)).float().numpy()
        return embeds

    return encode
