"""VocabularyDetector: a network, its text head and a text encoder behind the Detector port."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import DetectorInfo
from ovd.domain.query import Query, Vocabulary
from ovd.errors import QueryError, VocabularyMismatchError
from ovd.model.heads import TextSimilarityHead
from ovd.model.postprocess import PostprocessConfig, postprocess
from ovd.model.predictions import DetectionNetwork, RawPredictions
from ovd.model.preprocess import Resize, group_by_input, preprocess
from ovd.model.text.encoder import TextEncoder

MAX_BATCH = 8


@dataclass(frozen=True)
class DetectorSpec:
    """The parameters of one trained detector.

    Attributes:
        info: What others need to know about it.
        input_sizes: Heights and widths in pixels that its input may have; each image takes the
            one nearest to its own shape.
        postprocess: How its candidates become detections.
    """

    info: DetectorInfo
    input_sizes: tuple[tuple[int, int], ...]
    postprocess: PostprocessConfig


class VocabularyDetector:
    """Implements `ovd.domain.ports.Detector` for any network that returns `RawPredictions`.

    Threads may share it: the only state that changes is a cache behind a lock.
    """

    def __init__(
        self,
        spec: DetectorSpec,
        network: DetectionNetwork,
        head: TextSimilarityHead,
        encoder: TextEncoder,
    ) -> None:
        """Put the parts together.

        Args:
            spec: Names, sizes and thresholds.
            network: In evaluation mode.
            head: The head that `network` was trained with.
            encoder: Makes embeddings of the kind that `head` expects.
        """
        self._spec = spec
        self._known = frozenset(spec.info.known_names)
        self._network = network
        self._head = head
        self._encoder = encoder
        self._texts: weakref.WeakKeyDictionary[Vocabulary, Tensor] = weakref.WeakKeyDictionary()
        self._texts_lock = threading.Lock()

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about it."""
        return self._spec.info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries, and the names they exclude.

        Raises:
            QueryError: If there is no query, one is unsupported, or one asks for a name that
                this detector cannot find.
        """
        if not queries:
            raise QueryError("no query to look for; give at least one")
        for query in queries:
            self._require_supported(query)
        rows = [
            (label_id, prompt, prompt_excluded)
            for label_id, query in enumerate(queries)
            for prompts, prompt_excluded in ((query.prompts, False), (query.excluded, True))
            for prompt in prompts
        ]
        label_ids, prompts, excluded = zip(*rows, strict=True)
        return Vocabulary(
            queries=tuple(queries),
            prompts=prompts,
            prompt_label_id=np.array(label_ids, dtype=np.int64),
            prompt_excluded=np.array(excluded, dtype=np.bool_),
            text_embeds=self._encoder.embed(prompts),
            encoder_id=self._encoder.encoder_id,
            detector_id=self.info.detector_id,
        )

    def _require_supported(self, query: Query) -> None:
        if not query.supported:
            raise QueryError(
                f"the query {query.text!r} is not supported by the detector {self.info.name!r}"
                + (f": {query.note}" if query.note else "")
            )
        unknown = [name for name in (*query.prompts, *query.excluded) if name not in self._known]
        if unknown and not self.info.open_vocabulary:
            raise QueryError(
                f"the detector {self.info.name!r} has not learned to find "
                f"{', '.join(repr(name) for name in unknown)} (query {query.text!r}); it knows "
                f"{len(self._known)} names, such as {', '.join(self.info.known_names[:5])}"
            )

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB pictures; one result per picture, in order.

        Raises:
            ImageError: If a picture is empty or of another shape or type.
            VocabularyMismatchError: If `vocabulary` was made by another detector or text encoder,
                or requires colours to be judged, which this one does not.
        """
        self._require_own(vocabulary)
        found: list[Detections] = []
        for start in range(0, len(images), MAX_BATCH):
            found += self._detect_batch(images[start : start + MAX_BATCH], vocabulary)
        return found

    def _require_own(self, vocabulary: Vocabulary) -> None:
        own = (self.info.detector_id, self._encoder.encoder_id)
        made_by = (vocabulary.detector_id, vocabulary.encoder_id)
        if made_by != own:
            raise VocabularyMismatchError(
                f"the vocabulary was made by the detector {made_by[0]!r} with the text encoder "
                f"{made_by[1]!r}, this is {own[0]!r} with {own[1]!r}: encode the queries with it"
            )
        if vocabulary.requires_colours:
            raise VocabularyMismatchError(
                f"the vocabulary requires colours, which the detector {self.info.name!r} alone "
                "does not judge: use the detector that encoded it, or encode the queries again"
            )

    def _detect_batch(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        found: dict[int, Detections] = {}
        for size_hw, indices in group_by_input(images, self._spec.input_sizes).items():
            pixels, resizes = preprocess([images[index] for index in indices], size_hw)
            results = self.read(self.predict(pixels), resizes, vocabulary)
            found |= zip(indices, results, strict=True)
        return [found[index] for index in range(len(images))]

    def predict(self, pixels: Tensor) -> RawPredictions:
        """Run the network on `(B, 3, H, W)` RGB pixels in [-1, 1]; no text is involved."""
        with torch.inference_mode():
            return self._network(pixels)

    def read(
        self, predictions: RawPredictions, resizes: Sequence[Resize], vocabulary: Vocabulary
    ) -> list[Detections]:
        """Compare candidates with a vocabulary and keep what reaches its thresholds."""
        with torch.inference_mode():
            logits = self._head.similarity(predictions.region_embeds, self._project(vocabulary))
        return postprocess(
            logits, predictions.xyxy_norm, resizes, vocabulary, self._spec.postprocess
        )

    def _project(self, vocabulary: Vocabulary) -> Tensor:
        """Texts in the head's space; computed once per vocabulary."""
        with self._texts_lock:
            texts = self._texts.get(vocabulary)
            if texts is None:
                texts = self._head.project_text(torch.from_numpy(vocabulary.text_embeds))
                self._texts[vocabulary] = texts
            return texts
