"""Weak supervision by captions: phrases without boxes, and their loss.

A phrase of an image's caption is visible somewhere in it: the region that matches it best is a
positive (as in weakly supervised open-vocabulary detectors, after Zareian et al., 2021, and Zhou et
al., 2022), and so is the image as a whole. Phrases that no caption mentions are weak negatives.
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
class CaptionConfig:
    """Configure the sampling of caption phrases.

    Attributes:
        count: Phrases per batch, at most.
        true_share: Share of them that a caption of the batch mentions.
        min_images: Phrases in the captions of fewer images are left out.
        absent_weight: Weight of the pairs of image and phrase that its captions do not mention.
    """

    count: int = 16
    true_share: float = 0.6
    min_images: int = 5
    absent_weight: float = 0.2


@dataclass(frozen=True, eq=False)
class CaptionTargets:
    """S phrases, and which of B images' captions mention them.

    Attributes:
        phrases: The texts; none where no image has captions.
        is_mentioned: `(B, S)` bool: a caption of the image contains the phrase.
        is_known: `(B,)` bool: the image has captions and is in view as a whole.
    """

    phrases: tuple[str, ...]
    is_mentioned: NDArray[np.bool_]
    is_known: NDArray[np.bool_]


@dataclass(frozen=True)
class CaptionSampler:
    """Samples phrases of captions.

    Attributes:
        captions: Phrases by file name.
        config: How to sample.
    """

    captions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    config: CaptionConfig = field(default_factory=CaptionConfig)

    def all_phrases(self) -> tuple[str, ...]:
        """Return every text that `sample` can return."""
        return tuple(
            sorted({phrase for mentioned in self.captions.values() for phrase in mentioned})
        )

    def sample(self, examples: Sequence[Example], rng: np.random.Generator) -> CaptionTargets:
        """Choose phrases for a batch: some that its captions mention, some that they do not."""
        known = np.array([e.is_whole and e.file_name in self.captions for e in examples])
        mentioned = [
            frozenset(self.captions[example.file_name]) if is_known else frozenset()
            for example, is_known in zip(examples, known, strict=True)
        ]
        true = sorted(frozenset().union(*mentioned))
        if not true:
            return CaptionTargets((), np.zeros((len(examples), 0), dtype=np.bool_), known)
        rng.shuffle(true)
        chosen = dict.fromkeys(true[: int(self.config.count * self.config.true_share)])
        files = sorted(self.captions)
        for _ in range(self.config.count - len(chosen)):
            others = self.captions[files[rng.integers(len(files))]]
            chosen[others[rng.integers(len(others))]] = None
        phrases = tuple(chosen)
        is_mentioned = np.array([[phrase in texts for phrase in phrases] for texts in mentioned])
        return CaptionTargets(phrases, is_mentioned, known)


def keep_unboxed(
    captions: Mapping[str, Sequence[str]], boxed: Collection[str], min_images: int
) -> dict[str, tuple[str, ...]]:
    """Return the phrases that no box is labelled with and that enough images share.

    Args:
        captions: Phrases by file name.
        boxed: Texts to leave out, because boxes are labelled with them or they are held out.
        min_images: Least number of images.
    """
    left_out = frozenset(boxed)
    counts = Counter(phrase for mentioned in captions.values() for phrase in set(mentioned))
    kept = {
        file: tuple(p for p in mentioned if counts[p] >= min_images and p not in left_out)
        for file, mentioned in captions.items()
    }
    return {file: mentioned for file, mentioned in kept.items() if mentioned}


def caption_loss(
    predictions: DensePredictions,
    heads: HeadSet,
    texts: Tensor,
    targets: CaptionTargets,
    absent_weight: float,
) -> Tensor:
    """Return the mean cross entropy of presence, from the best region and from the whole image.

    Args:
        predictions: Of the network, for B images.
        heads: The text heads of its branches.
        texts: `(S, D)` unit-length embeddings of the phrases.
        targets: Which images' captions mention them.
        absent_weight: Weight of the pairs that are not mentioned.
    """
    device = texts.device
    wanted = torch.from_numpy(targets.is_mentioned).float().to(device)
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
