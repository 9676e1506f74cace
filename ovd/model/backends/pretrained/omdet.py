"""OmDet-Turbo: texts are encoded once; a small decoder reads them together with the image.

Zhao et al., "Real-time Transformer-based Open-Vocabulary Detection with Efficient Fusion Head"
(2024). Its decoder chooses where to look by all prompts; asked for each by itself, the image is
still encoded once.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.errors import QueryError
from ovd.model.backends.pretrained.network import Found, cxcywh_to_xyxy, stack_prompts
from ovd.model.runtimes.options import Captions

# The same whatever is asked for: the usual one lists all classes, so that scores depend on them.
TASK = "Detect objects."


class OmDetNetwork:
    """Implements `PhraseNetwork`."""

    def __init__(self, model: Any, processor: Any, template: str, captions: Captions) -> None:
        """Wrap a loaded `OmDetTurboForObjectDetection`; see `GroundingDinoNetwork`."""
        self._model = model
        self._processor = processor
        self._template = template
        self._captions = captions
        self._length = int(model.config.text_config.max_position_embeddings)
        tokens = self._tokenize([TASK])
        with torch.inference_mode():
            self._task, self._task_mask = model.language_backbone(
                tokens["input_ids"], mask=tokens["attention_mask"], encode_type="task"
            )

    def embed(self, prompts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(P, D)` embeddings, whose length has a meaning; see `PhraseNetwork`."""
        texts = [self._template.format(prompt) for prompt in prompts]
        tokenised = self._processor.tokenizer(texts, verbose=False)["input_ids"]
        for prompt, ids in zip(prompts, tokenised, strict=True):
            if len(ids) > self._length:
                raise QueryError(
                    f"{prompt!r} is too long for this model: {len(ids)} tokens, at most "
                    f"{self._length}; say it in fewer words"
                )
        with torch.inference_mode():
            embeds = self._model.language_backbone(
                self._tokenize(texts)["input_ids"], encode_type="class"
            )
        array: NDArray[np.float32] = embeds.float().cpu().numpy()
        return array

    def find(
        self, images: Sequence[Image], prompts: Sequence[str], text_embeds: NDArray[np.float32]
    ) -> list[Found]:
        """Return the candidates of images of one size; see `PhraseNetwork`."""
        device = self._model.device
        pixels = self._processor.image_processor(list(images), return_tensors="pt")["pixel_values"]
        texts = torch.from_numpy(text_embeds).to(device)
        with torch.inference_mode():
            features = self._model.vision_backbone(pixels.to(device))
            states = self._model.encoder(features, return_dict=True).extracted_states
            if self._captions is Captions.TOGETHER:
                logits, boxes = self._decode(states, texts, len(images))
                return [Found(*one) for one in zip(logits, boxes, strict=True)]
            found = [self._decode(states, text[None], len(images)) for text in texts]
        return [
            stack_prompts(
                [logits[image, :, 0] for logits, _ in found], [boxes[image] for _, boxes in found]
            )
            for image in range(len(images))
        ]

    def _decode(
        self, states: Any, texts: torch.Tensor, count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return `(B, Q, P)` logits and `(B, Q, 4)` corners."""
        output = self._model.decoder(
            states,
            texts[:, None].expand(-1, count, -1),
            self._task.expand(-1, count, -1),
            self._task_mask.expand(count, -1),
            return_dict=True,
        )
        logits: NDArray[np.float32] = output.decoder_classes[-1].float().cpu().numpy()
        boxes: NDArray[np.float32] = output.decoder_coords[-1].float().cpu().numpy()
        return logits, cxcywh_to_xyxy(boxes)

    def _tokenize(self, texts: list[str]) -> Any:
        return self._processor.tokenizer(
            texts,
            padding="max_length",
            max_length=self._length,
            return_token_type_ids=False,
            return_tensors="pt",
        ).to(self._model.device)
