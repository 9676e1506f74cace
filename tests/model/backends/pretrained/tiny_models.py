"""Random-weight models of a few thousand parameters, saved as snapshot folders."""

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ovd.model.hub.snapshot import make_lock, write_lock
from ovd.model.text import torchvision_compat

SIDE = 64


def save_tiny(name: str, models_dir: Path) -> Path:
    """Save a tiny model of the architecture of an entry of the table, with its lock."""
    torchvision_compat.install()
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    folder = models_dir / name
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model, processor = _BUILDERS[name.rpartition("-")[0]]()
        _spread(model)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    write_lock(folder, make_lock(folder, name))
    return folder


def _spread(model: torch.nn.Module) -> None:
    """Give heads weights that tell regions and texts apart; initial ones hardly do."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim >= 2 and "embedding" not in name:
                parameter.normal_(0.0, 0.35 / parameter.shape[-1] ** 0.25)
            if "bbox" in name or "box_head" in name:
                parameter.normal_(0.0, 0.2)


def _clip_tokenizer(length: int, **tokens: str) -> Any:
    from transformers import CLIPTokenizer

    letters = [*string.ascii_lowercase, *string.digits, "'", "-", ",", "."]
    words = ["!", *letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary = {word: index for index, word in enumerate(words)}
    merges = []
    for pair in (("c", "a"), ("d", "o"), ("p", "h"), ("o", "f</w>")):
        merges.append(pair)
        vocabulary["".join(pair)] = len(vocabulary)
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[special] = len(vocabulary)
    return CLIPTokenizer(vocabulary, merges, model_max_length=length, **tokens)


def _bert_tokenizer() -> Any:
    from transformers import BertTokenizer

    words = [
        "[PAD]",
        *(f"[unused{index}]" for index in range(99)),
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
    ]
    words += [f"[unused{index}]" for index in range(99, 1007)]
    vocabulary = {word: index for index, word in enumerate(words)}
    vocabulary["."], vocabulary["?"] = 1012, 1029
    letters = iter(string.ascii_lowercase)
    for index in [*range(1011, 1012), *range(1013, 1029), *range(1030, 1039)]:
        vocabulary[next(letters)] = index
    for index, letter in enumerate(string.ascii_lowercase):
        vocabulary[f"##{letter}"] = 1039 + index
    return BertTokenizer(vocabulary)


_TEXT = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": 96,
}
_VISION = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 16,
}


def _owl(config: Any, network: Any, image_processor: Any, processor: Any) -> tuple[Any, Any]:
    tokenizer = _clip_tokenizer(16, pad_token="!")
    text = _TEXT | {
        "max_position_embeddings": 16,
        "pad_token_id": 0,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    model = network(config(text_config=text, vision_config=_VISION, projection_dim=32))
    size = {"height": SIDE, "width": SIDE}
    return model, processor(image_processor(size=size), tokenizer)


def _owlvit() -> tuple[Any, Any]:
    from transformers import (
        OwlViTConfig,
        OwlViTForObjectDetection,
        OwlViTImageProcessor,
        OwlViTProcessor,
    )

    return _owl(OwlViTConfig, OwlViTForObjectDetection, OwlViTImageProcessor, OwlViTProcessor)


def _owlv2() -> tuple[Any, Any]:
    from transformers import (
        Owlv2Config,
        Owlv2ForObjectDetection,
        Owlv2ImageProcessor,
        Owlv2Processor,
    )

    return _owl(Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessor, Owlv2Processor)


_SWIN = {
    "model_type": "swin",
    "embed_dim": 16,
    "depths": [1, 1, 1, 1],
    "num_heads": [1, 1, 2, 2],
    "window_size": 2,
    "image_size": SIDE,
    "out_indices": [2, 3, 4],
}
_BERT = {
    "model_type": "bert",
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "vocab_size": 1080,
}
_GROUNDING = {
    "backbone_config": _SWIN,
    "text_config": _BERT,
    "d_model": 32,
    "num_queries": 12,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
}


def _grounding(config: Any, network: Any) -> tuple[Any, Any]:
    from transformers import GroundingDinoImageProcessor, GroundingDinoProcessor

    size = {"shortest_edge": SIDE, "longest_edge": 2 * SIDE}
    images = GroundingDinoImageProcessor(size=size)
    return network(config(**_GROUNDING)), GroundingDinoProcessor(images, _bert_tokenizer())


def _grounding_dino() -> tuple[Any, Any]:
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection

    return _grounding(GroundingDinoConfig, GroundingDinoForObjectDetection)


def _mm_grounding_dino() -> tuple[Any, Any]:
    from transformers import MMGroundingDinoConfig, MMGroundingDinoForObjectDetection

    return _grounding(MMGroundingDinoConfig, MMGroundingDinoForObjectDetection)


def _omdet() -> tuple[Any, Any]:
    from transformers import (
        DetrImageProcessor,
        OmDetTurboConfig,
        OmDetTurboForObjectDetection,
        OmDetTurboProcessor,
    )

    tokenizer = _clip_tokenizer(77)
    config = OmDetTurboConfig(
        backbone_config=_SWIN,
        apply_layernorm_after_vision_backbone=False,
        text_config=_TEXT
        | {
            "model_type": "clip_text_model",
            "hidden_size": 48,
            "max_position_embeddings": 77,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        image_size=SIDE,
        num_queries=12,
        encoder_in_channels=[32, 64, 128],
        encoder_hidden_dim=32,
        encoder_attention_heads=2,
        encoder_dim_feedforward=32,
        decoder_hidden_dim=32,
        decoder_num_heads=2,
        decoder_num_layers=2,
        decoder_dim_feedforward=32,
        vision_features_channels=[32, 32, 32],
        class_embed_dim=48,
        text_projection_in_dim=48,
        text_projection_out_dim=48,
        task_encoder_hidden_dim=32,
    )
    size = {"height": SIDE, "width": SIDE}
    images = DetrImageProcessor(size=size, do_pad=False)
    return OmDetTurboForObjectDetection(config), OmDetTurboProcessor(images, tokenizer)


_BUILDERS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "owlvit": _owlvit,
    "owlv2": _owlv2,
    "omdet-turbo": _omdet,
    "grounding-dino": _grounding_dino,
    "mm-grounding-dino": _mm_grounding_dino,
    "llmdet": _mm_grounding_dino,
}
