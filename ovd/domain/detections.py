"""Detections: what a detector found in one picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Detections:
    """Objects found in one picture, best score first.

    An object that matches two queries appears once for each: queries count independently.

    Attributes:
        xyxy: `(N, 4)` float32 corners (x0, y0, x1, y1) in frame pixels, inside the frame.
        score: `(N,)` float32 in [0, 1].
        label_id: `(N,)` int64 index into `labels`.
        labels: The C labels of the vocabulary, also those without a detection.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    label_id: NDArray[np.int64]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.score)
        if self.xyxy.shape != (count, 4) or self.label_id.shape != (count,):
            raise ValueError(
                f"xyxy, score, label_id must share N, got {self.xyxy.shape}, "
                f"{self.score.shape}, {self.label_id.shape}"
            )
        if count and not 0 <= int(self.label_id.min()) <= int(self.label_id.max()) < len(
            self.labels
        ):
            raise ValueError(f"label_id must index {len(self.labels)} labels")

    @classmethod
    def none(cls, labels: tuple[str, ...] = ()) -> "Detections":
        """Nothing found while looking for `labels`."""
        return cls(
            np.zeros((0, 4), dtype=np.float32),
            np.zeros(0, dtype=np.float32),
            np.zeros(0, dtype=np.int64),
            labels,
        )

    def __len__(self) -> int:
        return len(self.score)

    def of_label(self, label_id: int) -> "Detections":
        """The detections of one label; `labels` stays whole."""
        return self.where(self.label_id == label_id)

    def where(self, keep: NDArray[np.bool_]) -> "Detections":
        """The detections for which the `(N,)` mask is True."""
        return Detections(self.xyxy[keep], self.score[keep], self.label_id[keep], self.labels)
