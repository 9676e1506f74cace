"""DetectService: images and queries in, detections out."""

from collections.abc import Iterable, Iterator, Sequence

from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector
from ovd.domain.query import Query


class DetectService:
    """Looks for queries in single images."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def detect(self, images: Iterable[Image], queries: Sequence[Query]) -> Iterator[Detections]:
        """Find the supported queries, one result per image, as the images arrive.

        Args:
            images: `(H, W, 3)` uint8 RGB images, read one at a time.
            queries: What to look for; those that are unsupported find nothing.
        """
        supported = [query for query in queries if query.supported]
        if not supported:
            yield from (Detections.none() for _ in images)
            return
        vocabulary = self._detector.encode(supported)
        for image in images:
            yield self._detector.detect([image], vocabulary)[0]
