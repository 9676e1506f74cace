"""Weights in 8 bits on disk: each row keeps its scale beside it, in the same file."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SCALE_SUFFIX = ".scale"
MAX_8BIT = 127


def quantise_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Round `(rows, ...)` to 8 bits with one scale per row, such as an output channel.

    Returns:
        int8 of the same shape and `(rows,)` float16 scales; their product is the weight, give
        or take 1/254 of the row's largest value.
    """
    largest = weight.float().abs().flatten(1).amax(dim=1)
    scale = (largest / MAX_8BIT).clamp(min=1e-6).half()
    rounded = (weight / _along_rows(scale, weight)).round().clamp(-MAX_8BIT, MAX_8BIT)
    return rounded.to(torch.int8), scale


def to_float32(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Convert a file's tensors to float32: 8-bit weights times their scales, integers as is.

    Args:
        tensors: As stored; an int8 one of `quantise_rows` has its scales under its name and
            `SCALE_SUFFIX`.
    """
    state = {}
    for name, tensor in tensors.items():
        scale = tensors.get(name + SCALE_SUFFIX)
        if scale is not None and tensor.dtype == torch.int8:
            state[name] = tensor.float() * _along_rows(scale, tensor)
        elif not _is_scale(name, tensors):
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state


def arrays_to_float32(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, Tensor]:
    """Convert numpy arrays as `to_float32` does."""
    return to_float32({name: torch.from_numpy(array) for name, array in arrays.items()})


def _is_scale(name: str, tensors: Mapping[str, Tensor]) -> bool:
    weight = tensors.get(name.removesuffix(SCALE_SUFFIX)) if name.endswith(SCALE_SUFFIX) else None
    return weight is not None and weight.dtype == torch.int8


def _along_rows(scale: Tensor, weight: Tensor) -> Tensor:
    return scale.float().reshape(-1, *[1] * (weight.ndim - 1))
