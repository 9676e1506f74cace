"""How well counting does on a clip whose objects somebody labelled by hand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.mot import TruthFrame
from ovd.domain.boxes import pairwise_iou
from ovd.domain.events import FrameResult, Passage, ZoneTally
from ovd.errors import TruthError
from ovd.evaluation.mot_metrics import MotAccumulator, MotScores
from ovd.tracking.zone_file import ZoneTruth

# A found box that overlaps so much with one that need not be found is neither right nor wrong.
_EXCUSED_IOU = 0.3


@dataclass(frozen=True)
class CountErrors:
    """Counted less true objects, over the compared frames.

    Attributes:
        mae: Mean absolute error.
        rmse: Root of the mean squared error.
        bias: Mean error; below 0 when too few are counted.
    """

    mae: float
    rmse: float
    bias: float


@dataclass(frozen=True)
class LineResult:
    """Crossings of one line.

    Attributes:
        name: Its name.
        true_in: Crossings inwards by eye; None where nobody counted.
        counted_in: Crossings inwards as counted.
        true_out: Crossings outwards by eye, likewise.
        counted_out: Crossings outwards as counted.
    """

    name: str
    true_in: int | None
    counted_in: int
    true_out: int | None
    counted_out: int


@dataclass(frozen=True)
class CountEvaluation:
    """What an evaluation found.

    Attributes:
        frames_compared: Labelled frames that were counted.
        frames_labelled: Labelled frames in all.
        counts: Errors of the count per frame.
        tracking: How well tracks follow objects.
        true_unique: Different objects in the truth.
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
class _Seen:
    """The objects of one labelled frame as they were counted."""

    found_xyxy: NDArray[np.float32]
    tracked_xyxy: NDArray[np.float32]
    track_id: NDArray[np.int64]


class CountEvaluator:
    """Takes the results of one run of one query, then compares."""

    def __init__(self, truth: Mapping[int, TruthFrame]) -> None:
        self._truth = truth
        self._seen: dict[int, _Seen] = {}
        self._confirmed: set[int] = set()

    def add(self, result: FrameResult) -> None:
        """Take one counted frame; those that nobody labelled tell which tracks count."""
        tracks = result.tracks
        self._confirmed.update(tracks.track_id[tracks.confirmed].tolist())
        if result.frame.index in self._truth:
            self._seen[result.frame.index] = _Seen(
                result.detections.xyxy, tracks.detections.xyxy, tracks.track_id
            )

    def compare(
        self, tallies: Sequence[ZoneTally] = (), zones: Sequence[ZoneTruth] = ()
    ) -> CountEvaluation:
        """Compare what was counted with the truth.

        Args:
            tallies: How the zones stood in the end.
            zones: The zones, and what happened at them by eye.

        Raises:
            TruthError: If no labelled frame was counted.
        """
        if not self._seen:
            last = max(self._truth)
            raise TruthError(
                f"none of the {len(self._truth)} labelled frames was counted; they are frames "
                f"{min(self._truth)} to {last} from 0: check the clip, and that --fps samples them"
            )
        errors = []
        accumulator = MotAccumulator()
        for index, seen in sorted(self._seen.items()):
            truth = self._truth[index]
            found = _excuse(seen.found_xyxy, truth)
            errors.append(int(found.sum()) - int(truth.counts.sum()))
            counted = np.isin(seen.track_id, list(self._confirmed))
            counted &= _excuse(seen.tracked_xyxy, truth)
            accumulator.add(
                truth.xyxy[truth.counts],
                truth.object_id[truth.counts],
                seen.tracked_xyxy[counted],
                seen.track_id[counted],
            )
        ids = [frame.object_id[frame.counts] for frame in self._truth.values()]
        return CountEvaluation(
            frames_compared=len(self._seen),
            frames_labelled=len(self._truth),
            counts=_sum_up(errors),
            tracking=accumulator.scores(),
            true_unique=len(np.unique(np.concatenate(ids))),
            counted_unique=len(self._confirmed),
            lines=_compare_lines(tallies, zones),
        )


def _excuse(xyxy: NDArray[np.float32], truth: TruthFrame) -> NDArray[np.bool_]:
    """`(N,)` mask of the found boxes that are right or wrong."""
    free = truth.xyxy[~truth.counts]
    if not len(free) or not len(xyxy):
        return np.ones(len(xyxy), dtype=np.bool_)
    middle = (xyxy[:, None, :2] + xyxy[:, None, 2:]) / 2
    inside = ((middle >= free[:, :2]) & (middle <= free[:, 2:])).all(axis=2)
    excused = (inside | (pairwise_iou(xyxy, free) >= _EXCUSED_IOU)).any(axis=1)
    wanted = truth.xyxy[truth.counts]
    near = pairwise_iou(xyxy, wanted).max(axis=1, initial=0.0) >= _EXCUSED_IOU
    return np.asarray(near | ~excused)


def _sum_up(errors: Sequence[int]) -> CountErrors:
    return CountErrors(
        mae=sum(abs(error) for error in errors) / len(errors),
        rmse=math.sqrt(sum(error * error for error in errors) / len(errors)),
        bias=sum(errors) / len(errors),
    )


def _compare_lines(
    tallies: Sequence[ZoneTally], zones: Sequence[ZoneTruth]
) -> tuple[LineResult, ...]:
    passages = {tally.zone: tally.passages for tally in tallies}
    return tuple(
        LineResult(
            truth.zone.name,
            truth.true_in,
            passages[truth.zone][Passage.IN],
            truth.true_out,
            passages[truth.zone][Passage.OUT],
        )
        for truth in zones
        if Passage.IN in passages.get(truth.zone, {})
    )
