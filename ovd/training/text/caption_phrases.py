"""Weak supervision by captions: phrases without boxes, and their loss.

A phrase that somebody says of a picture is somewhere in it: the region that matches it best should
(as in weakly supervised open-vocabulary detectors, after Zareian et al., 2021, and Zhou et al.,
2022), and so should the picture as a whole. What nobody mentions is probably, not surely, absent.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ovd.model.ovdense import DensePredictions
from ovd.training.data.examples import Example
from ovd.training.losses.criterion import HeadSet


@dataclass(frozen=True)
class SaidConfig:
    """Configure the sampling of caption phrases.

    Attributes:
        count: Phrases per batch, at most.
        true_share: Share of them that is said of some picture of the batch.
        min_images: Phrases said of fewer images are left out.
        absent_weight: How much a phrase that nobody says of a picture counts as absent.
    """

    count: int = 16
    true_share: float = 0.6
    min_images: int = 5
    absent_weight: float = 0.2


@dataclass(frozen=True, eq=False)
class SaidTargets:
    """S phrases, and which of B images mention them.

    Attributes:
        phrases: The texts; none where no picture has captions.
        is_said: `(B, S)` bool.
        is_known: `(B,)` bool: the picture has captions and is in view as a whole.
    """

    phrases: tuple[str, ...]
    is_said: NDArray[np.bool_]
    is_known: NDArray[np.bool_]


@dataclass(frozen=True)
class SaidSampler:
    """Samples phrases of captions.

    Attributes:
        captions: Phrases by file name.
        config: What is sampled.
    """

    captions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    config: SaidConfig = field(default_factory=SaidConfig)

    def all_phrases(self) -> tuple[str, ...]:
        """Return every text that `sample` can return."""
        return tuple(sorted({phrase for said in self.captions.values() for phrase in said}))

    def sample(self, examples: Sequence[Example], rng: np.random.Generator) -> SaidTargets:
        """Choose phrases for a batch: some that its captions mention, some that they do not."""
        known = np.array([e.is_whole and e.file_name in self.captions for e in examples])
        said = [
            frozenset(self.captions[example.file_name]) if is_known else frozenset()
            for example, is_known in zip(examples, known, strict=True)
        ]
        true = sorted(frozenset().union(*said))
        if not true:
            return SaidTargets((), np.zeros((len(examples), 0), dtype=np.bool_), known)
        rng.shuffle(true)
        chosen = dict.fromkeys(true[: int(self.config.count * self.config.true_share)])
        files = sorted(self.captions)
        for _ in range(self.config.count - len(chosen)):
            others = self.captions[files[rng.integers(len(files))]]
            chosen[others[rng.integers(len(others))]] = None
        phrases = tuple(chosen)
        is_said = np.array([[phrase in texts for phrase in phrases] for texts in said])
        return SaidTargets(phrases, is_said, known)


def keep_unboxed(
    captions: Mapping[str, Sequence[str]], boxed: Collection[str], min_images: int
) -> dict[str, tuple[str, ...]]:
    """Return the phrases that no box is labelled with and that enough images share.

    Args:
        captions: Phrases by file name.
        boxed: Texts to leave out, because boxes teach them or they are held out.
        min_images: Least number of images.
    """
    left_out = frozenset(boxed)
    counts = Counter(phrase for said in captions.values() for phrase in set(said))
    kept = {
        file: tuple(p for p in said if counts[p] >= min_images and p not in left_out)
        for file, said in captions.items()
    }
    return {file: said for file, said in kept.items() if said}


def said_loss(
    predictions: DensePredictions,
    heads: HeadSet,
    texts: Tensor,
    targets: SaidTargets,
    absent_weight: float,
) -> Tensor:
    """Return the mean cross entropy of presence, from the best region and from the whole image.

    Args:
        predictions: Of the network, for B images.
        heads: The text heads of its branches.
        texts: `(S, D)` unit-length embeddings of the phrases.
        targets: Of which images they are said.
        absent_weight: Weight of the pairs that are not said.
    """
    device = texts.device
    wanted = torch.from_numpy(targets.is_said).float().to(device)
    known = torch.from_numpy(targets.is_known).to(device)
    weight = torch.where(wanted > 0, 1.0, absent_weight) * known[:, None]
    best = torch.stack(
        [
            heads.many.similarity(embeds.float(), texts).amax(dim=0)
            for embeds in predictions.region_embeds.unbind()
        ]
    )
    whole = heads.presence.similarity(predictions.presence_embeds.float(), texts)
    total = sum(
        F.binary_cross_entropy_with_logits(logits, wanted, weight, reduction="sum")
        for logits in (best, whole)
    )
    mean: Tensor = total / weight.sum().clamp(min=1.0)
    return mean
