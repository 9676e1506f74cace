"""CameraThread: one camera being counted in the background, and what can be seen of it."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ovd.domain.events import FrameResult, Gap
from ovd.domain.live import Monitored, SourceHealth, SourceState
from ovd.domain.ports import FrameSource, SourceOptions
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.errors import OvdError, SourceLostError
from ovd.services.counting.run import CountRun, CountService
from ovd.threads import Caught, describe_failure, log_failure

HISTORY_LENGTH = 3600
JOIN_TIMEOUT_S = 10.0
RATE_WINDOW = 20
NOTHING_TO_SAY = SourceHealth(SourceState.GOOD)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class CameraPlan:
    """What a camera is started with, enough to start it again.

    Attributes:
        camera: Its name.
        uri: Where it is read from; may hold credentials and is kept in memory only.
        queries: What is counted.
        options: How it is read.
    """

    camera: str
    uri: str = field(repr=False)
    queries: tuple[Query, ...]
    options: SourceOptions


@dataclass(frozen=True)
class CameraStatus:
    """How a camera of the fleet stands.

    Attributes:
        camera: Its name.
        uri: Where it is read from, credentials removed.
        state: How its run stands.
        error: Why it failed or was lost, else empty.
        queries: What is being counted.
        run_id: Key of its run in the store, 0 while it has none.
        frames_counted: Frames counted in this run.
        frame_count: Frames in its file, None for a live source.
        counted_fps: Frames counted per second of wall time, lately.
        media_time_s: Media time of the newest frame.
        frame_age_s: Seconds since the newest frame was counted, None before the first.
        wanted_fps: Frames per second that are to be counted; None for a file read at will.
        delay_s: Seconds from the newest frame's arrival until it was counted; None for a file.
        health: How a live source stands.
        restarts: How often counting was started again after it had failed.
    """

    camera: str
    uri: str
    state: RunStatus
    error: str
    queries: tuple[Query, ...]
    run_id: int
    frames_counted: int
    frame_count: int | None
    counted_fps: float
    media_time_s: float
    frame_age_s: float | None
    wanted_fps: float | None = None
    delay_s: float | None = None
    health: SourceHealth = NOTHING_TO_SAY
    restarts: int = 0


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """The newest counted frame and its number within the run, from 1."""

    sequence: int
    result: FrameResult


@dataclass(frozen=True)
class HistoryPoint:
    """Counts per query text at one moment; an empty `counts` marks a gap."""

    at: datetime
    counts: tuple[tuple[str, int], ...]


class CameraThread:
    """One run in a thread of its own; everything shared is guarded by `_changed`."""

    def __init__(
        self,
        run: CountRun,
        source: FrameSource,
        service: CountService,
        history: Sequence[HistoryPoint] = (),
    ) -> None:
        """Start counting.

        Args:
            run: The run; the thread enters and leaves it.
            source: What it counts.
            service: Whose run it is.
            history: Counts of the camera's run before.
        """
        self._counting = run
        self._source = source
        self._clock = service.clock
        self._changed = threading.Condition()
        self._latest: LiveFrame | None = None
        self._delay_s: float | None = None
        self._last_counted_s: float | None = None
        self._history = deque(history, maxlen=HISTORY_LENGTH)
        self._counted_at: deque[float] = deque(maxlen=RATE_WINDOW)
        self._state = RunStatus.RUNNING
        self._error = ""
        self._stopped_by_user = False
        name = f"count {run.run.camera.name}"
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        with Caught() as caught, self._counting as counting:
            for item in counting:
                self._show(item)
        state, error = self._outcome(caught.error)
        with self._changed:
            self._state, self._error = state, error
            self._changed.notify_all()

    def _outcome(self, failure: BaseException | None) -> tuple[RunStatus, str]:
        if failure is None:
            return (RunStatus.STOPPED if self._stopped_by_user else RunStatus.DONE), ""
        if isinstance(failure, OvdError):
            lost = failure.exit_code == SourceLostError.exit_code
            return (RunStatus.LOST if lost else RunStatus.FAILED), str(failure)
        log_failure(_LOG, f"counting of camera {self._counting.run.camera.name} failed", failure)
        return RunStatus.FAILED, describe_failure(failure)

    def _show(self, item: FrameResult | Gap) -> None:
        with self._changed:
            if isinstance(item, Gap):
                self._history.append(HistoryPoint(item.started_at, ()))
                self._counted_at.clear()
                return
            sequence = self._latest.sequence + 1 if self._latest else 1
            self._latest = LiveFrame(sequence, item)
            counts = tuple((count.query.text, count.count) for count in item.counts)
            self._history.append(HistoryPoint(item.frame.captured_at, counts))
            self._last_counted_s = self._clock.monotonic()
            self._counted_at.append(self._last_counted_s)
            if self.live:
                delay = self._clock.now() - item.frame.captured_at
                self._delay_s = max(0.0, delay.total_seconds())
            self._changed.notify_all()

    @property
    def running(self) -> bool:
        """Whether the run goes on."""
        return self._state is RunStatus.RUNNING

    @property
    def failed(self) -> bool:
        """Whether the run ended by an error that another attempt may not meet.

        Only once the thread is gone: the next one never works beside it, and what a crash
        prints is printed before the restart.
        """
        return self._state is RunStatus.FAILED and not self._thread.is_alive()

    @property
    def live(self) -> bool:
        """Whether it counts a camera and no recording."""
        return self._source.info.live

    def replace_queries(self, queries: Sequence[Query]) -> None:
        """Count these from the next frame on."""
        self._counting.queries.replace(queries)

    def latest(self) -> LiveFrame | None:
        """The newest counted frame, None before the first."""
        return self._latest

    def wait_newer(self, than: int, timeout_s: float) -> LiveFrame | None:
        """Wait for a frame of another number; None when the time is up or the run ended."""

        def ready() -> bool:
            return not self.running or (self._latest is not None and self._latest.sequence != than)

        with self._changed:
            self._changed.wait_for(ready, timeout_s)
            latest = self._latest
        return latest if latest is not None and latest.sequence != than else None

    def history(self) -> tuple[HistoryPoint, ...]:
        """Recent counts, oldest first."""
        with self._changed:
            return tuple(self._history)

    def ask_to_stop(self) -> None:
        """End the run soon."""
        self._stopped_by_user = True
        self._counting.stop()

    def stop(self) -> None:
        """End the run and wait for it."""
        self.ask_to_stop()
        self._thread.join(JOIN_TIMEOUT_S)

    def status(self) -> CameraStatus:
        """How it stands."""
        with self._changed:
            latest, times = self._latest, tuple(self._counted_at)
            state, error, delay_s = self._state, self._error, self._delay_s
            last_s = self._last_counted_s
        record, info = self._counting.run, self._source.info
        spread = times[-1] - times[0] if len(times) > 1 else 0.0
        source = self._source
        return CameraStatus(
            camera=record.camera.name,
            uri=info.uri,
            state=state,
            error=error,
            queries=self._counting.queries.current(),
            run_id=record.id,
            frames_counted=latest.sequence if latest else 0,
            frame_count=info.frame_count,
            counted_fps=(len(times) - 1) / spread if spread > 0 else 0.0,
            media_time_s=latest.result.frame.time_s if latest else 0.0,
            frame_age_s=None if last_s is None else self._clock.monotonic() - last_s,
            wanted_fps=1 / info.sample_interval_s if info.live else None,
            delay_s=delay_s,
            health=source.health if isinstance(source, Monitored) else NOTHING_TO_SAY,
        )
