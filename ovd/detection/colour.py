"""ColourDetector: a detector of things that is also asked for their colours."""

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ovd.detection.colour_names import name_colour
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo
from ovd.domain.query import AttributeKind, Look, Query, Vocabulary

JUDGES = frozenset({AttributeKind.COLOUR, AttributeKind.CLOTHES_COLOUR})


@dataclass(frozen=True)
class _Ask:
    """What the inner detector is asked for, and what must then be seen on what it finds."""

    label_id: int
    query: Query
    looks: tuple[Look, ...]


@dataclass(frozen=True, eq=False)
class _Plan:
    """How a vocabulary with colours is looked for."""

    vocabulary: Vocabulary
    asks: tuple[_Ask, ...]


class ColourDetector:
    """Implements `ovd.domain.ports.Detector` around one that cannot tell colours well.

    A network trained on few coloured boxes calls a white van red. So it is asked for the thing
    alone, and the colour is judged in the picture, where the box is. Queries without a colour
    are passed on as they are, at no cost.
    """

    def __init__(self, detector: Detector) -> None:
        """Wrap it."""
        self._detector = detector
        self._info = replace(
            detector.info, judged_attributes=detector.info.judged_attributes | JUDGES
        )
        self._plans: weakref.WeakKeyDictionary[Vocabulary, _Plan] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector, which now also judges colours."""
        return self._info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries; those with a colour as the thing alone.

        Raises:
            QueryError: As the inner detector does.
        """
        if not any(query.coloured for query in queries):
            return self._detector.encode(queries)
        asks = tuple(ask for at, query in enumerate(queries) for ask in _split(at, query))
        inner = self._detector.encode([ask.query for ask in asks])
        label_ids = np.array([ask.label_id for ask in asks], dtype=np.int64)
        vocabulary = replace(
            inner, queries=tuple(queries), prompt_label_id=label_ids[inner.prompt_label_id]
        )
        with self._lock:
            self._plans[vocabulary] = _Plan(inner, asks)
        return vocabulary

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB pictures; one result per picture, in order.

        Raises:
            OvdError: As the inner detector does.
        """
        with self._lock:
            plan = self._plans.get(vocabulary)
        if plan is None:
            return self._detector.detect(images, vocabulary)
        found = self._detector.detect(images, plan.vocabulary)
        return [
            _judge(image, detections, plan.asks, vocabulary.labels)
            for image, detections in zip(images, found, strict=True)
        ]


def _split(label_id: int, query: Query) -> list[_Ask]:
    """One question per colour, and one for the prompts without.

    A query without prompts is passed on, for the inner detector to refuse.
    """
    if not query.prompts:
        return [_Ask(label_id, query, ())]
    coloured = {item.prompt: item for item in query.coloured}
    things: dict[tuple[Look, ...], list[str]] = {}
    for prompt in query.prompts:
        item = coloured.get(prompt)
        looks, thing = (item.looks, item.thing) if item else ((), prompt)
        things.setdefault(looks, []).append(thing)
    return [
        _Ask(label_id, replace(query, prompts=tuple(dict.fromkeys(names)), coloured=()), looks)
        for looks, names in things.items()
    ]


def _judge(
    image: Image, found: Detections, asks: Sequence[_Ask], labels: tuple[str, ...]
) -> Detections:
    """The detections that look as asked, by the labels of the queries."""
    keep: NDArray[np.bool_] = np.array(
        [
            all(name_colour(image, xyxy, look.part) == look.colour for look in asks[ask].looks)
            for xyxy, ask in zip(found.xyxy, found.label_id, strict=True)
        ],
        dtype=np.bool_,
    )
    label_ids = np.array([ask.label_id for ask in asks], dtype=np.int64)
    return Detections(found.xyxy[keep], found.score[keep], label_ids[found.label_id[keep]], labels)
