"""Names of colours in an image: how much of a patch people would call red, white and so on.

Eleven basic colour terms (Berlin and Kay, 1969), told apart by hue, saturation and brightness.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image
from ovd.domain.query import ObjectPart

COLOURS = (
    "black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown",
)  # fmt: skip

# Hues in degrees at which one name ends and the next begins; red lies on both sides of 0.
_HUE_ENDS = ((16.0, "red"), (34.0, "orange"), (70.0, "yellow"), (170.0, "green"), (262.0, "blue"),
             (295.0, "purple"), (335.0, "pink"), (360.0, "red"))  # fmt: skip
# Brightness and chroma, both in [0, 1]; chroma is saturation times brightness.
_BLACK_BELOW = 0.22
_WHITE_ABOVE = 0.62
_CHROMA = 0.16
_SATURATION = 0.28
_DARK = 0.5
_PALE = 0.45
_SIDE_PX = 32


# The region of a box that is judged, as fractions (x0, y0, x1, y1): without ground and sides.
_WINDOWS = {
    ObjectPart.WHOLE: (0.1, 0.15, 0.9, 0.8),
    ObjectPart.UPPER_BODY: (0.3, 0.2, 0.7, 0.5),
    ObjectPart.LOWER_BODY: (0.3, 0.52, 0.7, 0.85),
}
# Windows, tyres and shadows are black, glare and the road gray, whatever colour a car has.
_WEIGHTS = {
    ObjectPart.WHOLE: {"black": 0.4, "gray": 0.5, "white": 1.0},
    ObjectPart.UPPER_BODY: {"black": 0.4},
    ObjectPart.LOWER_BODY: {"black": 0.4},
}
_CHROMATIC_WEIGHT = {ObjectPart.WHOLE: 2.0, ObjectPart.UPPER_BODY: 1.0, ObjectPart.LOWER_BODY: 1.0}
_LEAST_PX = 3


def name_colour(image: Image, xyxy: NDArray[np.float32], part: ObjectPart) -> str:
    """Return what people would call the colour of an object; empty where it is too small to tell.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        xyxy: `(4,)` corners of the object in pixels.
        part: The part of it that is judged.
    """
    x0, y0, x1, y1 = xyxy.tolist()
    left, top, right, bottom = _WINDOWS[part]
    columns = slice(round(x0 + left * (x1 - x0)), round(x0 + right * (x1 - x0)))
    rows = slice(round(y0 + top * (y1 - y0)), round(y0 + bottom * (y1 - y0)))
    patch = image[rows, columns]
    if min(patch.shape[:2]) < _LEAST_PX:
        return ""
    weights = [_WEIGHTS[part].get(name, _CHROMATIC_WEIGHT[part]) for name in COLOURS]
    return COLOURS[int(np.argmax(colour_shares(patch) * weights))]


def colour_shares(patch: Image) -> NDArray[np.float64]:
    """Return the share of the patch that each of `COLOURS` covers.

    Args:
        patch: `(H, W, 3)` uint8 RGB.

    Returns:
        `(11,)` that sums to 1.
    """
    small = cv2.resize(patch, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small.astype(np.float32) / 255.0, cv2.COLOR_RGB2HSV)
    names = _name_pixels(hsv.reshape(-1, 3).astype(np.float32, copy=False))
    shares: NDArray[np.float64] = np.bincount(names, minlength=len(COLOURS)) / len(names)
    return shares


def _name_pixels(hsv: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return indices into `COLOURS` of `(N, 3)` pixels: hue in degrees, the others in [0, 1]."""
    hue, saturation, value = hsv.T
    ends = np.array([end for end, _ in _HUE_ENDS])
    by_hue = np.array([COLOURS.index(name) for _, name in _HUE_ENDS])
    named = by_hue[np.searchsorted(ends, np.minimum(hue, 359.9), side="right")]
    dark = value < _DARK
    named = np.where(dark & np.isin(named, _indices("orange")), _index("brown"), named)
    pale = (saturation < _PALE) & ~dark
    named = np.where(pale & np.isin(named, _indices("red", "purple")), _index("pink"), named)
    colourless = (saturation < _SATURATION) | (saturation * value < _CHROMA)
    shades = np.where(value >= _WHITE_ABOVE, _index("white"), _index("gray"))
    named = np.where(colourless, shades, named)
    black = (value < _BLACK_BELOW) | (colourless & (value < 1.4 * _BLACK_BELOW))
    return np.where(black, _index("black"), named)


def _index(name: str) -> int:
    return COLOURS.index(name)


def _indices(*names: str) -> list[int]:
    return [_index(name) for name in names]
