"""Write a tiny, randomly initialised open_clip model to disk."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from ovd.model.text import torchvision_compat

WIDTH = 96


def write_tower(folder: Path, text_config: dict[str, object] | None = None) -> str:
    """Save a model whose text embeddings have 96 dimensions; returns its `local-dir:` name."""
    torchvision_compat.install()
    import open_clip

    config = {
        "embed_dim": WIDTH,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": WIDTH, "layers": 1},
    }
    torch.manual_seed(0)
    model = open_clip.CLIP(**config)
    folder.mkdir()
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    config["text_cfg"] |= text_config or {}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
    return f"local-dir:{folder}"
