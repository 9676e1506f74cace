"""Tiles as they are written in settings -> the detector that looks at them."""

from collections.abc import Callable

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
    return TilingDetector(detector, layout) if layout else detector


def tile_camera(tiles: str) -> Callable[[Detector], Detector] | None:
    """Return what makes the detector for the consecutive frames of one camera; None: as it is.

    Automatic tiles are looked at where it pays, those of a given grid in every frame.

    Raises:
        SettingsError: If `tiles` cannot be read; see `TileLayout.parse`.
    """
    layout = TileLayout.parse(tiles)
    if layout is None:
        return None
    if layout.automatic:
        return lambda detector: SelectiveTiling(detector, layout)
    return lambda detector: TilingDetector(detector, layout)
