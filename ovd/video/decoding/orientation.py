"""Setting decoded frames upright, as their display matrix says, and turning them into RGB."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from av.sidedata.sidedata import SideData, SideDataContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from ovd.domain.frame import Image

_MATRIX = struct.Struct("=9i")
# PyAV's stub leaves out the argument.
_side_data_of = cast("Callable[[VideoFrame], SideDataContainer]", SideDataContainer)


@dataclass(frozen=True)
class Orientation:
    """The transformation that makes a coded frame upright: first transposed, then mirrored.

    Attributes:
        transposed: Rows become columns.
        rows_reversed: The transposed image is mirrored top to bottom.
        columns_reversed: The transposed image is mirrored left to right.
    """

    transposed: bool = False
    rows_reversed: bool = False
    columns_reversed: bool = False

    def apply(self, image: Image) -> Image:
        """Return the upright image; `image` itself where nothing is to be done."""
        if self == Orientation():
            return image
        turned = image.swapaxes(0, 1) if self.transposed else image
        rows = slice(None, None, -1 if self.rows_reversed else 1)
        columns = slice(None, None, -1 if self.columns_reversed else 1)
        return np.ascontiguousarray(turned[rows, columns])


UPRIGHT = Orientation()
_QUARTER_TURNS = (
    UPRIGHT,
    Orientation(transposed=True, rows_reversed=True),
    Orientation(rows_reversed=True, columns_reversed=True),
    Orientation(transposed=True, columns_reversed=True),
)
"""By counter-clockwise quarter turns."""


def read_orientation(frame: VideoFrame) -> Orientation | None:
    """Return the quarter turn and mirroring nearest to the display matrix of a frame.

    The matrix comes from the container, or from the stream itself (SEI of H.264 and H.265, EXIF of
    JPEG). With x to the right and y down it maps (x, y) to (a x + c y, b x + d y); ISO/IEC
    14496-12, 8.3.2.

    Returns:
        None if the frame has no matrix.
    """
    try:
        # `frame.side_data` would be kept by the frame, and keep it: such a circle holds megabytes
        # until the garbage collector comes by.
        side_data = _side_data_of(frame).get("DISPLAYMATRIX")
    except ValueError:
        # PyAV knows only some kinds of side data, and gives none where there is another.
        return _QUARTER_TURNS[round(frame.rotation / 90) % 4]
    if not isinstance(side_data, SideData) or side_data.buffer_size < _MATRIX.size:
        return None
    a, b, _, c, d, *_ = _MATRIX.unpack_from(bytes(side_data))
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(False, d < 0, a < 0)
    return Orientation(True, b < 0, c < 0)


class OrientationTracker:
    """Knows the orientation of every frame of a stream.

    A stream may state it with a key frame only; it holds until the next key frame then.
    """

    def __init__(self) -> None:
        self._current = Orientation()

    def follow(self, frame: VideoFrame) -> Orientation:
        """Return the orientation of the next frame; to be called for each."""
        stated = read_orientation(frame)
        if stated is not None:
            self._current = stated
        elif frame.key_frame:
            self._current = Orientation()
        return self._current


def upright_size_hw(frame: VideoFrame, orientation: Orientation) -> tuple[int, int]:
    """Return height and width in pixels of a frame once it is upright."""
    size_hw = (frame.height, frame.width)
    return size_hw[::-1] if orientation.transposed else size_hw


class RgbConverter:
    """Turns decoded frames into RGB images; keeps its scaler between frames of one size."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def convert(self, frame: VideoFrame, orientation: Orientation) -> Image:
        """Return an upright `(H, W, 3)` uint8 RGB copy."""
        rgb = self._reformatter.reformat(frame, format="rgb24", threads=1)
        image = rgb.to_ndarray().astype(np.uint8, copy=False)
        return orientation.apply(image)
