"""SentenceModel: a BERT sentence encoder in numpy.

Devlin et al., 2018, "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding"; parameters are named as in the Hugging Face `BertModel`, without its pooler. One
name takes some hundredths of a second; importing torch and transformers takes several.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ovd.model.text.layers import Array, attend, gelu, layer_norm

EPSILON = 1e-12
EMBEDDINGS = "embeddings"
# Added before the softmax where a place is padding.
_HIDDEN = np.float32(-1e9)


class SentenceModel:
    """Takes word pieces to features of sentences."""

    def __init__(self, config: Mapping[str, Any], parameters: Mapping[str, Array]) -> None:
        """Take the parameters of a trained encoder.

        Args:
            config: As a Hugging Face `BertConfig` names its fields.
            parameters: float32, by name.

        Raises:
            KeyError: If a field is missing.
            ValueError: If the parameters are those of something else.
        """
        if config.get("hidden_act", "gelu") != "gelu":
            raise ValueError(f"wanted the activation gelu, got {config['hidden_act']}")
        wanted = dict(_shapes(config))
        found = {name: array.shape for name, array in parameters.items()}
        for name in sorted(wanted.keys() | found.keys()):
            if wanted.get(name) != found.get(name):
                raise ValueError(f"{name}: wanted {wanted.get(name)}, got {found.get(name)}")
        self._parameters = parameters
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config.get("layer_norm_eps", EPSILON))

    def __call__(self, ids: NDArray[np.int64]) -> Array:
        """Compute the features of sentences.

        Args:
            ids: `(P, T)` word pieces, padded with 0.

        Returns:
            `(P, F)`, the mean over the pieces of a sentence.
        """
        real = ids != 0
        p = self._parameters
        x = (
            p[f"{EMBEDDINGS}.word_embeddings.weight"][ids]
            + p[f"{EMBEDDINGS}.position_embeddings.weight"][: ids.shape[1]]
            + p[f"{EMBEDDINGS}.token_type_embeddings.weight"][0]
        )
        x = self._norm(f"{EMBEDDINGS}.LayerNorm", x)
        mask = np.where(real, np.float32(0), _HIDDEN)[:, None, None, :]
        for index in range(self._layers):
            x = self._run_layer(f"encoder.layer.{index}", x, mask)
        weight = real[..., None].astype(np.float32)
        features: Array = (x * weight).sum(axis=1) / weight.sum(axis=1)
        return features

    def _run_layer(self, name: str, x: Array, mask: Array) -> Array:
        query, key, value = (
            self._split(self._apply(f"{name}.attention.self.{part}", x))
            for part in ("query", "key", "value")
        )
        seen = attend(query, key, value, mask).transpose(0, 2, 1, 3).reshape(x.shape)
        joined = self._apply(f"{name}.attention.output.dense", seen)
        x = self._norm(f"{name}.attention.output.LayerNorm", x + joined)
        wide = gelu(self._apply(f"{name}.intermediate.dense", x))
        narrow = self._apply(f"{name}.output.dense", wide)
        return self._norm(f"{name}.output.LayerNorm", x + narrow)

    def _split(self, x: Array) -> Array:
        """Split `(P, T, F)` into `(P, heads, T, F / heads)`."""
        return x.reshape(*x.shape[:2], self._heads, -1).transpose(0, 2, 1, 3)

    def _apply(self, name: str, x: Array) -> Array:
        applied: Array = x @ self._parameters[f"{name}.weight"].T
        applied += self._parameters[f"{name}.bias"]
        return applied

    def _norm(self, name: str, x: Array) -> Array:
        p = self._parameters
        return layer_norm(x, p[f"{name}.weight"], p[f"{name}.bias"], self._epsilon)


def _shapes(config: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield name and shape of every parameter."""
    width, inner = int(config["hidden_size"]), int(config["intermediate_size"])
    for table, rows in (
        ("word", config["vocab_size"]),
        ("position", config["max_position_embeddings"]),
        ("token_type", config.get("type_vocab_size", 2)),
    ):
        yield f"{EMBEDDINGS}.{table}_embeddings.weight", (int(rows), width)
    norms = [f"{EMBEDDINGS}.LayerNorm"]
    for index in range(int(config["num_hidden_layers"])):
        name = f"encoder.layer.{index}"
        attention = f"{name}.attention"
        norms += [f"{attention}.output.LayerNorm", f"{name}.output.LayerNorm"]
        for linear, outputs, inputs in (
            (f"{attention}.self.query", width, width),
            (f"{attention}.self.key", width, width),
            (f"{attention}.self.value", width, width),
            (f"{attention}.output.dense", width, width),
            (f"{name}.intermediate.dense", inner, width),
            (f"{name}.output.dense", width, inner),
        ):
            yield f"{linear}.weight", (outputs, inputs)
            yield f"{linear}.bias", (outputs,)
    for norm in norms:
        yield f"{norm}.weight", (width,)
        yield f"{norm}.bias", (width,)
