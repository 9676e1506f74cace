"""Weights in 8 bits on disk: each row keeps its scale beside it, in the same file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

SCALE_SUFFIX = ".scale"
MAX_8BIT = 127


def quantise_rows(weight: "Tensor") -> "tuple[Tensor, Tensor]":
    """Round `(rows, ...)` to 8 bits with one scale per row, such as an output channel.

    Returns:
        int8 of the same shape and `(rows,)` float16 scales; their product is the weight, give
        or take 1/254 of the row's largest value.
    """
    largest = weight.float().abs().flatten(1).amax(dim=1)
    scale = (largest / MAX_8BIT).clamp(min=1e-6).half()
    along_rows = scale.float().reshape(-1, *[1] * (weight.ndim - 1))
    rounded = (weight / along_rows).round().clamp(-MAX_8BIT, MAX_8BIT)
    return rounded.char(), scale


def to_float32(tensors: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    """Convert a file's tensors to float32 as `dequantise` does."""
    return arrays_to_float32({name: _as_array(tensor) for name, tensor in tensors.items()})


def _as_array(tensor: "Tensor") -> NDArray[np.generic]:
    """Return a tensor as an array; bfloat16, which numpy does not know, as float32."""
    known = tensor.float() if tensor.is_floating_point() else tensor
    array: NDArray[np.generic] = known.numpy(force=True)
    return array


def arrays_to_float32(arrays: Mapping[str, NDArray[np.generic]]) -> "dict[str, Tensor]":
    """Convert a file's arrays to tensors of float32 as `dequantise` does."""
    import torch

    return {name: torch.from_numpy(array) for name, array in dequantise(arrays).items()}


def dequantise(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Convert a file's arrays to float32: 8-bit weights times their scales, integers as is.

    Args:
        arrays: As stored; an int8 one of `quantise_rows` has its scales under its name and
            `SCALE_SUFFIX`.
    """
    state: dict[str, NDArray[np.generic]] = {}
    for name, array in arrays.items():
        scale = arrays.get(name + SCALE_SUFFIX)
        if scale is not None and array.dtype == np.int8:
            rows = scale.astype(np.float32).reshape(-1, *[1] * (array.ndim - 1))
            state[name] = array.astype(np.float32) * rows
        elif not _is_scale(name, arrays):
            is_float = np.issubdtype(array.dtype, np.floating)
            state[name] = array.astype(np.float32) if is_float else array
    return state


def _is_scale(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> bool:
    weight = arrays.get(name.removesuffix(SCALE_SUFFIX)) if name.endswith(SCALE_SUFFIX) else None
    return weight is not None and weight.dtype == np.int8
