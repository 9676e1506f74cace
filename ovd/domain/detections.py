"""Detections: what a detector found in one image; Tracks: which objects they are."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from ovd.errors import InputError, MissingPackageError


class HfBox(TypedDict):
    """Corners in frame pixels, as the pipelines of Hugging Face transformers name them."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float


class HfDetection(TypedDict):
    """One object, as the object detection pipelines of Hugging Face transformers give it."""

    score: float
    label: str
    box: HfBox


class CocoResult(TypedDict):
    """One entry of a COCO results file; `bbox` is left, top, width and height in pixels."""

    image_id: int
    category_id: int
    bbox: list[float]
    score: float


@dataclass(frozen=True, eq=False)
class Candidates:
    """Objects of queries with conditions, whether they meet them or not.

    Attributes:
        xyxy: `(M, 4)` float32 corners in frame pixels.
        score: `(M,)` float32 in [0, 1], of the object as such.
        label_id: `(M,)` int64, index of the query in the labels of the detections.
        belief: `(M,)` float32 in [0, 1]: how sure it is that the object meets the conditions that
            can be judged in one image; NaN where they cannot be judged, because it is too small or
            cut off.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    label_id: NDArray[np.int64]
    belief: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.score)
        shapes = (self.xyxy.shape, self.label_id.shape, self.belief.shape)
        if shapes != ((count, 4), (count,), (count,)):
            raise ValueError(f"xyxy, score, label_id, belief must share M, got {shapes}, {count}")

    @classmethod
    def none(cls) -> "Candidates":
        """Return the candidates of an image in which no query has conditions."""
        return cls(
            np.zeros((0, 4), dtype=np.float32),
            np.zeros(0, dtype=np.float32),
            np.zeros(0, dtype=np.int64),
            np.zeros(0, dtype=np.float32),
        )

    def __len__(self) -> int:
        return len(self.score)

    def of_label(self, label_id: int) -> "Candidates":
        """Return the candidates of one label."""
        keep = self.label_id == label_id
        return Candidates(self.xyxy[keep], self.score[keep], self.label_id[keep], self.belief[keep])

    def count_unknown(self, label_id: int) -> int:
        """Return the number of objects of one label whose conditions cannot be judged."""
        return int(np.isnan(self.belief[self.label_id == label_id]).sum())


@dataclass(frozen=True, eq=False)
class Detections:
    """Objects found in one image, best score first.

    An object that matches two queries appears once for each: queries count independently.

    Attributes:
        xyxy: `(N, 4)` float32 corners (x0, y0, x1, y1) in frame pixels, inside the frame.
        score: `(N,)` float32 in [0, 1].
        label_id: `(N,)` int64 index into `labels`.
        labels: The C labels of the vocabulary, also those without a detection.
        candidates: What was considered for queries with relations and states, so that they can be
            judged over several images. A state alone decides nothing here: its query has
            candidates and no detection.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    label_id: NDArray[np.int64]
    labels: tuple[str, ...]
    candidates: Candidates = field(default_factory=Candidates.none)

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
        """Return the result of an image in which none of `labels` was found."""
        return cls(
            np.zeros((0, 4), dtype=np.float32),
            np.zeros(0, dtype=np.float32),
            np.zeros(0, dtype=np.int64),
            labels,
        )

    def __len__(self) -> int:
        return len(self.score)

    def of_label(self, label_id: int) -> "Detections":
        """Return the detections of one label; `labels` and `candidates` stay whole."""
        return self.where(self.label_id == label_id)

    def where(self, keep: NDArray[np.bool_]) -> "Detections":
        """Return the detections for which the `(N,)` mask is True."""
        return Detections(
            self.xyxy[keep], self.score[keep], self.label_id[keep], self.labels, self.candidates
        )

    def to_hf(self) -> list[HfDetection]:
        """Return one dictionary per object, as the pipelines of Hugging Face transformers do."""
        return [
            HfDetection(
                score=float(score),
                label=self.labels[label_id],
                box=HfBox(xmin=xmin, ymin=ymin, xmax=xmax, ymax=ymax),
            )
            for (xmin, ymin, xmax, ymax), score, label_id in zip(
                self.xyxy.tolist(), self.score, self.label_id, strict=True
            )
        ]

    def to_coco(
        self, image_id: int, category_ids: Mapping[str, int] | None = None
    ) -> list[CocoResult]:
        """Return the entries of a COCO results file.

        Args:
            image_id: Id of the image in the COCO data set.
            category_ids: Category id of each label; None takes the label's index in `labels`.

        Raises:
            InputError: If `category_ids` lacks a label that was found.
        """
        if category_ids is None:
            category_ids = {label: index for index, label in enumerate(self.labels)}
        found = {self.labels[label_id] for label_id in self.label_id}
        missing = sorted(found - category_ids.keys())
        if missing:
            raise InputError(f"category_ids has no id for the label {missing[0]!r}; add one")
        return [
            CocoResult(
                image_id=image_id,
                category_id=category_ids[self.labels[label_id]],
                bbox=[left, top, right - left, bottom - top],
                score=float(score),
            )
            for (left, top, right, bottom), score, label_id in zip(
                self.xyxy.tolist(), self.score, self.label_id, strict=True
            )
        ]

    def to_supervision(self) -> Any:
        """Return a `supervision.Detections` with labels as its data field `class_name`.

        Raises:
            MissingPackageError: If the package supervision is not installed.
        """
        try:
            supervision = importlib.import_module("supervision")
        except ImportError as error:
            raise MissingPackageError(
                "to_supervision needs the package supervision: pip install supervision"
            ) from error
        return supervision.Detections(
            xyxy=self.xyxy.copy(),
            confidence=self.score.copy(),
            class_id=self.label_id.copy(),
            data={"class_name": np.array(self.labels, dtype=np.str_)[self.label_id]},
        )


@dataclass(frozen=True, eq=False)
class Tracks:
    """Detections of one frame, each with the object it shows.

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
            raise ValueError(f"an object is in a frame once, got ids {self.track_id.tolist()}")

    @classmethod
    def none(cls, labels: tuple[str, ...] = (), ended: tuple[int, ...] = ()) -> "Tracks":
        """Return the tracks of a frame without objects."""
        nothing = Detections.none(labels)
        return cls(nothing, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_), ended)

    def __len__(self) -> int:
        return len(self.track_id)

    def where(self, keep: NDArray[np.bool_]) -> "Tracks":
        """Return the tracks for which the `(N,)` mask is True; `ended` stays whole."""
        return Tracks(
            self.detections.where(keep), self.track_id[keep], self.confirmed[keep], self.ended
        )
