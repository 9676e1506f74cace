"""Checkpoints: a whole training state to resume from, and weights to ship or start from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ovd.errors import WeightsError
from ovd.model.quantization import to_float32

STATE_VERSION = 1


@dataclass(frozen=True)
class Progress:
    """Progress of a training run.

    Attributes:
        step: Optimizer steps done.
        images: Images trained on, repeats counted.
    """

    step: int = 0
    images: int = 0


def save_state(path: Path, state: Mapping[str, object], progress: Progress) -> None:
    """Write a training state atomically: the old file stays until the new one is complete.

    Args:
        path: Where to.
        state: Anything `torch.save` can write and `torch.load(weights_only=True)` can read.
        progress: Steps and images done.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    content = {
        "version": STATE_VERSION,
        "step": progress.step,
        "images": progress.images,
        "state": dict(state),
    }
    torch.save(content, partial)
    partial.replace(path)


def load_state(path: Path) -> tuple[dict[str, Any], Progress]:
    """Read a training state.

    Raises:
        WeightsError: If the file is missing, damaged or of another version.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise WeightsError(f"{path} is no training state: {error}") from error
    except (OSError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise WeightsError(f"cannot read the training state {path}: {error}") from error
    if not isinstance(content, dict) or content.get("version") != STATE_VERSION:
        raise WeightsError(f"{path} is no training state of version {STATE_VERSION}")
    return content["state"], Progress(content["step"], content["images"])


def save_weights(path: Path, modules: Mapping[str, nn.Module], facts: Mapping[str, object]) -> None:
    """Write the weights of modules in half precision, with facts about them.

    Args:
        path: `.safetensors` file.
        modules: Modules by prefix of their tensors' names.
        facts: JSON-serialisable facts such as the command and the data's checksums.
    """
    tensors = {
        f"{prefix}.{name}": _halved(tensor)
        for prefix, module in modules.items()
        for name, tensor in module.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, {"ovd": json.dumps(dict(facts))})
    partial.chmod(0o644)
    partial.replace(path)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """Read the tensors and facts of a safetensors file.

    Raises:
        WeightsError: If the file is missing or damaged.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            facts = json.loads((stored.metadata() or {}).get("ovd", "{}"))
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError) as error:
        raise WeightsError(f"cannot read weights {path}: {error}") from error
    return tensors, facts


def load_weights(path: Path, modules: Mapping[str, nn.Module]) -> dict[str, object]:
    """Fill modules in place from a file of `save_weights`, or one that ships.

    Returns:
        The facts.

    Raises:
        WeightsError: If the file is missing, damaged or holds another architecture.
    """
    tensors, facts = read_tensors(path)
    for prefix, module in modules.items():
        own = {
            name.removeprefix(f"{prefix}."): tensor
            for name, tensor in tensors.items()
            if name.startswith(f"{prefix}.")
        }
        try:
            module.load_state_dict(to_float32(own))
        except RuntimeError as error:
            raise WeightsError(
                f"{path} holds another architecture than {prefix!r}: {error}"
            ) from error
    return facts


def average_into(module: nn.Module, other: nn.Module, share: float) -> None:
    """Average a module with another of the same architecture, in place.

    Args:
        module: Its parameters and buffers become `(1 - share)` of their own and `share` of the
            other's; whole numbers stay.
        other: As it is.
        share: Between 0 and 1.
    """
    with torch.no_grad():
        for own, theirs in zip(
            module.state_dict().values(), other.state_dict().values(), strict=True
        ):
            if own.is_floating_point():
                own.lerp_(theirs, share)


def _halved(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() and tensor.numel() > 64 else tensor.clone()
