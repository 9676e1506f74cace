"""Detections: what a detector found in one picture; Tracks: which objects they are."""

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


@dataclass(frozen=True, eq=False)
class Tracks:
    """Detections of one picture, each with the object it shows.

    Attributes:
        detections: Those that belong to a track, also one that is not confirmed yet.
        track_id: `(N,)` int64, unique in a run, also across queries: an object that matches two
            queries has one id for each.
        confirmed: `(N,)` bool; whether the object was seen often enough to count.
        ended: Ids that will not come back, of tracks that were confirmed or not.
    """

    detections: Detections
    track_id: NDArray[np.int64]
    confirmed: NDArray[np.bool_]
    ended: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.detections)
        if self.track_id.shape != (count,) or self.confirmed.shape != (count,):
            raise ValueError(
                f"{count} detections need as many ids and flags, got {self.track_id.shape} and "
                f"{self.confirmed.shape}"
            )
        if len(np.unique(self.track_id)) != count:
            raise ValueError(f"an object is in a picture once, got ids {self.track_id.tolist()}")

    @classmethod
    def none(cls, labels: tuple[str, ...] = (), ended: tuple[int, ...] = ()) -> "Tracks":
        """No object in the picture."""
        nothing = Detections.none(labels)
        return cls(nothing, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_), ended)

    def __len__(self) -> int:
        return len(self.track_id)

    def where(self, keep: NDArray[np.bool_]) -> "Tracks":
        """The tracks for which the `(N,)` mask is True; `ended` stays whole."""
        return Tracks(
            self.detections.where(keep), self.track_id[keep], self.confirmed[keep], self.ended
        )
