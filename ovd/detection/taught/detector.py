"""TaughtDetector: finds names that were taught by example beside those it was trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ovd.detection.taught.bank import BackgroundBank
from ovd.detection.taught.thresholds import calibrate_text
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo, TaughtPrompt
from ovd.domain.query import Query, Vocabulary
from ovd.domain.teaching.regions import RegionEncoder, RegionVector
from ovd.domain.teaching.taught_names import TaughtName
from ovd.errors import QueryError, TaughtNameError

# Share of background images in which words that were never learned may find something.
TEXT_FALSE_SHARE = 0.01

TaughtSource = Callable[[], Sequence[TaughtName]]


@dataclass(frozen=True)
class _Row:
    """One prompt of a vocabulary: what the inner detector encodes, and its vectors."""

    prompt: str
    label_id: int
    excluded: bool
    vectors: tuple[RegionVector | None, ...]


class TaughtDetector:
    """Implements `ovd.domain.ports.Detector` around one that shows its regions.

    A taught name becomes rows of the vocabulary that carry their own vectors, so that a copy of
    the vocabulary finds the same, and other names are not touched. Words that were never learned
    get the threshold at which they are seldom found on background images.
    """

    def __init__(
        self,
        detector: Detector,
        encoder: RegionEncoder,
        taught: TaughtSource,
        bank: Callable[[], BackgroundBank | None] = lambda: None,
    ) -> None:
        """Wrap a detector.

        Args:
            detector: Finds the names that it knows.
            encoder: The same, showing its regions.
            taught: Gives the taught names in use, newest versions; asked again for each encoding.
            bank: Gives the background by which words that were never learned are calibrated;
                None leaves them as they are.
        """
        self._detector = detector
        self._encoder = encoder
        self._taught = taught
        self._bank = bank

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector, and the prompts of taught names."""
        inner = self._detector.info
        own = [item for item in self._own() if not item.camera]
        names = dict.fromkeys((*inner.known_names, *(item.name for item in own)))
        taught = tuple(TaughtPrompt(item.name, item.version, item.prompt) for item in own)
        return replace(inner, known_names=tuple(names), taught=taught)

    def _own(self) -> list[TaughtName]:
        """Return the taught names whose vectors belong to these weights."""
        detector_id = self._detector.info.detector_id
        return [item for item in self._taught() if item.detector_id == detector_id]

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries; of taught names their vectors.

        Raises:
            QueryError: As the inner detector does.
            TaughtNameError: If a version of a taught name is not in use, or needs other weights.
        """
        by_prompt = self._by_prompt()
        special = [self._is_special(prompt, by_prompt) for prompt in _prompts_of(queries)]
        if not any(special):
            return self._detector.encode(queries)
        rows = [
            _Row(
                self._stand_in(prompt, by_prompt),
                label_id,
                excluded,
                self._vectors_of(prompt, by_prompt),
            )
            for label_id, query in enumerate(queries)
            for prompts, excluded in ((query.prompts, False), (query.excluded, True))
            for prompt in prompts
        ]
        return self._encode_rows(queries, rows)

    def _encode_rows(self, queries: Sequence[Query], rows: Sequence[_Row]) -> Vocabulary:
        stand_ins = [_query_of(query, rows, at) for at, query in enumerate(queries)]
        plain = self._detector.encode(stand_ins)
        taken: list[int] = []
        vectors: list[RegionVector | None] = []
        for at, row in enumerate(rows):
            for vector in row.vectors:
                taken.append(at)
                vectors.append(vector)
        prompts = [prompt for query in queries for prompt in (*query.prompts, *query.excluded)]
        index = np.array(taken, dtype=np.int64)
        return replace(
            plain,
            queries=tuple(queries),
            prompts=tuple(prompts[at] for at in taken),
            prompt_label_id=plain.prompt_label_id[index],
            prompt_excluded=plain.prompt_excluded[index],
            text_embeds=plain.text_embeds[index],
            prompt_vectors=tuple(vectors),
        )

    def _by_prompt(self) -> dict[str, TaughtName]:
        """Return the taught names in use by every prompt that asks for them."""
        own = self._own()
        named = {item.name: item for item in own if not item.camera}
        return named | {item.prompt: item for item in own}

    def _is_special(self, prompt: str, by_prompt: dict[str, TaughtName]) -> bool:
        if prompt in by_prompt:
            return True
        if prompt.endswith("]") and " [taught " in prompt:
            raise TaughtNameError(
                f"{prompt!r} is not in use with the detector {self._detector.info.name!r}: it was "
                "taught again, removed, or belongs to other weights; see: ovd teach list"
            )
        return self._is_calibrated(prompt)

    def _is_calibrated(self, prompt: str) -> bool:
        """Return whether a prompt is looked for by words that were never learned."""
        info = self._detector.info
        return info.open_vocabulary and prompt not in info.known_names and self._bank() is not None

    def _stand_in(self, prompt: str, by_prompt: dict[str, TaughtName]) -> str:
        """Return a prompt whose text the inner detector has at hand: that of a vector is unused."""
        return self._detector.info.known_names[0] if prompt in by_prompt else prompt

    def _vectors_of(
        self, prompt: str, by_prompt: dict[str, TaughtName]
    ) -> tuple[RegionVector | None, ...]:
        if prompt in by_prompt:
            return by_prompt[prompt].vectors
        bank = self._bank()
        if bank is None or not self._is_calibrated(prompt):
            return (None,)
        [text] = self._encoder.text_vectors([prompt])
        min_score = self._detector.info.default_min_score
        return (calibrate_text(text, bank, TEXT_FALSE_SHARE, min_score),)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Raises:
            OvdError: As the inner detector does.
        """
        return self._detector.detect(images, vocabulary)


def _prompts_of(queries: Sequence[Query]) -> list[str]:
    return [prompt for query in queries for prompt in (*query.prompts, *query.excluded)]


def _query_of(query: Query, rows: Sequence[_Row], label_id: int) -> Query:
    """Return a query with prompts that the inner detector can encode, as many and in order."""
    own = [row for row in rows if row.label_id == label_id]
    if not own:
        raise QueryError(f"the query {query.text!r} is not supported: {query.note}")
    return replace(
        query,
        prompts=tuple(row.prompt for row in own if not row.excluded),
        excluded=tuple(row.prompt for row in own if row.excluded),
        coloured=(),
    )
