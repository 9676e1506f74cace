"""Tiles as they are written in settings -> the detector that looks at them."""

from collections.abc import Callable

from ovd.detection.relations import RelationDetector
from ovd.detection.tiling.detector import TilingDetector
from ovd.detection.tiling.layout import TileLayout
from ovd.detection.tiling.selective import SelectiveTiling
from ovd.domain.ports import Detector


def tile_images(detector: Detector, tiles: str) -> Detector:
    """Return the detector for images that have nothing to do with each other, in tiles if wanted.

    Raises:
        SettingsError: If `tiles` cannot be read; see `TileLayout.parse`.
    """
    layout = TileLayout.parse(tiles)
    return detector if layout is None else _inside(detector, _tiling(layout))


def tile_camera(tiles: str) -> Callable[[Detector], Detector] | None:
    """Return what makes the detector for the consecutive frames of one camera; None: as it is.

    Automatic tiles are looked at where it pays, those of a given grid in every frame.

    Raises:
        SettingsError: If `tiles` cannot be read; see `TileLayout.parse`.
    """
    layout = TileLayout.parse(tiles)
    if layout is None:
        return None
    wrap = _selecting(layout) if layout.automatic else _tiling(layout)
    return lambda detector: _inside(detector, wrap)


def _tiling(layout: TileLayout) -> Callable[[Detector], Detector]:
    return lambda detector: TilingDetector(detector, layout)


def _selecting(layout: TileLayout) -> Callable[[Detector], Detector]:
    return lambda detector: SelectiveTiling(detector, layout)


def _inside(detector: Detector, wrap: Callable[[Detector], Detector]) -> Detector:
    """Return the detector with tiles below the judging of relations, which needs whole frames."""
    return detector.around(wrap) if isinstance(detector, RelationDetector) else wrap(detector)
