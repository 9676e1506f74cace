"""PhraseNetwork: a model that finds phrases in images, behind arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image


@dataclass(frozen=True, eq=False)
class Found:
    """The candidates of one image.

    Attributes:
        logits: `(Q, P)` float32 of each candidate for each prompt; minus infinity where a
            candidate was not found for the prompt.
        xyxy_norm: `(Q, 4)` float32 corners in fractions of the image; may reach beyond it.
    """

    logits: NDArray[np.float32]
    xyxy_norm: NDArray[np.float32]


class PhraseNetwork(Protocol):
    """Finds candidates for phrases. Safe to share between threads."""

    def embed(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(P, D)` embeddings, which `find` takes; D is 0 for one that needs texts.

        Raises:
            QueryError: If a prompt is longer than the model reads, or it cannot be asked for it.
        """
        ...

    def find(
        self, images: Sequence[Image], prompts: Sequence[str], text_embeds: NDArray[np.float32]
    ) -> list[Found]:
        """Return the candidates of each of some `(H, W, 3)` RGB images of one size."""
        ...


def cxcywh_to_xyxy(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert `(..., 4)` centres and sizes to corners, same unit."""
    half = boxes[..., 2:] / 2
    return np.concatenate([boxes[..., :2] - half, boxes[..., :2] + half], axis=-1)


def stack_prompts(
    logits: Sequence[NDArray[np.float32]], boxes: Sequence[NDArray[np.float32]]
) -> Found:
    """Return the candidates of prompts that were asked for one by one.

    Args:
        logits: `(Q,)` for each of the P prompts.
        boxes: `(Q, 4)` corners of each.
    """
    sizes = [len(own) for own in logits]
    stacked = np.full((sum(sizes), len(logits)), -np.inf, dtype=np.float32)
    start = 0
    for prompt, own in enumerate(logits):
        stacked[start : start + len(own), prompt] = own
        start += len(own)
    return Found(stacked, np.concatenate(list(boxes)))
