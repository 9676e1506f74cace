"""FrameMasks: applies the masks of a camera to its frames and to what is found in them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.frame import Frame, Image
from ovd.domain.query import Query
from ovd.domain.zones import Mask, MaskKind
from ovd.render.blurring import blacken


class FrameMasks:
    """The masks of one camera."""

    def __init__(self, masks: Sequence[Mask]) -> None:
        """Sort the masks by what they do."""
        self._ignored = tuple(mask for mask in masks if mask.kind is MaskKind.IGNORE)
        self._private = [mask.points_norm for mask in masks if mask.kind is MaskKind.PRIVACY]

    def conceal_image(self, image: Image) -> Image:
        """Return an image with its privacy areas black; the same one where there are none."""
        return blacken(image, self._private) if self._private else image

    def conceal(self, frame: Frame) -> Frame:
        """Return a frame with its privacy areas black; the same one where there are none."""
        return replace(frame, image=self.conceal_image(frame.image)) if self._private else frame

    def keep_counted(
        self, detections: Detections, queries: Sequence[Query], size_hw: tuple[int, int]
    ) -> Detections:
        """Return the detections whose anchor is in no ignore area of their query.

        Args:
            detections: In pixels; their labels are those of the queries, in order.
            queries: What was looked for.
            size_hw: Height and width of the frame in pixels.
        """
        if not self._ignored or not len(detections):
            return detections
        height, width = size_hw
        keep = np.ones(len(detections), dtype=np.bool_)
        for mask in self._ignored:
            points_norm = mask.anchor.points(detections.xyxy) / (width, height)
            asked = [label_id for label_id, query in enumerate(queries) if mask.is_for(query.text)]
            keep &= ~(np.isin(detections.label_id, asked) & mask.contains(points_norm))
        return detections.where(keep)
