"""Frame: one image of a camera and its time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


def require_aware(moment: datetime, name: str) -> None:
    """Refuse a time without a time zone.

    Raises:
        ValueError: If `moment` carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{name} must be timezone-aware, got {moment!r}")


@dataclass(frozen=True, eq=False)
class Frame:
    """One decoded image of one camera.

    Attributes:
        image: `(H, W, 3)` uint8, RGB.
        index: Position in the source's own sequence, from 0; skipped frames leave holes.
        time_s: Media time in seconds since the first frame of the source.
        captured_at: Capture time, aware UTC.
        camera: Name of the camera.
    """

    image: Image
    index: int
    time_s: float
    captured_at: datetime
    camera: str

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(
                f"image must be (H, W, 3) uint8, got {self.image.shape} {self.image.dtype}"
            )
        require_aware(self.captured_at, "captured_at")

    @property
    def size_hw(self) -> tuple[int, int]:
        """Return height and width in pixels."""
        return self.image.shape[0], self.image.shape[1]
