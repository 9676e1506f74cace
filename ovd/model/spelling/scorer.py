"""EditScorer: the spelling network for one text, in numpy.

It is so small that importing torch would take longer than hundreds of corrections.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ovd.model.spelling.edits import Alphabet, EditState
from ovd.model.spelling.shape import (
    CONVOLUTIONS,
    HEAD_DIM,
    SpellingConfig,
    edit_kind,
    parameter_shapes,
)
from ovd.model.text.layers import Array, attend, gelu, layer_norm, log_softmax

# As torch.nn.LayerNorm has it.
EPSILON = 1e-5


class Memory:
    """Keys and values of the steps so far, by layer of the decoder.

    Attributes:
        length: How many steps there were.
        layers: Keys and values of each layer, `(heads, length, 32)`; empty before the first step.
    """

    def __init__(self, layers: int) -> None:
        self.length = 0
        self.layers: list[tuple[Array, ...]] = [()] * layers


class EditScorer:
    """Computes what `ovd.model.spelling.network.SpellingNetwork` does, one text at a time."""

    def __init__(self, parameters: Mapping[str, NDArray[np.generic]], alphabet: Alphabet) -> None:
        """Take the parameters of a trained network.

        Args:
            parameters: By their names in the network.
            alphabet: What it reads and writes.

        Raises:
            ValueError: If they are those of something else.
        """
        self.alphabet = alphabet
        config = SpellingConfig(
            width=parameters["symbols.weight"].shape[1] if "symbols.weight" in parameters else 0,
            encoder_layers=_count(parameters, "readers"),
            decoder_layers=_count(parameters, "writers"),
        )
        found = {name: array.shape for name, array in parameters.items()}
        wanted = parameter_shapes(alphabet, config)
        differing = sorted(
            name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)
        )
        if differing:
            name = differing[0]
            raise ValueError(f"{name}: wanted {wanted.get(name)}, got {found.get(name)}")
        self._config = config
        self._parameters: dict[str, Array] = {
            name: np.asarray(array, dtype=np.float32) for name, array in parameters.items()
        }

    def read(self, text: str) -> tuple[Array, float]:
        """Understand a text of at most 48 letters.

        Returns:
            `(L + 1, D)` a state per letter and for the end, and the logit of "something is wrong".
        """
        p = self._parameters
        symbols = self.alphabet.encode(text)
        x = p["symbols.weight"][symbols] + p["places.weight"][: len(symbols)]
        for index in range(CONVOLUTIONS):
            x = x + gelu(self._convolve(f"near.{index}", x))
        for index in range(self._config.encoder_layers):
            query, key, value = self._heads_of(f"readers.{index}", x)
            x = self._finish(f"readers.{index}", x, attend(query, key, value))
        x = self._norm("read_norm", x)
        return x, float(self._apply("is_wrong", x.max(axis=0))[0])

    def start(self) -> Memory:
        """Return the memory before the first edit of a text."""
        return Memory(self._config.decoder_layers)

    def score_next(self, states: Array, at: EditState, memory: Memory) -> Array:
        """Score the edits of the next step.

        Args:
            states: `(L + 1, D)` of `read`.
            at: What was edited so far.
            memory: The steps before; this one is added to it.

        Returns:
            `(edits,)` logarithms of probabilities.
        """
        p = self._parameters
        kind = edit_kind(at.last_edit, len(self.alphabet.letters))
        x = states[at.place] + p["written.weight"][at.last_symbol] + p["kinds.weight"][kind]
        x = (x + p["steps.weight"][memory.length])[None]
        for index in range(self._config.decoder_layers):
            query, key, value = self._heads_of(f"writers.{index}", x)
            before = memory.layers[index]
            if before:
                key, value = (
                    np.concatenate((before[0], key), 1),
                    np.concatenate((before[1], value), 1),
                )
            memory.layers[index] = (key, value)
            x = self._finish(f"writers.{index}", x, attend(query, key, value))
        memory.length += 1
        return log_softmax(self._apply("edits", self._norm("write_norm", x))[0])

    def _apply(self, name: str, x: Array) -> Array:
        applied: Array = x @ self._parameters[f"{name}.weight"].T
        applied += self._parameters[f"{name}.bias"]
        return applied

    def _norm(self, name: str, x: Array) -> Array:
        p = self._parameters
        return layer_norm(x, p[f"{name}.weight"], p[f"{name}.bias"], EPSILON)

    def _convolve(self, name: str, x: Array) -> Array:
        """Convolve `(L, D)` with a kernel of three places, zeros around."""
        kernel = self._parameters[f"{name}.weight"]
        padded = np.pad(x, ((1, 1), (0, 0)))
        convolved: Array = sum(
            (padded[place : place + len(x)] @ kernel[:, :, place].T for place in range(3)),
            start=self._parameters[f"{name}.bias"],
        )
        return convolved

    def _heads_of(self, layer: str, x: Array) -> tuple[Array, Array, Array]:
        """Return query, key and value of `(L, D)`, each `(heads, L, 32)`."""
        joined = self._apply(f"{layer}.qkv", self._norm(f"{layer}.norm", x))
        query, key, value = joined.reshape(len(x), 3, -1, HEAD_DIM).transpose(1, 2, 0, 3)
        return query, key, value

    def _finish(self, layer: str, x: Array, seen: Array) -> Array:
        x = x + self._apply(f"{layer}.join", seen.transpose(1, 0, 2).reshape(x.shape))
        wide = gelu(self._apply(f"{layer}.widen", self._norm(f"{layer}.wide_norm", x)))
        return x + self._apply(f"{layer}.narrow", wide)


def _count(parameters: Mapping[str, NDArray[np.generic]], layers: str) -> int:
    return len({name.split(".")[1] for name in parameters if name.startswith(f"{layers}.")})
