"""Grounding DINO, MM-Grounding-DINO and LLMDet: texts are read together with the image.

Liu et al., "Grounding DINO" (2023); Zhao et al., "An Open and Comprehensive Pipeline for Unified
Object Grounding and Detection" (2024); Fu et al., "LLMDet" (2025). A caption for each prompt gives
scores that depend on nothing else; one caption for all is faster, and each score depends on all.
"""

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.errors import QueryError
from ovd.model.backends.pretrained.network import Found, cxcywh_to_xyxy, stack_prompts
from ovd.model.runtimes.options import Captions

# These end a phrase of a caption, so that none may hold them.
SEPARATORS = (".", "?")


class GroundingDinoNetwork:
    """Implements `PhraseNetwork` for the family."""

    def __init__(self, model: Any, processor: Any, template: str, captions: Captions) -> None:
        """Wrap a loaded model.

        Args:
            model: `GroundingDinoForObjectDetection` or `MMGroundingDinoForObjectDetection`.
            processor: Its processor.
            template: Sentence for a prompt.
            captions: Whether each prompt has a caption of its own.
        """
        self._model = model
        self._processor = processor
        self._template = template
        self._captions = captions
        self._length = int(model.config.max_text_len)
        self._backbone = _SharedBackbone(model.model.backbone)
        model.model.backbone = self._backbone
        self._lock = threading.Lock()

    def embed(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """Check the prompts, and return `(P, 0)`; see `PhraseNetwork`."""
        for prompt in prompts:
            if any(mark in prompt for mark in SEPARATORS):
                raise QueryError(
                    f"{prompt!r} cannot be asked of this model, which ends a phrase at "
                    f"{' and '.join(SEPARATORS)}; leave them out"
                )
        for captions in self._split(prompts):
            caption = self._caption(captions)
            count = len(self._processor.tokenizer(caption, verbose=False)["input_ids"])
            if count > self._length:
                raise QueryError(
                    f"{len(captions)} phrases of {count} tokens are too long for this model, "
                    f"which reads {self._length}: ask for less, or for each by itself "
                    "(OVD_CAPTIONS=each)"
                )
        return np.zeros((len(prompts), 0), dtype=np.float32)

    def find(
        self, images: Sequence[Image], prompts: Sequence[str], text_embeds: NDArray[np.float32]
    ) -> list[Found]:
        """Return the candidates of images of one size; see `PhraseNetwork`."""
        with self._lock, torch.inference_mode():
            pixels = self._processor.image_processor(list(images), return_tensors="pt").to(
                self._model.device
            )
            try:
                found = [self._ask(pixels, group) for group in self._split(prompts)]
            finally:
                self._backbone.forget()
        if self._captions is Captions.TOGETHER:
            (logits, boxes), = found  # fmt: skip
            return [Found(*one) for one in zip(logits, boxes, strict=True)]
        return [
            stack_prompts(
                [logits[image, :, 0] for logits, _ in found], [boxes[image] for _, boxes in found]
            )
            for image in range(len(images))
        ]

    def _split(self, prompts: Sequence[str]) -> list[tuple[str, ...]]:
        if self._captions is Captions.TOGETHER:
            return [tuple(prompts)]
        return [(prompt,) for prompt in prompts]

    def _caption(self, prompts: Sequence[str]) -> str:
        return ". ".join(self._template.format(item.strip().lower()) for item in prompts) + "."

    def _ask(
        self, pixels: Any, prompts: Sequence[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return `(B, Q, P)` logits of one caption, and `(B, Q, 4)` corners."""
        tokens = self._processor.tokenizer(
            self._caption(prompts), return_tensors="pt", return_token_type_ids=True
        ).to(self._model.device)
        count = len(pixels["pixel_values"])
        texts = {name: values.expand(count, -1) for name, values in tokens.items()}
        output = self._model(
            pixel_values=pixels["pixel_values"], pixel_mask=pixels["pixel_mask"], **texts
        )
        logits: NDArray[np.float32] = output.logits.float().cpu().numpy()
        boxes: NDArray[np.float32] = output.pred_boxes.float().cpu().numpy()
        if len(prompts) == 1 and self._captions is Captions.EACH:
            return logits.max(axis=2, keepdims=True), cxcywh_to_xyxy(boxes)
        spans = self._phrase_spans(tokens["input_ids"][0].tolist())
        best = [logits[:, :, start:end].max(axis=2) for start, end in spans]
        return np.stack(best, axis=2), cxcywh_to_xyxy(boxes)

    def _phrase_spans(self, ids: list[int]) -> list[tuple[int, int]]:
        """Return the tokens of each phrase of a caption, without what ends it."""
        end = self._processor.tokenizer.convert_tokens_to_ids(".")
        ends = [place for place, token in enumerate(ids) if token == end]
        return [(start + 1, stop) for start, stop in pairwise((0, *ends))]


class _SharedBackbone(torch.nn.Module):
    """Computes the features of images once, however many captions are asked of them."""

    def __init__(self, backbone: Any) -> None:
        super().__init__()
        self.inner = backbone
        self._pixels: torch.Tensor | None = None
        self._features: tuple[list[Any], list[Any]] = ([], [])

    @property
    def position_embedding(self) -> Any:
        """Return what the model reads of its backbone."""
        return self.inner.position_embedding

    def forward(self, pixel_values: torch.Tensor, pixel_mask: torch.Tensor) -> Any:
        """Return features and position embeddings, in lists that the caller may change."""
        if self._pixels is not pixel_values:
            self._features = self.inner(pixel_values, pixel_mask)
            self._pixels = pixel_values
        features, positions = self._features
        return list(features), list(positions)

    def forget(self) -> None:
        """Let go of the features."""
        self._pixels, self._features = None, ([], [])
