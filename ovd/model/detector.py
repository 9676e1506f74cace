"""VocabularyDetector: a network and a text encoder behind the Detector port.

An image goes through `preprocess`, a `NetworkRunner`, a `TextProjection` and `postprocess`; what
passes between them are arrays.
"""

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Computation, DetectorInfo
from ovd.domain.query import Query, Vocabulary
from ovd.domain.teaching.regions import Regions, RegionVector
from ovd.errors import QueryError, VocabularyMismatchError
from ovd.model.postprocess import (
    PostprocessConfig,
    add_prompt_biases,
    postprocess,
    prompt_floor,
)
from ovd.model.preprocess import group_by_input, preprocess
from ovd.model.runtimes.network_runner import NetworkRunner
from ovd.model.runtimes.selection import DeferredRunner
from ovd.model.text.encoder import TextEncoder
from ovd.model.text.projection import TextProjection
from ovd.model.text.region_filter import MIN_TEXTS, RegionFilters
from ovd.model.text.vocabulary import encode_queries

MAX_BATCH = 8


@dataclass(frozen=True)
class DetectorSpec:
    """The parameters of one trained detector.

    Attributes:
        info: What others need to know about it.
        input_sizes: Heights and widths in pixels that its input may have; each image takes the
            one nearest to its own shape.
        postprocess: How its candidates become detections.
        computation: Tells how the network is computed as of now; None where that is not known.
    """

    info: DetectorInfo
    input_sizes: tuple[tuple[int, int], ...]
    postprocess: PostprocessConfig
    computation: Callable[[], Computation] | None = None


class VocabularyDetector:
    """Implements `Detector` and `RegionEncoder` of the domain, for any network and runtime.

    Threads may share it: the only state that changes is a cache behind a lock.
    """

    def __init__(
        self,
        spec: DetectorSpec,
        run_network: NetworkRunner,
        projection: TextProjection,
        encoder: TextEncoder,
    ) -> None:
        """Put the parts together.

        Args:
            spec: Names, sizes and thresholds.
            run_network: Finds candidates in batches of images.
            projection: Compares the network's regions with texts.
            encoder: Makes embeddings of the kind that `projection` expects.
        """
        self._spec = spec
        self._known = frozenset(spec.info.known_names)
        self._run_network = run_network
        self._projection = projection
        self._encoder = encoder
        self._texts: weakref.WeakKeyDictionary[Vocabulary, NDArray[np.float32]] = (
            weakref.WeakKeyDictionary()
        )
        self._texts_lock = threading.Lock()
        self._filters = RegionFilters()

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about it, with what computes it as of now."""
        if self._spec.computation is None:
            return self._spec.info
        return replace(self._spec.info, computation=self._spec.computation())

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries, and the names they exclude.

        Raises:
            QueryError: If there is no query, one is unsupported, or one asks for a name that
                this detector cannot find.
        """
        for query in queries:
            self._require_known(query)
        return encode_queries(
            queries, self._encoder.embed, self._encoder.encoder_id, self.info.detector_id
        )

    def _require_known(self, query: Query) -> None:
        unknown = [name for name in (*query.prompts, *query.excluded) if name not in self._known]
        if unknown and not self.info.open_vocabulary:
            raise QueryError(
                f"the detector {self.info.name!r} has not learned to find "
                f"{', '.join(repr(name) for name in unknown)} (query {query.text!r}); it knows "
                f"{len(self._known)} names, such as {', '.join(self.info.known_names[:5])}"
            )

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Raises:
            ImageError: If an image is empty or of another shape or type.
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
        texts = self._project(vocabulary)
        found: dict[int, Detections] = {}
        for size_hw, indices in group_by_input(images, self._spec.input_sizes).items():
            batch, resizes = preprocess([images[index] for index in indices], size_hw)
            output = self._run_network(batch)
            logits, boxes = [], []
            for regions, xyxy_norm in zip(output.region_embeds, output.xyxy_norm, strict=True):
                kept = self._select(regions, texts, vocabulary)
                logits.append(self._projection.logits(regions[kept], texts))
                add_prompt_biases(logits[-1], vocabulary, self._projection.bias)
                boxes.append(xyxy_norm[kept])
            results = postprocess(logits, boxes, resizes, vocabulary, self._spec.postprocess)
            found |= zip(indices, results, strict=True)
        return [found[index] for index in range(len(images))]

    def _select(
        self,
        regions: NDArray[np.float32],
        texts: NDArray[np.float32],
        vocabulary: Vocabulary,
    ) -> NDArray[np.int64] | slice:
        """Return which of `(Q, D)` regions may reach the threshold of a query."""
        if len(texts) < MIN_TEXTS:
            return slice(None)
        biases = np.full(len(texts), self._projection.bias, dtype=np.float32)
        for row, learned in enumerate(vocabulary.prompt_vectors):
            if learned is not None:
                biases[row] = learned.bias
        own = self._filters.find(vocabulary, texts, prompt_floor(vocabulary) - biases, regions)
        return slice(None) if own is None else own.select(regions)

    def _project(self, vocabulary: Vocabulary) -> NDArray[np.float32]:
        """Return the texts in the space of the regions; computed once per vocabulary."""
        with self._texts_lock:
            texts = self._texts.get(vocabulary)
            if texts is None:
                texts = self._projection.project_text(vocabulary.text_embeds)
                for row, learned in enumerate(vocabulary.prompt_vectors):
                    if learned is not None:
                        texts[row] = learned.vector
                self._texts[vocabulary] = texts
            return texts

    def find_regions(self, images: Sequence[Image]) -> list[Regions]:
        """Return the regions of `(H, W, 3)` uint8 RGB images; see `RegionEncoder`.

        Raises:
            ImageError: If an image is empty or of another shape or type.
        """
        found: dict[int, Regions] = {}
        for size_hw, indices in group_by_input(images, self._spec.input_sizes).items():
            for index in indices:
                batch, (resize,) = preprocess([images[index]], size_hw)
                output = self._run_network(batch)
                xyxy = resize.to_frame(output.xyxy_norm[0])
                found[index] = Regions(output.region_embeds[0], xyxy, resize.frame_hw)
        return [found[index] for index in range(len(images))]

    def text_vectors(self, names: Sequence[str]) -> list[RegionVector]:
        """Return what regions are compared with for each name; see `RegionEncoder`.

        Raises:
            QueryError: If a name cannot be encoded.
        """
        texts = self._projection.project_text(self._encoder.embed(names))
        return [RegionVector(text, self._projection.bias) for text in texts]


class DeferredDetector(VocabularyDetector):
    """Implements `NetworkOwner` too: it reads and encodes queries before its network is open."""

    def __init__(
        self,
        spec: DetectorSpec,
        network: DeferredRunner,
        projection: TextProjection,
        encoder: TextEncoder,
    ) -> None:
        """Put the parts together; see `VocabularyDetector`."""
        super().__init__(spec, network, projection, encoder)
        self._network = network

    def open_network(self) -> None:
        """Open the network now, unless it is open.

        Raises:
            RuntimeUnavailableError: If no runtime works here.
        """
        self._network.open()
