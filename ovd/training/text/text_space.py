"""Text embeddings of CLIP as anchors, and an adapter that is fitted to them.

Real CLIP text embeddings of many names are centred, cut to their principal directions and made
unit length. The adapter is fitted to them before the detector is trained, and they stay in the
loss afterwards, so that words without boxes stay near related words with boxes.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ovd.errors import DatasetError
from ovd.model.text.adapter import TextAdapter
from ovd.training.text.sentence_features import SentenceEncoder

TEMPLATES = ("{}", "a {}", "a photo of a {}")
FIT_STEPS = 400
FIT_RATE = 3e-3
NOISE = 0.15
TEMPERATURE = 0.05


@dataclass(frozen=True, eq=False)
class TextAnchors:
    """Phrases whose embeddings in the text space are known.

    Attributes:
        features: `(P, F)` sentence features.
        target_embeds: `(P, D)` unit-length embeddings they should be mapped to.
    """

    features: Tensor
    target_embeds: Tensor

    def loss(self, adapter: TextAdapter, generator: torch.Generator, count: int) -> Tensor:
        """Return the mean of `1 - cosine` of `count` random phrases with noisy features."""
        chosen = torch.randint(len(self.features), (count,), generator=generator)
        features = add_noise(self.features[chosen], generator)
        device = next(adapter.parameters()).device
        embeds = adapter(features.to(device))
        cosine: Tensor = (embeds * self.target_embeds[chosen].to(device)).sum(dim=1)
        return (1 - cosine).mean()


def add_noise(features: Tensor, generator: torch.Generator, share: float = NOISE) -> Tensor:
    """Add normal noise of `share` of each feature vector's length."""
    noise = torch.randn(features.shape, generator=generator)
    scale = features.norm(dim=1, keepdim=True) / features.shape[1] ** 0.5
    noisy: Tensor = features + share * scale * noise
    return noisy


def load_anchors(path: Path, encoder: SentenceEncoder, embed_dim: int) -> TextAnchors:
    """Read names and their CLIP embeddings, reduced to `embed_dim` dimensions.

    Args:
        path: `.npz` with `names` and `emb` of shape (names, E).
        encoder: Makes the sentence features.
        embed_dim: D.

    Raises:
        DatasetError: If the file is missing, holds something else or too few names.
    """
    try:
        with np.load(path, allow_pickle=False) as table:
            names = [str(name).replace("_", " ") for name in table["names"]]
            embeds = torch.from_numpy(table["emb"].astype(np.float32))
    except (OSError, KeyError, ValueError) as error:
        raise DatasetError(
            f"wanted an .npz with arrays `names` and `emb` at {path}: {error}"
        ) from error
    if embeds.ndim != 2 or len(embeds) != len(names) or min(embeds.shape) < embed_dim:
        raise DatasetError(
            f"{path}: {len(names)} names and embeddings of shape {tuple(embeds.shape)} cannot "
            f"fill {embed_dim} dimensions"
        )
    centred = F.normalize(embeds, dim=1) - F.normalize(embeds, dim=1).mean(dim=0)
    directions = torch.linalg.svd(centred, full_matrices=False).Vh[:embed_dim]
    target_embeds = F.normalize(centred @ directions.T, dim=1)
    phrases = [template.format(name) for template in TEMPLATES for name in names]
    return TextAnchors(encoder.encode(phrases), target_embeds.repeat(len(TEMPLATES), 1))


def fit_adapter(adapter: TextAdapter, anchors: TextAnchors, seed: int) -> float:
    """Fit the adapter in place; names must also be nearest to themselves among all names.

    Returns:
        Mean cosine between the adapter's embeddings and those it was fitted to.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(adapter.parameters(), lr=FIT_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, FIT_STEPS)
    count = len(anchors.features) // len(TEMPLATES)
    for _ in range(FIT_STEPS):
        chosen = torch.randint(len(anchors.features), (1024,), generator=generator)
        embeds = adapter(add_noise(anchors.features[chosen], generator))
        cosine = embeds @ anchors.target_embeds[:count].T
        near = F.cross_entropy(cosine / TEMPERATURE, chosen % count)
        loss = 1 - cosine[torch.arange(len(chosen)), chosen % count].mean() + 0.1 * near
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        return float((adapter(anchors.features) * anchors.target_embeds).sum(dim=1).mean())
