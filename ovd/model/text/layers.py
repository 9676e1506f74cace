"""Layers of small transformers in numpy, for networks that are too small to import torch for."""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

# Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26; off by 1.5e-7 at most.
_ERF_P = 0.3275911
_ERF_A = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def gelu(x: Array) -> Array:
    """Return `x` times the probability that a normal variable is below it, elementwise."""
    scaled = np.abs(x, dtype=np.float64) / math.sqrt(2)
    t = 1.0 / (1.0 + _ERF_P * scaled)
    series = t * np.polynomial.polynomial.polyval(t, _ERF_A)
    erf = np.copysign(1.0 - series * np.exp(-scaled * scaled), x)
    return (0.5 * x * (1.0 + erf)).astype(np.float32)


def layer_norm(x: Array, weight: Array, bias: Array, epsilon: float) -> Array:
    """Normalise the last axis to mean 0 and variance 1, then scale and shift it."""
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    normed: Array = centred / np.sqrt(variance + np.float32(epsilon)) * weight + bias
    return normed


def log_softmax(x: Array) -> Array:
    """Return the logarithm of the softmax over the last axis."""
    shifted = x - x.max(axis=-1, keepdims=True)
    normed: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normed


def attend(query: Array, key: Array, value: Array, mask: Array | None = None) -> Array:
    """Return the attention of `(..., T, D)` queries to `(..., L, D)` keys and values.

    Args:
        query: What asks.
        key: What is compared with it.
        value: What is averaged.
        mask: Added to the `(..., T, L)` products before the softmax.

    Returns:
        `(..., T, D)`.
    """
    products = query @ np.swapaxes(key, -1, -2) / np.float32(math.sqrt(query.shape[-1]))
    if mask is not None:
        products = products + mask
    weights: Array = np.exp(log_softmax(products))
    return weights @ value
