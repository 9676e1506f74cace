"""Judge: decides over the frames of a run which candidates meet the conditions of their query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ovd.detection.groups import apply_groups
from ovd.domain.detections import Candidates, Detections, Tracks
from ovd.domain.frame import Frame
from ovd.domain.query import Query, Vocabulary
from ovd.domain.tracking import Tracker, TrackerFactory
from ovd.services.counting.judging.evidence import Evidence, Verdict, frames_needed
from ovd.services.counting.judging.shape import SceneHeights, make_sample
from ovd.services.counting.judging.states import TrackState

_MATCHES_FROM = 0.5


@dataclass(frozen=True, eq=False)
class Judged:
    """The results of judging one frame.

    Attributes:
        detections: Those that meet the conditions, by the labels of the queries.
        pending: `(C,)` objects of each query that may come to meet them.
        unknown: `(C,)` objects of each query that cannot be judged.
    """

    detections: Detections
    pending: tuple[int, ...]
    unknown: tuple[int, ...]


@dataclass
class _TrackJudgement:
    """Knowledge of one track for one query."""

    relations: Evidence
    state: TrackState | None


@dataclass
class _QueryJudgement:
    """Knowledge of the tracks of one query."""

    query: Query
    tracks: dict[int, _TrackJudgement] = field(default_factory=dict)
    scene: SceneHeights = field(default_factory=SceneHeights)


class Judge:
    """Judges the queries with relations and states of one run; others pass through.

    Subjects are tracked once for all queries that have the same. What is known of a track is
    dropped when it ends, and everything in a gap: time that was not observed meets no condition.
    """

    def __init__(self, make_tracker: TrackerFactory | None, interval_s: float) -> None:
        """Start without tracks.

        Args:
            make_tracker: Makes the tracker of subjects; None judges every frame by itself, and no
                state.
            interval_s: Seconds between two sampled frames.
        """
        self._make_tracker = make_tracker
        self._interval_s = interval_s
        self._ids: Iterator[int] = count(1)
        self._trackers: dict[Query, Tracker] = {}
        self._judgements: dict[str, _QueryJudgement] = {}

    def observe(self, frame: Frame, found: Detections, vocabulary: Vocabulary) -> Judged:
        """Judge the candidates of the next frame.

        Args:
            frame: The frame.
            found: What the detector found in it; its labels are those of the queries, in order.
            vocabulary: What was searched.
        """
        queries, search = vocabulary.queries, vocabulary.search
        nothing = (0,) * len(queries)
        if search is None or not any(query.judged_over_time for query in queries):
            return Judged(found, nothing, nothing)
        if self._make_tracker is None:
            return self._judge_alone(found, queries)
        self._forget_others(queries)
        subjects = [search.queries[plan.subject] for plan in vocabulary.plans]
        tracked = self._track(frame, found.candidates, queries, subjects)
        parts: list[Detections] = []
        pending, unknown = list(nothing), list(nothing)
        for label_id, query in enumerate(queries):
            if not query.judged_over_time:
                parts.append(found.of_label(label_id))
                continue
            own = found.candidates.of_label(label_id)
            verdicts = self._judge_query(frame, query, own, tracked[subjects[label_id]])
            keep = np.array([verdict is Verdict.YES for verdict in verdicts], dtype=np.bool_)
            parts.append(_to_detections(own, keep, found.labels))
            pending[label_id] = verdicts.count(Verdict.PENDING)
            unknown[label_id] = verdicts.count(Verdict.UNKNOWN)
        joined = apply_groups(_join(parts, found), queries)
        return Judged(joined, tuple(pending), tuple(unknown))

    def forget(self) -> None:
        """Forget all tracks: a gap begins, or other queries are counted."""
        for tracker in self._trackers.values():
            tracker.end_all()
        self._judgements.clear()

    def _judge_alone(self, found: Detections, queries: Sequence[Query]) -> Judged:
        """Judge one frame by itself: its matches stand, states stay pending."""
        unknown = tuple(map(found.candidates.count_unknown, range(len(queries))))
        pending = tuple(
            int((found.candidates.label_id == label_id).sum()) - unknown[label_id]
            if query.state is not None
            else 0
            for label_id, query in enumerate(queries)
        )
        return Judged(found, pending, unknown)

    def _forget_others(self, queries: Sequence[Query]) -> None:
        wanted = {query.text: query for query in queries}
        for text, judgement in list(self._judgements.items()):
            if wanted.get(text) != judgement.query:
                del self._judgements[text]

    def _track(
        self,
        frame: Frame,
        candidates: Candidates,
        queries: Sequence[Query],
        subjects: Sequence[Query],
    ) -> dict[Query, Tracks]:
        """Return the tracks of every kind of subject, in the order of its candidates."""
        assert self._make_tracker is not None, "checked by the caller"
        tracked: dict[Query, Tracks] = {}
        for label_id, (query, subject) in enumerate(zip(queries, subjects, strict=True)):
            if subject in tracked or not query.judged_over_time:
                continue
            tracker = self._trackers.get(subject)
            if tracker is None:
                tracker = self._make_tracker(self._ids, self._interval_s)
                self._trackers[subject] = tracker
            own = candidates.of_label(label_id)
            every = np.ones(len(own), dtype=np.bool_)
            boxes = _to_detections(own, every, tuple(item.text for item in queries))
            tracked[subject] = tracker.update(boxes, frame)
        return tracked

    def _judge_query(
        self, frame: Frame, query: Query, own: Candidates, tracks: Tracks
    ) -> list[Verdict]:
        judgement = self._judgements.setdefault(query.text, _QueryJudgement(query))
        for track_id in tracks.ended:
            judgement.tracks.pop(track_id, None)
        return [
            self._judge_track(frame, judgement, int(track_id), own, place)
            for place, track_id in enumerate(tracks.track_id)
        ]

    def _judge_track(
        self, frame: Frame, judgement: _QueryJudgement, track_id: int, own: Candidates, place: int
    ) -> Verdict:
        track = judgement.tracks.get(track_id)
        if track is None:
            track = judgement.tracks[track_id] = self._new_track(judgement.query)
        belief = float(own.belief[place])
        related = Verdict.YES
        if judgement.query.relations:
            related = track.relations.add(frame.time_s, belief)
        if track.state is None or related is Verdict.NO:
            return related
        x0, y0, x1, y1 = map(float, own.xyxy[place])
        size_hw = frame.image.shape[0], frame.image.shape[1]
        sample = make_sample(frame.time_s, (x0, y0, x1, y1), size_hw)
        judgement.scene.add(sample)
        alone = belief >= _MATCHES_FROM
        state = track.state.add(sample, alone, judgement.scene, size_hw[0])
        return state if related is Verdict.YES or state is Verdict.NO else related

    def _new_track(self, query: Query) -> _TrackJudgement:
        needed = frames_needed(self._interval_s)
        state = None if query.state is None else TrackState(query.state, Evidence(needed))
        return _TrackJudgement(Evidence(needed), state)


def _to_detections(own: Candidates, keep: NDArray[np.bool_], labels: tuple[str, ...]) -> Detections:
    return Detections(own.xyxy[keep], own.score[keep], own.label_id[keep], labels)


def _join(parts: Sequence[Detections], found: Detections) -> Detections:
    score = np.concatenate([part.score for part in parts])
    order = np.argsort(-score, kind="stable")
    return Detections(
        np.concatenate([part.xyxy for part in parts])[order],
        score[order],
        np.concatenate([part.label_id for part in parts])[order],
        found.labels,
        found.candidates,
    )
