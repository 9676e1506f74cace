"""CountRun: the counting loop of one camera."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

import numpy as np

from ovd.detection.encoding import QueryEncoder
from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, Gap, QueryCount
from ovd.domain.frame import Frame
from ovd.domain.live import HealthReporter
from ovd.domain.ports import (
    Clock,
    CountStore,
    Detector,
    FrameSource,
)
from ovd.domain.ports.judging import JudgeStatus, Verification
from ovd.domain.query import Query, Vocabulary
from ovd.domain.records import Run, RunStatus
from ovd.domain.zones import Mask, Zone
from ovd.errors import SourceLostError
from ovd.services.counting.judging.judge import Judge, Judged
from ovd.services.counting.judging.verifying import TrackVerifier
from ovd.services.counting.masking import FrameMasks
from ovd.services.counting.motion_gate import GateConfig, MotionGate
from ovd.services.counting.summary import CountSummary, Progress
from ovd.services.counting.tracking import Follower
from ovd.services.events import EventHub, FrameCounted, GapObserved, RunEnded, RunStarted
from ovd.threads import describe_failure

# A live source may deliver late; a frame stands for the time since the one before it only up to
# this many sampling intervals, and for a slow camera up to this many seconds.
LONGEST_STEP_INTERVALS = 5.0
LONGEST_STEP_S = 2.0


class ActiveQueries:
    """The queries that a run counts; may be replaced from any thread while it goes on."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = tuple(queries)

    def current(self) -> tuple[Query, ...]:
        """Return the queries as of now."""
        return self._queries

    def replace(self, queries: Sequence[Query]) -> None:
        """Use other queries from the next frame on."""
        self._queries = tuple(queries)


@dataclass(frozen=True)
class RunContext:
    """The collaborators that all runs of a service share.

    Attributes:
        detector: Finds what is counted.
        store: Keeps the counts.
        clock: Wall clock and pacing.
        events: Told of every frame, gap and end of a run once the store has them.
        gate: When a camera's scene counts as still; None detects in every frame that differs from
            the one before. Every frame of a recording is detected in.
        verification: Judge that decides about tracks; None counts what the detector finds.
    """

    detector: Detector
    store: CountStore
    clock: Clock
    events: EventHub
    gate: GateConfig | None = None
    verification: Verification | None = None


