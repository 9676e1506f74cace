"""Tracking metrics: MOTA (Bernardin 2008) and IDF1 (Ristani 2016)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.domain.boxes import pairwise_iou
from ovd.domain.matching.assignment import assign_least_cost

MIN_IOU = 0.5
_FORBIDDEN = 1e6
# An object keeps its track of the frame before wherever the two still overlap.
_CONTINUITY_BONUS = 1e3


@dataclass(frozen=True)
class MotScores:
    """Scores over all compared frames.

    Attributes:
        mota: 1 minus the share of missed, false and switched among true boxes; None without any.
        idf1: Share of true and found boxes whose object and track belong together; None if
            there are neither.
        true_boxes: Number of ground-truth boxes.
        missed: True boxes without a detection.
        false: Detections without a true box.
        switches: Identity switches.
    """

    mota: float | None
    idf1: float | None
    true_boxes: int
    missed: int
    false: int
    switches: int


class MotAccumulator:
    """Accumulates matches frame by frame; boxes match from an IoU of `MIN_IOU` on."""

    def __init__(self) -> None:
        self._last_track_of: dict[int, int] = {}
        self._overlap_counts: dict[tuple[int, int], int] = {}
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
            object_id: `(N,)` id of the object in each.
            found_xyxy: `(M, 4)` detected boxes.
            track_id: `(M,)` id of the track of each.
        """
        self._true_boxes += len(object_id)
        self._found_boxes += len(track_id)
        iou = pairwise_iou(true_xyxy, found_xyxy)
        overlaps = iou >= MIN_IOU
        for row, column in zip(*np.nonzero(overlaps), strict=True):
            pair = int(object_id[row]), int(track_id[column])
            self._overlap_counts[pair] = self._overlap_counts.get(pair, 0) + 1
        last_tracks = np.array(
            [self._last_track_of.get(int(i), -1) for i in object_id], dtype=np.int64
        )
        continues = last_tracks[:, None] == track_id[None, :]
        cost = np.where(overlaps, 1.0 - iou, _FORBIDDEN)
        cost = cost - _CONTINUITY_BONUS * (overlaps & continues)
        for row, column in zip(*assign_least_cost(cost), strict=True):
            if not overlaps[row, column]:
                continue
            self._matches += 1
            object_, track = int(object_id[row]), int(track_id[column])
            self._switches += self._last_track_of.get(object_, track) != track
            self._last_track_of[object_] = track

    def scores(self) -> MotScores:
        """Return the scores over the frames so far."""
        missed, false = self._true_boxes - self._matches, self._found_boxes - self._matches
        wrong = missed + false + self._switches
        boxes = self._true_boxes + self._found_boxes
        return MotScores(
            mota=1 - wrong / self._true_boxes if self._true_boxes else None,
            idf1=2 * self._identity_matches() / boxes if boxes else None,
            true_boxes=self._true_boxes,
            missed=missed,
            false=false,
            switches=self._switches,
        )

    def _identity_matches(self) -> int:
        """Return the number of boxes that agree when each object is assigned its best track."""
        objects = sorted({pair[0] for pair in self._overlap_counts})
        tracks = sorted({pair[1] for pair in self._overlap_counts})
        shared = np.zeros((len(objects), len(tracks)))
        for (object_, track), frames in self._overlap_counts.items():
            shared[objects.index(object_), tracks.index(track)] = frames
        rows, columns = assign_least_cost(-shared)
        return int(shared[rows, columns].sum())
