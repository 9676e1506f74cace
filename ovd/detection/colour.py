"""ColourDetector: finds objects by name with another detector, and judges their colours."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ovd.detection.colour_names import name_colour
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo
from ovd.domain.query import AttributeKind, Query, RequiredColour, Vocabulary
from ovd.errors import VocabularyMismatchError

COLOUR_ATTRIBUTES = frozenset({AttributeKind.COLOUR, AttributeKind.CLOTHES_COLOUR})
# Boxes of one query that overlap by more, found by different alternatives, are one object.
MAX_IOU = 0.6


@dataclass(frozen=True)
class _Alternative:
    """Prompts of one query that require the same colours.

    Attributes:
        label_id: Index of the query.
        query: The query with these prompts alone, without their colours.
        colours: What an object must have to match.
    """

    label_id: int
    query: Query
    colours: tuple[RequiredColour, ...]


@dataclass(frozen=True, eq=False)
class _Search:
    """The search of the inner detector on behalf of a vocabulary with colours.

    Attributes:
        vocabulary: One query per alternative, without colours.
        label_id: `(A,)` int64, index of the query that each alternative belongs to.
        colours: What an object found by each alternative must have.
    """

    vocabulary: Vocabulary
    label_id: NDArray[np.int64]
    colours: tuple[tuple[RequiredColour, ...], ...]


class ColourDetector:
    """Implements `ovd.domain.ports.Detector` around one that cannot tell colours well.

    A network trained on few coloured boxes calls a white van red. So it is asked for the name
    alone, and the colour is judged in the image, inside the box. A vocabulary says which of its
    prompts require a colour; those without one are passed on as they are, at no cost.
    """

    def __init__(self, detector: Detector) -> None:
        """Wrap a detector."""
        self._detector = detector
        # Spares the inner detector's own preparation; what is not here is made again.
        self._searches: weakref.WeakKeyDictionary[Vocabulary, _Search] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector, which now also judges colours."""
        inner = self._detector.info
        return replace(inner, judged_attributes=inner.judged_attributes | COLOUR_ATTRIBUTES)

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries; of those with a colour the name alone.

        Raises:
            QueryError: As the inner detector does.
        """
        if not any(query.coloured for query in queries):
            return self._detector.encode(queries)
        alternatives = [
            alternative
            for label_id, query in enumerate(queries)
            for alternative in _split_by_colours(label_id, query)
        ]
        encoded = self._detector.encode([item.query for item in alternatives])
        label_ids = np.array([item.label_id for item in alternatives], dtype=np.int64)
        return replace(
            encoded,
            queries=tuple(queries),
            prompt_label_id=label_ids[encoded.prompt_label_id],
            prompt_colours=tuple(alternatives[at].colours for at in encoded.prompt_label_id),
        )

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Raises:
            VocabularyMismatchError: If `vocabulary` names colours and does not say where to judge
                them, because another detector made it.
            OvdError: As the inner detector does.
        """
        if not vocabulary.requires_colours:
            _refuse_colours_in_text(vocabulary)
            return self._detector.detect(images, vocabulary)
        search = self._search_of(vocabulary)
        found = self._detector.detect(images, search.vocabulary)
        return [
            _merge_alternatives(_keep_coloured(image, detections, search), search, vocabulary)
            for image, detections in zip(images, found, strict=True)
        ]

    def _search_of(self, vocabulary: Vocabulary) -> _Search:
        with self._lock:
            search = self._searches.get(vocabulary)
        if search is None:
            search = _group_by_colours(vocabulary)
            with self._lock:
                self._searches[vocabulary] = search
        return search


def _split_by_colours(label_id: int, query: Query) -> list[_Alternative]:
    """Return one alternative per set of colours.

    A query without prompts is passed on, for the inner detector to refuse.
    """
    if not query.prompts:
        return [_Alternative(label_id, query, ())]
    coloured = {item.prompt: item for item in query.coloured}
    names: dict[tuple[RequiredColour, ...], list[str]] = {}
    for prompt in query.prompts:
        item = coloured.get(prompt)
        colours, name = (item.colours, item.name) if item else ((), prompt)
        names.setdefault(colours, []).append(name)
    return [
        _Alternative(
            label_id, replace(query, prompts=tuple(dict.fromkeys(prompts)), coloured=()), colours
        )
        for colours, prompts in names.items()
    ]


def _group_by_colours(vocabulary: Vocabulary) -> _Search:
    """Return the search in which every set of colours of a query is a query of its own."""
    rows: dict[tuple[int, tuple[RequiredColour, ...]], list[int]] = {}
    keys = zip(vocabulary.prompt_label_id.tolist(), vocabulary.prompt_colours, strict=True)
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    queries = []
    alternative_id = np.empty(len(vocabulary.prompts), dtype=np.int64)
    for index, ((label_id, _), members) in enumerate(rows.items()):
        alternative_id[members] = index
        own = [row for row in members if not vocabulary.prompt_excluded[row]]
        prompts = tuple(vocabulary.prompts[row] for row in own)
        queries.append(replace(vocabulary.queries[label_id], prompts=prompts, coloured=()))
    search = replace(
        vocabulary,
        queries=tuple(queries),
        prompt_label_id=alternative_id,
        prompt_colours=(),
    )
    label_ids = np.array([label_id for label_id, _ in rows], dtype=np.int64)
    return _Search(search, label_ids, tuple(colours for _, colours in rows))


def _refuse_colours_in_text(vocabulary: Vocabulary) -> None:
    """Raise where a prompt with a colour was encoded as a whole.

    Raises:
        VocabularyMismatchError: Its detections would not be judged by their colour.
    """
    named = {item.prompt for query in vocabulary.queries for item in query.coloured}
    unjudged = sorted(named.intersection(vocabulary.prompts))
    if unjudged:
        raise VocabularyMismatchError(
            f"the vocabulary does not say how to judge the colour of {unjudged[0]!r}, so it was "
            "made by another detector: encode its queries with the detector that is to use it"
        )


def _keep_coloured(image: Image, found: Detections, search: _Search) -> Detections:
    """Return the detections that have the colours that their alternative requires."""
    keep: NDArray[np.bool_] = np.array(
        [
            all(
                name_colour(image, xyxy, required.part) == required.colour
                for required in search.colours[alternative]
            )
            for xyxy, alternative in zip(found.xyxy, found.label_id, strict=True)
        ],
        dtype=np.bool_,
    )
    return found.where(keep)


def _merge_alternatives(found: Detections, search: _Search, vocabulary: Vocabulary) -> Detections:
    """Return the detections by the labels of the queries, an object once for each query."""
    label_id = search.label_id[found.label_id]
    merged = Detections(found.xyxy, found.score, label_id, vocabulary.labels)
    if len(search.colours) == len(vocabulary.queries):
        return merged
    overlaps = pairwise_iou(found.xyxy, found.xyxy) > MAX_IOU
    other_way = label_id[:, None] == label_id
    other_way &= found.label_id[:, None] != found.label_id
    keep = np.ones(len(found), dtype=np.bool_)
    for index in range(1, len(found)):
        keep[index] = not (overlaps[index] & other_way[index] & keep)[:index].any()
    return merged.where(keep)