class CountRun:
    """One counting run: iterate it to count; it records what it sees and how it ended.

    Used as a context manager: on leaving, the run is closed in the store whatever happened. The
    iteration yields every `FrameResult` and `Gap` after it was handed to the store and published.
    """

    def __init__(
        self,
        context: RunContext,
        source: FrameSource,
        run: Run,
        queries: ActiveQueries,
        follower: Follower,
    ) -> None:
        self.run = run
        self._follower = follower
        self._judge = Judge(follower.make_tracker, source.info.sample_interval_s)
        self._verifier = _build_verifier(context, follower, source)
        self.queries = queries
        self._context = context
        self._source = source
        self._progress = Progress()
        self._stopping = threading.Event()
        self._status = RunStatus.STOPPED
        self._error = ""
        self._last_frame: Frame | None = None
        self._after_gap = True
        self._encoder = QueryEncoder(context.detector, waits=not source.info.live)
        self._used: Vocabulary | None = None
        self._gate = MotionGate(context.gate if source.info.live else None)
        self._found = Detections.none()
        self._masks = FrameMasks(run.camera.masks)
        self._changes: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._started = context.clock.monotonic()

    def __enter__(self) -> Self:
        self._context.events.publish(RunStarted(self.run))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, SourceLostError):
            self._status, self._error = RunStatus.LOST, str(error)
        elif error is not None and not isinstance(error, KeyboardInterrupt | GeneratorExit):
            self._status, self._error = RunStatus.FAILED, describe_failure(error)
        with ExitStack() as stack:
            stack.callback(self._publish_end)
            stack.callback(self._end_run)
            stack.callback(self._follower.end)
            stack.callback(self._source.close)

    def _publish_end(self) -> None:
        self._context.events.publish(RunEnded(self.run, self._status, self._error))

    def _end_run(self) -> None:
        now = self._context.clock.now()
        self._context.store.runs.end(self.run.id, self._status, now, self._error)

    def __iter__(self) -> Iterator[FrameResult | Gap]:
        try:
            for item in self._source:
                if isinstance(item, Gap):
                    yield self._skip(item)
                elif not self._stopping.is_set():
                    self._apply_changes()
                    yield self._count(self._masks.conceal(item))
        except SourceLostError as error:
            gap = self._outage(str(error))
            if gap is not None:
                yield self._skip(gap)
            raise
        if not self._stopping.is_set():
            self._status = RunStatus.DONE

    def stop(self) -> None:
        """End the iteration soon; may be called from another thread or a signal handler."""
        self._stopping.set()
        self._source.close()

    def replace_zones(self, zones: Sequence[Zone]) -> None:
        """Count at other zones from the next frame on; may be called from any thread."""
        self._changes.put(lambda: self._follower.replace_zones(zones))

    def replace_masks(self, masks: Sequence[Mask]) -> None:
        """Apply other masks from the next frame on; may be called from any thread."""
        self._changes.put(lambda: self._set_masks(masks))

    def _set_masks(self, masks: Sequence[Mask]) -> None:
        self._masks = FrameMasks(masks)
        self._gate.forget()

    def _apply_changes(self) -> None:
        while True:
            try:
                change = self._changes.get_nowait()
            except Empty:
                return
            change()

    def finish(self) -> None:
        """End the iteration as complete: the wanted duration has been counted."""
        self._status = RunStatus.DONE
        self.stop()

    @property
    def judge_status(self) -> JudgeStatus | None:
        """Return how the judge of tracks gets on; None where there is none."""
        return None if self._verifier is None else self._verifier.status

    def summary(self) -> CountSummary:
        """Return what was counted so far."""
        progress, source = self._progress, self._source
        return CountSummary(
            frames_read=source.frames_read,
            frames_counted=progress.frames_counted,
            frames_dropped=source.health.frames_dropped
            if isinstance(source, HealthReporter)
            else 0,
            frames_repeated=progress.frames_repeated,
            gap_s=progress.gap_s,
            media_s=progress.media_s,
            wall_s=self._context.clock.monotonic() - self._started,
            queries=tuple(
                progress.summarise(query, self._follower.unique(query.text))
                for query in self.queries.current()
            ),
            zones=self._follower.tallies(),
        )

    def _count(self, frame: Frame) -> FrameResult:
        vocabulary = self._vocabulary()
        detections, repeated = Detections.none(), False
        counts: tuple[QueryCount, ...] = ()
        queries: tuple[Query, ...] = ()
        if vocabulary is not None:
            repeated = self._gate.is_still(frame)
            if not repeated:
                found = self._context.detector.detect([frame.image], vocabulary)[0]
                self._found = self._masks.keep_counted(found, vocabulary.queries, frame.size_hw)
            judged = self._judge.observe(frame, self._found, vocabulary)
            if self._verifier is not None:
                judged = self._verifier.observe(frame, judged, vocabulary)
            detections = judged.detections
            counts = _with_unjudged(count_detections(detections, vocabulary), judged)
            queries = vocabulary.queries
        followed = self._follower.observe(frame, detections, queries)
        counts = tuple(
            replace(count, unique=self._follower.unique(count.query.text)) for count in counts
        )
        result = FrameResult(
            frame,
            detections,
            counts,
            self._observed_s(frame),
            followed.tracks,
            followed.events,
            followed.zones,
            repeated,
        )
        self._context.store.counts.add_result(self.run, result)
        self._progress.add_frame(result)
        number = self._progress.frames_counted
        self._context.events.publish(FrameCounted(self.run, number, result))
        self._last_frame, self._after_gap = frame, False
        return result

    def _skip(self, gap: Gap) -> Gap:
        self._context.store.counts.add_gap(self.run, gap)
        self._follower.skip(gap)
        self._judge.forget()
        if self._verifier is not None:
            self._verifier.forget()
        self._progress.add_gap(gap)
        self._context.events.publish(GapObserved(self.run, gap))
        self._after_gap = True
        self._gate.forget()
        return gap

    def _outage(self, reason: str) -> Gap | None:
        if self._last_frame is None:
            return None
        since, now = self._last_frame.captured_at, self._context.clock.now()
        return Gap(self.run.camera.name, since, max(since, now), reason)

    def _observed_s(self, frame: Frame) -> float:
        interval = self._source.info.sample_interval_s
        if self._last_frame is None or self._after_gap:
            return interval
        step = frame.time_s - self._last_frame.time_s
        return min(step, max(LONGEST_STEP_INTERVALS * interval, LONGEST_STEP_S))

    def _vocabulary(self) -> Vocabulary | None:
        vocabulary = self._encoder.vocabulary_of(self.queries.current())
        if vocabulary is not self._used:
            self._used = vocabulary
            self._gate.forget()
        return vocabulary


def _build_verifier(
    context: RunContext, follower: Follower, source: FrameSource
) -> TrackVerifier | None:
    if context.verification is None or follower.make_tracker is None:
        return None
    info = source.info
    return TrackVerifier(
        context.verification,
        follower.make_tracker,
        info.sample_interval_s,
        context.clock.monotonic,
        info.live,
    )


def _with_unjudged(counts: tuple[QueryCount, ...], judged: Judged) -> tuple[QueryCount, ...]:
    """Return the counts with how many objects of each query were not judged."""
    return tuple(
        replace(count, pending=pending, unknown=unknown)
        for count, pending, unknown in zip(counts, judged.pending, judged.unknown, strict=True)
    )


def count_detections(detections: Detections, vocabulary: Vocabulary) -> tuple[QueryCount, ...]:
    """Count each query of a vocabulary in the detections of one frame, zeros included."""
    counts = np.bincount(detections.label_id, minlength=len(vocabulary.queries))
    best = np.zeros(len(vocabulary.queries), dtype=np.float32)
    np.maximum.at(best, detections.label_id, detections.score)
    return tuple(
        QueryCount(query, int(count), float(score))
        for query, count, score in zip(vocabulary.queries, counts, best, strict=True)
    )
