"""OWL-ViT and OWLv2: texts are encoded once, images are compared with them.

Minderer et al., "Simple Open-Vocabulary Object Detection with Vision Transformers" (2022) and
"Scaling Open-Vocabulary Object Detection" (2023). Scores of prompts are independent.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.errors import QueryError
from ovd.model.backends.pretrained.network import Found, cxcywh_to_xyxy


class OwlNetwork:
    """Implements `PhraseNetwork` for both."""

    def __init__(self, model: Any, processor: Any, template: str, *, pads: bool) -> None:
        """Wrap a loaded model.

        Args:
            model: `OwlViTForObjectDetection` or `Owlv2ForObjectDetection`.
            processor: Its processor.
            template: Sentence for a prompt.
            pads: Whether the processor pads images at the bottom or right to a square, as that of
                OWLv2 does; boxes are fractions of the square then.
        """
        self._model = model
        self._processor = processor
        self._template = template
        self._pads = pads
        self._towers = model.owlv2 if hasattr(model, "owlv2") else model.owlvit
        self._length = int(model.config.text_config.max_position_embeddings)

    def embed(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(P, D)` embeddings of unit length; see `PhraseNetwork`."""
        texts = [self._template.format(prompt) for prompt in prompts]
        tokenised = self._processor.tokenizer(texts, verbose=False)["input_ids"]
        for prompt, ids in zip(prompts, tokenised, strict=True):
            if len(ids) > self._length:
                raise QueryError(
                    f"{prompt!r} is too long for this model: {len(ids)} tokens with "
                    f"{self._template!r}, at most {self._length}; say it in fewer words"
                )
        tokens = self._processor.tokenizer(
            texts, padding="max_length", max_length=self._length, return_tensors="pt"
        ).to(self._model.device)
        with torch.inference_mode():
            embeds = self._towers.get_text_features(**tokens).pooler_output.float()
            embeds = embeds / embeds.norm(dim=-1, keepdim=True)
        return _to_array(embeds)

    def find(
        self, images: Sequence[Image], prompts: Sequence[str], text_embeds: NDArray[np.float32]
    ) -> list[Found]:
        """Return the candidates of images of one size; see `PhraseNetwork`."""
        device = self._model.device
        pixels = self._processor.image_processor(list(images), return_tensors="pt")["pixel_values"]
        with torch.inference_mode():
            feature_map = self._model.image_embedder(pixels.to(device))[0]
            features = feature_map.flatten(1, 2)
            texts = torch.from_numpy(text_embeds).to(device, features.dtype)
            texts = texts.expand(len(images), -1, -1)
            logits, _ = self._model.class_predictor(features, texts)
            boxes = self._model.box_predictor(features, feature_map)
        scale = self._box_scale(images[0])
        return [
            Found(_to_array(own_logits), cxcywh_to_xyxy(_to_array(own_boxes)) * scale)
            for own_logits, own_boxes in zip(logits, boxes, strict=True)
        ]

    def _box_scale(self, image: Image) -> NDArray[np.float32]:
        """Return what takes fractions of the input to fractions of the image."""
        height, width = image.shape[:2]
        if not self._pads:
            return np.ones(4, dtype=np.float32)
        longer = max(height, width)
        return np.array([longer / width, longer / height] * 2, dtype=np.float32)


def _to_array(tensor: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = tensor.float().cpu().numpy()
    return array
