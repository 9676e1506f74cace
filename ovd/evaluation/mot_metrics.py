"""How well tracks follow true objects: MOTA (Bernardin 2008) and IDF1 (Ristani 2016)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ovd.domain.boxes import pairwise_iou

MIN_IOU = 0.5
_FORBIDDEN = 1e6
# So much is gained by keeping the partner of the frame before that it is always kept.
_KEPT = 1e3


@dataclass(frozen=True)
class MotScores:
    """Scores over all compared frames.

    Attributes:
        mota: 1 less the share of missed, false and switched among true boxes; None without any.
        idf1: Share of true and found boxes whose object and track belong together; None if
            there are neither.
        true_boxes: How many boxes there are in truth.
        missed: True boxes without a found one.
        false: Found boxes without a true one.
        switches: How often an object goes on under another id.
    """

    mota: float | None
    idf1: float | None
    true_boxes: int
    missed: int
    false: int
    switches: int


class MotAccumulator:
    """Compares frame by frame; boxes belong together from an IoU of `MIN_IOU` on."""

    def __init__(self) -> None:
        self._partner: dict[int, int] = {}
        self._together: dict[tuple[int, int], int] = {}
        self._true_boxes = self._found_boxes = 0
        self._matches = self._switches = 0

    def add(
        self,
        true_xyxy: NDArray[np.float32],
        object_id: NDArray[np.int64],
        found_xyxy: NDArray[np.float32],
        track_id: NDArray[np.int64],
    ) -> None:
        """Compare one frame.

        Args:
            true_xyxy: `(N, 4)` true boxes.
            object_id: `(N,)` which object each shows.
            found_xyxy: `(M, 4)` found boxes.
            track_id: `(M,)` which track each belongs to.
        """
        self._true_boxes += len(object_id)
        self._found_boxes += len(track_id)
        iou = pairwise_iou(true_xyxy, found_xyxy)
        near = iou >= MIN_IOU
        for row, column in zip(*np.nonzero(near), strict=True):
            pair = int(object_id[row]), int(track_id[column])
            self._together[pair] = self._together.get(pair, 0) + 1
        partners = np.array([self._partner.get(int(i), -1) for i in object_id], dtype=np.int64)
        kept = partners[:, None] == track_id[None, :]
        cost = np.where(near, 1.0 - iou, _FORBIDDEN)
        cost = cost - _KEPT * (near & kept)
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            if not near[row, column]:
                continue
            self._matches += 1
            known, track = int(object_id[row]), int(track_id[column])
            self._switches += self._partner.get(known, track) != track
            self._partner[known] = track

    def scores(self) -> MotScores:
        """What the frames so far give."""
        missed, false = self._true_boxes - self._matches, self._found_boxes - self._matches
        wrong = missed + false + self._switches
        boxes = self._true_boxes + self._found_boxes
        return MotScores(
            mota=1 - wrong / self._true_boxes if self._true_boxes else None,
            idf1=2 * self._identified() / boxes if boxes else None,
            true_boxes=self._true_boxes,
            missed=missed,
            false=false,
            switches=self._switches,
        )

    def _identified(self) -> int:
        """Boxes that agree when every object is given the one track that fits best over all."""
        objects = sorted({pair[0] for pair in self._together})
        tracks = sorted({pair[1] for pair in self._together})
        shared = np.zeros((len(objects), len(tracks)))
        for (known, track), times in self._together.items():
            shared[objects.index(known), tracks.index(track)] = times
        rows, columns = linear_sum_assignment(shared, maximize=True)
        return int(shared[rows, columns].sum())
