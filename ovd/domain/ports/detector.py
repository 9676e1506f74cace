"""What finds objects in images."""

from collections.abc import Sequence
from typing import Protocol

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.query import AttributeKind, Query, Vocabulary


class Detector(Protocol):
    """Finds the objects of a vocabulary in pictures. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Name by which users choose it."""
        ...

    @property
    def weights_sha256(self) -> str:
        """Checksum of the weights file, hexadecimal."""
        ...

    @property
    def known_names(self) -> tuple[str, ...]:
        """Names it was trained to find, lower case, in the order of training."""
        ...

    @property
    def default_min_score(self) -> float:
        """Threshold in [0, 1] at which its counts are meant to be read."""
        ...

    @property
    def open_vocabulary(self) -> bool:
        """Whether it may be asked for names beyond `known_names`."""
        ...

    @property
    def judges(self) -> frozenset[AttributeKind]:
        """What it can tell about a thing, so that "red car" may be one of its prompts."""
        ...

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries; repeated prompts come from a cache.

        Raises:
            QueryError: If a query is unsupported or there is none.
        """
        ...

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` RGB pictures; one result per picture, in order.

        Only detections at or above the `min_score` of their query are returned, after
        duplicates of the same object and query were removed.
        """
        ...
