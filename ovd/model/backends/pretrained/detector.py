"""PretrainedDetector: a phrase network behind the Detector port."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Computation, DetectorInfo
from ovd.domain.query import Query, Vocabulary
from ovd.errors import VocabularyMismatchError
from ovd.model.backends.pretrained.network import PhraseNetwork
from ovd.model.postprocess import PostprocessConfig, postprocess
from ovd.model.preprocess import Resize, require_rgb
from ovd.model.text.vocabulary import encode_queries

MAX_BATCH = 4
# Two boxes of one query that overlap by more are one object.
MAX_IOU = 0.5


class PretrainedDetector:
    """Implements `Detector` and `NetworkOwner`. Threads may share it.

    The network is loaded when it is first needed: reading queries needs none of it. Embeddings of
    prompts are kept, so that a text is encoded once.
    """

    def __init__(
        self, info: DetectorInfo, open_network: Callable[[], tuple[PhraseNetwork, Computation]]
    ) -> None:
        """Describe a detector.

        Args:
            info: What others need to know about it.
            open_network: Loads the network, and tells how it is computed.
        """
        self._info = info
        self._open = open_network
        self._lock = threading.Lock()
        self._network: PhraseNetwork | None = None
        self._embeds: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}

    @property
    def info(self) -> DetectorInfo:
        """Return its facts."""
        return self._info

    def open_network(self) -> None:
        """Load the network now, unless it is loaded.

        Raises:
            WeightsError: If its files are damaged or do not fit.
            RuntimeUnavailableError: If it cannot be computed here.
        """
        self._require_network()

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries, and what they exclude.

        Raises:
            QueryError: If there is no query, one is unsupported, or one is too long for the model.
        """
        detector_id = self._info.detector_id
        return encode_queries(queries, self._embed, detector_id, detector_id)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Images of different sizes are never put into one batch: padding them to one size would let
        a result depend on its neighbours.

        Raises:
            ImageError: If an image is empty or of another shape or type.
            VocabularyMismatchError: If `vocabulary` was made by another detector, or requires
                colours to be judged.
        """
        self._require_own(vocabulary)
        network = self._require_network()
        found: dict[int, Detections] = {}
        for indices in _batches(images):
            candidates = network.find(
                [images[index] for index in indices], vocabulary.prompts, vocabulary.text_embeds
            )
            results = postprocess(
                [one.logits for one in candidates],
                [one.xyxy_norm for one in candidates],
                [Resize((images[index].shape[0], images[index].shape[1])) for index in indices],
                vocabulary,
                PostprocessConfig(max_iou=MAX_IOU),
            )
            found |= zip(indices, results, strict=True)
        return [found[index] for index in range(len(images))]

    def _embed(self, prompts: Sequence[str]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
        network = self._require_network()
        with self._lock:
            new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._embeds]
        made = network.embed(new) if new else np.zeros((0, 0), dtype=np.float32)
        with self._lock:
            self._embeds |= zip(new, made, strict=True)
            return np.stack([self._embeds[prompt] for prompt in prompts])

    def _require_network(self) -> PhraseNetwork:
        with self._lock:
            if self._network is None:
                self._network, computation = self._open()
                notes = (*self._info.computation.notes, *computation.notes)
                self._info = replace(self._info, computation=replace(computation, notes=notes))
            return self._network

    def _require_own(self, vocabulary: Vocabulary) -> None:
        if vocabulary.detector_id != self._info.detector_id:
            raise VocabularyMismatchError(
                f"the vocabulary was made by the detector {vocabulary.detector_id!r}, this is "
                f"{self._info.detector_id!r}: encode the queries with it"
            )
        if vocabulary.requires_colours:
            raise VocabularyMismatchError(
                f"the vocabulary requires colours, which the detector {self._info.name!r} alone "
                "does not judge: use the detector that encoded it, or encode the queries again"
            )


def _batches(images: Sequence[Image]) -> list[list[int]]:
    """Return the indices of images by size, at most `MAX_BATCH` at a time."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, image in enumerate(images):
        require_rgb(image, index)
        groups.setdefault(image.shape, []).append(index)
    return [
        group[start : start + MAX_BATCH]
        for group in groups.values()
        for start in range(0, len(group), MAX_BATCH)
    ]
