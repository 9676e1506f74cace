"""TrackVerifier: a judge decides once per track whether it is what the query says."""

import logging
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count

import cv2
import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.frame import Frame, Image
from ovd.domain.ports.judging import JudgeStatus, Verification
from ovd.domain.query import Query, Vocabulary
from ovd.domain.tracking import Tracker, TrackerFactory
from ovd.services.counting.judging.judge import Judged

# Share of a box's longer side that is shown around it, on each side.
CONTEXT = 0.2
CROP_SIDE = 336
# Judgements of a track of which the mean counts.
KEPT = 3
# The second judgement comes early, on a better crop than the first.
SOON_S = 1.0
# Share of the time of a live camera that judging may take.
LARGEST_SHARE = 0.5

_logger = logging.getLogger(__name__)


@dataclass
class _TrackRecord:
    """One track of one query, and how it was judged so far.

    Attributes:
        crop: The best crop since the last judgement; None if there was none.
        quality: How good it is.
        scores: The newest judgements.
        due_s: Media time from which it may be judged again.
        first_s: Media time at which it was first seen.
    """

    crop: Image | None = None
    quality: float = 0.0
    scores: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    due_s: float = -math.inf
    first_s: float = math.inf

    def combined(self, detector_score: float) -> float:
        """Return the geometric mean of the detector's score and the judge's."""
        return math.sqrt(max(detector_score, 0.0) * (sum(self.scores) / len(self.scores)))


class TrackVerifier:
    """Judges the objects of a run within a budget; safe for one thread only.

    Tracks and queries that were never judged come first, then those that are due again, the best
    crops before others. An object that was not judged yet is pending: neither counted nor zero.
    """

    def __init__(
        self,
        verification: Verification,
        make_tracker: TrackerFactory,
        interval_s: float,
        monotonic: Callable[[], float],
        live: bool,
    ) -> None:
        """Begin without tracks.

        Args:
            verification: The judge and its budget.
            make_tracker: Makes a tracker for each query.
            interval_s: Seconds between two sampled frames.
            monotonic: Seconds of a clock, to measure the judge by.
            live: Whether frames would be missed while the judge computes; the budget is lowered
                then so that it takes no more than `LARGEST_SHARE` of the time.
        """
        self._verification = verification
        self._make_tracker = make_tracker
        self._interval_s = interval_s
        self._monotonic = monotonic
        self._live = live
        self._ids: Iterator[int] = count(1)
        self._trackers: dict[Query, Tracker] = {}
        self._tracks: dict[Query, dict[int, _TrackRecord]] = {}
        self._allowance = 1.0
        self._last_s: float | None = None
        self._cost_s = 0.0
        self._told = False
        self._status = JudgeStatus(
            verification.judge.name,
            verification.min_score,
            wanted_per_s=verification.per_s,
            per_s=verification.per_s,
        )

    @property
    def status(self) -> JudgeStatus:
        """Return how the judge gets on; may be read from any thread."""
        return self._status

    def observe(self, frame: Frame, judged: Judged, vocabulary: Vocabulary) -> Judged:
        """Keep the detections that the judge confirms; count those that it has not seen."""
        found, queries = judged.detections, vocabulary.queries
        self._forget_others(queries)
        records = self._follow(frame, found, queries)
        self._spend(frame.time_s, records)
        keep = np.ones(len(found), dtype=np.bool_)
        score = found.score.copy()
        pending = list(judged.pending)
        waiting: list[float] = []
        for place, record in records.items():
            label_id = int(found.label_id[place])
            if not record[1].scores:
                pending[label_id] += 1
                keep[place] = False
                waiting.append(frame.time_s - record[1].first_s)
                continue
            score[place] = record[1].combined(float(found.score[place]))
            keep[place] = score[place] >= self._verification.min_score
        self._status = replace(
            self._status, pending=len(waiting), waited_s=max(waiting, default=0.0)
        )
        self._tell()
        order = np.argsort(-score, kind="stable")
        order = order[keep[order]]
        kept = replace(
            found, xyxy=found.xyxy[order], score=score[order], label_id=found.label_id[order]
        )
        return Judged(kept, tuple(pending), judged.unknown)

    def forget(self) -> None:
        """Forget all tracks: a gap begins."""
        for tracker in self._trackers.values():
            tracker.end_all()
        self._tracks.clear()
        self._last_s = None

    def _forget_others(self, queries: tuple[Query, ...]) -> None:
        for query in [query for query in self._trackers if query not in queries]:
            del self._trackers[query]
            self._tracks.pop(query, None)

    def _follow(
        self, frame: Frame, found: Detections, queries: tuple[Query, ...]
    ) -> dict[int, tuple[Query, _TrackRecord]]:
        """Return the query and the record of each detection that is to be judged, by its place."""
        records: dict[int, tuple[Query, _TrackRecord]] = {}
        for label_id, query in enumerate(queries):
            if not is_verifiable(query):
                continue
            if query not in self._trackers:
                self._trackers[query] = self._make_tracker(self._ids, self._interval_s)
            places = np.flatnonzero(found.label_id == label_id)
            tracks = self._trackers[query].update(found.of_label(label_id), frame)
            known = self._tracks.setdefault(query, {})
            for track_id in tracks.ended:
                known.pop(track_id, None)
            for place, track_id in zip(places.tolist(), tracks.track_id.tolist(), strict=True):
                record = known.setdefault(track_id, _TrackRecord(first_s=frame.time_s))
                _show(record, frame.image, found, place)
                records[place] = query, record
        return records

    def _spend(self, time_s: float, records: dict[int, tuple[Query, _TrackRecord]]) -> None:
        """Judge as many tracks as the time since the last frame allows."""
        per_s = self._affordable()
        if self._last_s is not None:
            earned = max(time_s - self._last_s, 0.0) * per_s
            self._allowance = min(self._allowance + earned, max(per_s, 1.0))
        self._last_s = time_s
        due = [
            item
            for item in records.values()
            if item[1].crop is not None and time_s >= item[1].due_s
        ]
        due.sort(key=lambda item: (bool(item[1].scores), item[1].due_s, -item[1].quality))
        chosen = due[: int(self._allowance)]
        if not chosen:
            return
        crops = [record.crop for _, record in chosen if record.crop is not None]
        started_s = self._monotonic()
        scores = self._verification.judge.judge(crops, [query.read_as for query, _ in chosen])
        self._measure((self._monotonic() - started_s) / len(chosen))
        self._allowance -= len(chosen)
        self._status = replace(
            self._status,
            judged=self._status.judged + len(chosen),
            cost_s=self._cost_s,
            per_s=self._affordable(),
        )
        for (_, record), score in zip(chosen, scores.tolist(), strict=True):
            again_s = self._verification.again_s
            record.due_s = time_s + (again_s if record.scores else min(SOON_S, again_s))
            record.scores.append(float(score))
            record.crop, record.quality = None, 0.0

    def _measure(self, cost_s: float) -> None:
        self._cost_s = cost_s if not self._cost_s else 0.8 * self._cost_s + 0.2 * cost_s

    def _affordable(self) -> float:
        """Return the judgements per second that the budget and a live camera allow."""
        wanted = self._verification.per_s
        if not self._live or not self._cost_s or wanted * self._cost_s <= LARGEST_SHARE:
            return wanted
        return LARGEST_SHARE / self._cost_s

    def _tell(self) -> None:
        """Log once that the judge is too slow, or behind."""
        if self._status.note and not self._told:
            self._told = True
            _logger.warning(self._status.note)


