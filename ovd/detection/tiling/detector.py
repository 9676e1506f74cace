"""TilingDetector: finds small objects with another detector, by showing it parts of the frame."""

from collections.abc import Sequence

from ovd.detection.tiling.layout import Tile, TileLayout
from ovd.detection.tiling.merging import TileFindings, merge_views
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, DetectorInfo
from ovd.domain.query import Query, Vocabulary


class TilingDetector:
    """Implements `ovd.domain.ports.Detector` around one that sees large images at low resolution.

    Every image is looked at as a whole and in all its tiles, so it costs as much as that many
    images. `ovd.detection.tiling.selective` spares tiles of a camera in which nothing changed.
    """

    def __init__(self, detector: Detector, layout: TileLayout) -> None:
        """Wrap a detector."""
        self._detector = detector
        self._layout = layout

    @property
    def info(self) -> DetectorInfo:
        """Return what is known about the inner detector."""
        return self._detector.info

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Embed the prompts of supported queries, as the inner detector does."""
        return self._detector.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Find objects in `(H, W, 3)` uint8 RGB images; one result per image, in order.

        Raises:
            OvdError: As the inner detector does.
        """
        return [self._detect_one(image, vocabulary) for image in images]

    def _detect_one(self, image: Image, vocabulary: Vocabulary) -> Detections:
        tiles = cut_image(image, self._layout)
        whole, *found = self._detector.detect(
            [image, *(tile.crop(image) for tile in tiles)], vocabulary
        )
        if not tiles:
            return whole
        findings = [TileFindings(tile, own) for tile, own in zip(tiles, found, strict=True)]
        return merge_views(whole, findings, (image.shape[0], image.shape[1]))


def cut_image(image: Image, layout: TileLayout) -> tuple[Tile, ...]:
    """Return the tiles of an image; none of one that the inner detector will refuse."""
    if image.ndim != 3 or not image.size:
        return ()
    return layout.cut((image.shape[0], image.shape[1]))
