"""The trainable end of the text tower: sentence features -> unit text embeddings.

The frozen part is a sentence encoder whose features are cached; the trainable part is shaped
exactly as the `mlp` projection of open_clip's Hugging Face text tower, so that both together can
be written as an open_clip text model.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ovd.errors import WeightsError
from ovd.model.quantization import arrays_to_float32
from ovd.model.text.compact_tower import ADAPTER_PREFIX
from ovd.model.text.tower import load_tower
from ovd.model.weights import LoadedWeights


class TextAdapter(nn.Module):
    """Two linear layers without bias around a GELU, then unit length.

    Parameters are called `proj.0.weight` and `proj.2.weight` as in open_clip's `HFTextEncoder`,
    whose hidden width, the mean of input and output, it shares.

    Args:
        feature_dim: F, dimensions of the sentence features.
        embed_dim: D, dimensions of the text embeddings.
    """

    def __init__(self, feature_dim: int, embed_dim: int) -> None:
        super().__init__()
        hidden = (feature_dim + embed_dim) // 2
        self.proj = nn.Sequential(
            nn.Linear(feature_dim, hidden, bias=False),
            nn.GELU(),
            nn.Linear(hidden, embed_dim, bias=False),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Take `(P, F)` mean-pooled sentence features to `(P, D)` unit-length embeddings."""
        return F.normalize(self.proj(features.float()), dim=-1)


class AdaptedEncoder:
    """Implements `ovd.model.text.encoder.TextEncoder`: sentence features through the adapter."""

    def __init__(
        self, features: Callable[[list[str]], Tensor], adapter: TextAdapter, encoder_id: str
    ) -> None:
        """Put them together.

        Args:
            features: Phrases to `(P, F)` sentence features.
            adapter: What was trained with a detector.
            encoder_id: Identifier of the embeddings.
        """
        self._features = features
        self._adapter = adapter.eval()
        self._encoder_id = encoder_id

    @property
    def encoder_id(self) -> str:
        """Return the identifier of the embeddings."""
        return self._encoder_id

    def embed(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Embed names as they are, as `(N, D)` unit-length rows."""
        with torch.inference_mode():
            embeds: NDArray[np.float32] = self._adapter(self._features(list(names))).numpy()
        return embeds


def load_adapted_encoder(spec: str, network: LoadedWeights) -> AdaptedEncoder:
    """Load another tower than the one that ships, for a network that was trained with it.

    Args:
        spec: As `ovd.model.text.tower.load_tower` reads it.
        network: The network's file, which holds the adapter.

    Raises:
        WeightsError: If the network was trained with another one, or it cannot be loaded.
    """
    if network.encoder_id != spec:
        raise WeightsError(
            f"{network.entry.file} was not trained with the text encoder {spec!r}; unset "
            f"OVD_TEXT_ENCODER, or train with: ovd train CONFIG.toml --text-encoder {spec}"
        )
    projection = arrays_to_float32(network.below(ADAPTER_PREFIX))
    adapter = TextAdapter(projection["proj.0.weight"].shape[1], len(projection["proj.2.weight"]))
    adapter.load_state_dict(projection)
    tower = load_tower(spec, template="{}")

    def features(names: list[str]) -> Tensor:
        return torch.from_numpy(tower.embed(names))

    return AdaptedEncoder(features, adapter, f"{spec}+{network.entry.sha256[:12]}")