def is_verifiable(query: Query) -> bool:
    """Return whether a judge is asked about a query: one that is no more than a phrase."""
    return not query.excluded and not query.has_conditions


def cut_square(image: Image, xyxy: tuple[float, float, float, float]) -> Image:
    """Return a box with context, padded with grey to a square of at most `CROP_SIDE`."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = xyxy
    side = max(x1 - x0, y1 - y0) * (1 + 2 * CONTEXT)
    left, top = (x0 + x1 - side) / 2, (y0 + y1 - side) / 2
    span = max(round(side), 1)
    x, y = math.floor(left), math.floor(top)
    square = np.full((span, span, 3), 127, dtype=np.uint8)
    cut = image[max(y, 0) : min(y + span, height), max(x, 0) : min(x + span, width)]
    at_y, at_x = max(-y, 0), max(-x, 0)
    square[at_y : at_y + cut.shape[0], at_x : at_x + cut.shape[1]] = cut
    if span <= CROP_SIDE:
        return square
    resized = cv2.resize(square, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def _show(record: _TrackRecord, image: Image, found: Detections, place: int) -> None:
    """Keep the crop of a detection if it is better than the one before."""
    x0, y0, x1, y1 = map(float, found.xyxy[place])
    height, width = image.shape[:2]
    whole = 1.0 if x0 > 0 and y0 > 0 and x1 < width and y1 < height else 0.5
    quality = float(found.score[place]) * math.sqrt(max((x1 - x0) * (y1 - y0), 0.0)) * whole
    if record.crop is None or quality > record.quality:
        record.crop, record.quality = cut_square(image, (x0, y0, x1, y1)), quality
