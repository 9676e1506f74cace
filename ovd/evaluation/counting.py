"""Evaluation of counting on a clip with labelled objects."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.mot import TruthFrame
from ovd.domain.boxes import pairwise_iou
from ovd.domain.events import FrameResult, ZoneEventKind, ZoneTally
from ovd.errors import TruthError
from ovd.evaluation.mot_metrics import MotAccumulator, MotScores
from ovd.tracking.zone_file import ZoneTruth

# A detection that overlaps an ignore region at least this much is not scored.
_IGNORE_IOU = 0.3


@dataclass(frozen=True)
class CountErrors:
    """Counted minus true objects, over the compared frames.

    Attributes:
        mae: Mean absolute error.
        rmse: Root of the mean squared error.
        bias: Mean error; negative if too few are counted.
    """

    mae: float
    rmse: float
    bias: float


@dataclass(frozen=True)
class LineResult:
    """Crossings of one line.

    Attributes:
        name: Its name.
        true_in: Ground-truth crossings inwards; None if unknown.
        counted_in: Counted crossings inwards.
        true_out: Ground-truth crossings outwards, likewise.
        counted_out: Counted crossings outwards.
    """

    name: str
    true_in: int | None
    counted_in: int
    true_out: int | None
    counted_out: int


@dataclass(frozen=True)
class CountEvaluation:
    """The result of an evaluation.

    Attributes:
        frames_compared: Labelled frames that were counted.
        frames_labelled: Labelled frames in all.
        counts: Errors of the count per frame.
        tracking: Tracking scores.
        true_unique: Distinct objects in the ground truth.
        counted_unique: Confirmed tracks over the whole clip.
        lines: Crossings per line.
    """

    frames_compared: int
    frames_labelled: int
    counts: CountErrors
    tracking: MotScores
    true_unique: int
    counted_unique: int
    lines: tuple[LineResult, ...]


@dataclass(frozen=True, eq=False)
class _CountedFrame:
    """The detections and tracks of one labelled frame."""

    found_xyxy: NDArray[np.float32]
    tracked_xyxy: NDArray[np.float32]
    track_id: NDArray[np.int64]


class CountEvaluator:
    """Collects the results of one run of one query, then compares them with the truth."""

    def __init__(self, truth: Mapping[int, TruthFrame]) -> None:
        self._truth = truth
        self._counted_frames: dict[int, _CountedFrame] = {}
        self._confirmed: set[int] = set()

    def add(self, result: FrameResult) -> None:
        """Add one counted frame; unlabelled ones only provide confirmed tracks."""
        tracks = result.tracks
        self._confirmed.update(tracks.track_id[tracks.confirmed].tolist())
        if result.frame.index in self._truth:
            self._counted_frames[result.frame.index] = _CountedFrame(
                result.detections.xyxy, tracks.detections.xyxy, tracks.track_id
            )

    def compare(
        self, tallies: Sequence[ZoneTally] = (), zones: Sequence[ZoneTruth] = ()
    ) -> CountEvaluation:
        """Compare the counts with the ground truth.

        Args:
            tallies: Final counts of the zones.
            zones: The zones with their ground truth.

        Raises:
            TruthError: If no labelled frame was counted.
        """
        if not self._counted_frames:
            last = max(self._truth)
            raise TruthError(
                f"none of the {len(self._truth)} labelled frames was counted; they are frames "
                f"{min(self._truth)} to {last} from 0: check the clip, and that --fps samples them"
            )
        errors = []
        accumulator = MotAccumulator()
        for index, counted_frame in sorted(self._counted_frames.items()):
            truth = self._truth[index]
            found = _scored_mask(counted_frame.found_xyxy, truth)
            errors.append(int(found.sum()) - int(truth.counts.sum()))
            counted = np.isin(counted_frame.track_id, list(self._confirmed))
            counted &= _scored_mask(counted_frame.tracked_xyxy, truth)
            accumulator.add(
                truth.xyxy[truth.counts],
                truth.object_id[truth.counts],
                counted_frame.tracked_xyxy[counted],
                counted_frame.track_id[counted],
            )
        ids = [frame.object_id[frame.counts] for frame in self._truth.values()]
        return CountEvaluation(
            frames_compared=len(self._counted_frames),
            frames_labelled=len(self._truth),
            counts=_summarise(errors),
            tracking=accumulator.scores(),
            true_unique=len(np.unique(np.concatenate(ids))),
            counted_unique=len(self._confirmed),
            lines=_compare_lines(tallies, zones),
        )


def _scored_mask(xyxy: NDArray[np.float32], truth: TruthFrame) -> NDArray[np.bool_]:
    """Return an `(N,)` mask of the detections to score, which lie outside ignore regions."""
    ignore_xyxy = truth.xyxy[~truth.counts]
    if not len(ignore_xyxy) or not len(xyxy):
        return np.ones(len(xyxy), dtype=np.bool_)
    centre = (xyxy[:, None, :2] + xyxy[:, None, 2:]) / 2
    inside = ((centre >= ignore_xyxy[:, :2]) & (centre <= ignore_xyxy[:, 2:])).all(axis=2)
    ignored = (inside | (pairwise_iou(xyxy, ignore_xyxy) >= _IGNORE_IOU)).any(axis=1)
    object_xyxy = truth.xyxy[truth.counts]
    on_object = pairwise_iou(xyxy, object_xyxy).max(axis=1, initial=0.0) >= _IGNORE_IOU
    return np.asarray(on_object | ~ignored)


def _summarise(errors: Sequence[int]) -> CountErrors:
    return CountErrors(
        mae=sum(abs(error) for error in errors) / len(errors),
        rmse=math.sqrt(sum(error * error for error in errors) / len(errors)),
        bias=sum(errors) / len(errors),
    )


def _compare_lines(
    tallies: Sequence[ZoneTally], zones: Sequence[ZoneTruth]
) -> tuple[LineResult, ...]:
    event_counts = {tally.zone: tally.event_counts for tally in tallies}
    return tuple(
        LineResult(
            truth.zone.name,
            truth.true_in,
            event_counts[truth.zone][ZoneEventKind.IN],
            truth.true_out,
            event_counts[truth.zone][ZoneEventKind.OUT],
        )
        for truth in zones
        if ZoneEventKind.IN in event_counts.get(truth.zone, {})
    )
