"""CameraWorker: one run in a thread of its own, and how it stands."""

import logging
import threading
from collections import deque
from collections.abc import Sequence

from ovd.domain.events import FrameResult, Gap
from ovd.domain.live import HealthReporter
from ovd.domain.ports import CameraStatus, Clock, FrameSource
from ovd.domain.ports.fleet import GOOD_HEALTH
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.domain.zones import Mask, Zone
from ovd.errors import OvdError, SourceLostError
from ovd.logs import log_fields
from ovd.services.counting.capacity import RATE_WINDOW
from ovd.services.counting.run import CountRun
from ovd.threads import Caught, describe_failure, log_failure

JOIN_TIMEOUT_S = 10.0

_LOG = logging.getLogger(__name__)


class _RateMeter:
    """The rate of counted frames, and their age."""

    def __init__(self, clock: Clock, live: bool) -> None:
        self._clock = clock
        self._live = live
        self._counted_at: deque[float] = deque(maxlen=RATE_WINDOW)
        self.frames = 0
        self.time_s = 0.0
        self.delay_s: float | None = None
        self.last_s: float | None = None

    def add(self, item: FrameResult | Gap) -> None:
        if isinstance(item, Gap):
            self._counted_at.clear()
            return
        self.frames += 1
        self.time_s = item.frame.time_s
        self.last_s = self._clock.monotonic()
        self._counted_at.append(self.last_s)
        if self._live:
            delay = self._clock.now() - item.frame.captured_at
            self.delay_s = max(0.0, delay.total_seconds())

    @property
    def fps(self) -> float:
        times = self._counted_at
        spread = times[-1] - times[0] if len(times) > 1 else 0.0
        return (len(times) - 1) / spread if spread > 0 else 0.0


class CameraWorker:
    """One run in a thread of its own; what is shared is guarded by a lock that does no I/O."""

    def __init__(self, run: CountRun, source: FrameSource, clock: Clock) -> None:
        """Start counting.

        Args:
            run: The run; the thread enters and leaves it.
            source: What it counts.
            clock: For rates and delays.
        """
        self._run = run
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._meter = _RateMeter(clock, source.info.live)
        self._state = RunStatus.RUNNING
        self._error = ""
        self._stop_asked = False
        name = f"count {run.run.camera.name}"
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        record = self._run.run
        with log_fields(camera=record.camera.name, run_id=record.id):
            with Caught() as caught, self._run as run:
                for item in run:
                    with self._lock:
                        self._meter.add(item)
            state, error = self._outcome(caught.error)
            _LOG.info("the run ended: %s %s", state.value, error)
        with self._lock:
            self._state, self._error = state, error

    def _outcome(self, failure: BaseException | None) -> tuple[RunStatus, str]:
        if failure is None:
            return (RunStatus.STOPPED if self._stop_asked else RunStatus.DONE), ""
        if isinstance(failure, OvdError):
            lost = failure.exit_code == SourceLostError.exit_code
            return (RunStatus.LOST if lost else RunStatus.FAILED), str(failure)
        log_failure(_LOG, f"counting of camera {self._run.run.camera.name} failed", failure)
        return RunStatus.FAILED, describe_failure(failure)

    @property
    def running(self) -> bool:
        """Return whether the run is active."""
        return self._state is RunStatus.RUNNING

    @property
    def failed(self) -> bool:
        """Return whether the run ended by an error that another attempt may not meet.

        Only once the thread is gone: the next one never works beside it.
        """
        return self._state is RunStatus.FAILED and not self._thread.is_alive()

    def replace_queries(self, queries: tuple[Query, ...]) -> None:
        """Count these from the next frame on."""
        self._run.queries.replace(queries)

    def replace_zones(self, zones: Sequence[Zone]) -> None:
        """Count at these from the next frame on."""
        self._run.replace_zones(zones)

    def replace_masks(self, masks: Sequence[Mask]) -> None:
        """Apply these from the next frame on."""
        self._run.replace_masks(masks)

    def ask_to_stop(self) -> None:
        """End the run soon; returns at once."""
        self._stop_asked = True
        self._run.stop()

    def stop(self) -> None:
        """End the run and wait for it."""
        self.ask_to_stop()
        self._thread.join(JOIN_TIMEOUT_S)

    def status(self) -> CameraStatus:
        """Return how it stands; does no I/O."""
        record, info, source = self._run.run, self._source.info, self._source
        with self._lock:
            meter, now_s = self._meter, self._clock.monotonic()
            return CameraStatus(
                camera=record.camera.name,
                uri=info.uri,
                state=self._state,
                error=self._error,
                queries=self._run.queries.current(),
                run_id=record.id,
                frames_counted=meter.frames,
                frame_count=info.frame_count,
                counted_fps=meter.fps,
                media_time_s=meter.time_s,
                frame_age_s=None if meter.last_s is None else now_s - meter.last_s,
                wanted_fps=1 / info.sample_interval_s if info.live else None,
                delay_s=meter.delay_s,
                health=source.health if isinstance(source, HealthReporter) else GOOD_HEALTH,
                judge=self._run.judge_status,
            )
