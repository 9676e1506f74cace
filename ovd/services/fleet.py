"""Fleet: cameras that are counted in the background, each in its own thread, by one detector."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.events import FrameResult, Gap
from ovd.domain.ports import FrameSource, SourceOpener, SourceOptions
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.errors import CameraError, OvdError
from ovd.services.count import CountRun, CountService

HISTORY_LENGTH = 3600
JOIN_TIMEOUT_S = 10.0
RATE_WINDOW = 20


@dataclass(frozen=True)
class CameraStatus:
    """How a camera of the fleet stands.

    Attributes:
        camera: Its name.
        uri: Where it is read from, credentials removed.
        state: How its run stands.
        error: Why it failed or was lost, else empty.
        queries: What is being counted.
        run_id: Key of its run in the store.
        frames_counted: Frames counted in this run.
        frame_count: Frames in its file, None for a live source.
        counted_fps: Frames counted per second of wall time, lately.
        media_time_s: Media time of the newest frame.
        frame_age_s: Seconds since the newest frame was counted, None before the first.
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


class _CameraThread:
    """One camera being counted; everything shared is guarded by `_changed`."""

    def __init__(self, run: CountRun, source: FrameSource, service: CountService) -> None:
        self._counting = run
        self._source = source
        self._clock = service.clock
        self._changed = threading.Condition()
        self._latest: LiveFrame | None = None
        self._history: deque[HistoryPoint] = deque(maxlen=HISTORY_LENGTH)
        self._counted_at: deque[float] = deque(maxlen=RATE_WINDOW)
        self._state = RunStatus.RUNNING
        self._error = ""
        self._stopped_by_user = False
        name = f"count {run.run.camera.name}"
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        state, error = RunStatus.FAILED, "the counting thread ended unexpectedly"
        try:
            with self._counting as counting:
                for item in counting:
                    self._show(item)
            state, error = RunStatus.DONE, ""
            if self._stopped_by_user:
                state = RunStatus.STOPPED
        except OvdError as failure:
            state = RunStatus.LOST if failure.exit_code == 3 else RunStatus.FAILED
            error = str(failure)
        finally:
            with self._changed:
                self._state, self._error = state, error
                self._changed.notify_all()

    def _show(self, item: FrameResult | Gap) -> None:
        with self._changed:
            if isinstance(item, Gap):
                self._history.append(HistoryPoint(item.started_at, ()))
                return
            sequence = self._latest.sequence + 1 if self._latest else 1
            self._latest = LiveFrame(sequence, item)
            counts = tuple((count.query.text, count.count) for count in item.counts)
            self._history.append(HistoryPoint(item.frame.captured_at, counts))
            self._counted_at.append(self._clock.monotonic())
            self._changed.notify_all()

    @property
    def running(self) -> bool:
        return self._state is RunStatus.RUNNING

    def replace_queries(self, queries: Sequence[Query]) -> None:
        self._counting.queries.replace(queries)

    def latest(self) -> LiveFrame | None:
        return self._latest

    def wait_newer(self, than: int, timeout_s: float) -> LiveFrame | None:
        def ready() -> bool:
            return not self.running or (self._latest is not None and self._latest.sequence != than)

        with self._changed:
            self._changed.wait_for(ready, timeout_s)
            latest = self._latest
        return latest if latest is not None and latest.sequence != than else None

    def history(self) -> tuple[HistoryPoint, ...]:
        with self._changed:
            return tuple(self._history)

    def stop(self) -> None:
        self._stopped_by_user = True
        self._counting.stop()
        self._thread.join(JOIN_TIMEOUT_S)

    def status(self) -> CameraStatus:
        with self._changed:
            latest, times = self._latest, tuple(self._counted_at)
            state, error = self._state, self._error
        record = self._counting.run
        spread = times[-1] - times[0] if len(times) > 1 else 0.0
        return CameraStatus(
            camera=record.camera.name,
            uri=self._source.info.uri,
            state=state,
            error=error,
            queries=self._counting.queries.current(),
            run_id=record.id,
            frames_counted=latest.sequence if latest else 0,
            frame_count=self._source.info.frame_count,
            counted_fps=(len(times) - 1) / spread if spread > 0 else 0.0,
            media_time_s=latest.result.frame.time_s if latest else 0.0,
            frame_age_s=self._clock.monotonic() - times[-1] if times else None,
        )


class Fleet:
    """Cameras by name. Every method may be called from any thread.

    A camera stays known after its run ended, with its last picture and history, until it is
    started again or the fleet is closed.
    """

    def __init__(self, service: CountService, open_source: SourceOpener) -> None:
        self._service = service
        self._open_source = open_source
        self._cameras: dict[str, _CameraThread] = {}
        self._lock = threading.Lock()

    def start(
        self, camera: str, uri: str, queries: Sequence[Query], options: SourceOptions
    ) -> CameraStatus:
        """Open the source and start counting it; returns once it delivers.

        Raises:
            CameraError: If a camera of that name is already being counted, or the name is blank.
            SourceOpenError: If the source cannot be read.
            StoreError: If the database cannot be used.
        """
        if not camera.strip():
            raise CameraError('a camera needs a name; give it one such as "gate"')
        self._refuse_running(camera)
        source = self._open_source(uri, camera, options)
        try:
            with self._lock:
                self._refuse_running(camera)
                run = self._service.open_run(source, camera, queries)
                thread = _CameraThread(run, source, self._service)
                self._cameras[camera] = thread
        except OvdError:
            source.close()
            raise
        return thread.status()

    def stop(self, camera: str) -> CameraStatus:
        """Stop counting and write what was counted; a camera that has ended stays as it is."""
        thread = self._find(camera)
        if thread.running:
            thread.stop()
        return thread.status()

    def set_queries(self, camera: str, queries: Sequence[Query]) -> None:
        """Count these queries from the next frame on."""
        self._find(camera).replace_queries(queries)

    def status(self, camera: str) -> CameraStatus:
        """How one camera stands.

        Raises:
            CameraError: If no camera has that name.
        """
        return self._find(camera).status()

    def statuses(self) -> tuple[CameraStatus, ...]:
        """How all cameras stand, by name."""
        with self._lock:
            threads = sorted(self._cameras.items())
        return tuple(thread.status() for _, thread in threads)

    def latest(self, camera: str) -> LiveFrame | None:
        """The newest counted frame, None before the first."""
        return self._find(camera).latest()

    def wait_newer(self, camera: str, than: int, timeout_s: float) -> LiveFrame | None:
        """Wait for a frame with another sequence number than `than`.

        Returns:
            The frame, or None when the time is up or the run ended without one.
        """
        return self._find(camera).wait_newer(than, timeout_s)

    def history(self, camera: str) -> tuple[HistoryPoint, ...]:
        """Recent counts, oldest first."""
        return self._find(camera).history()

    def close(self) -> None:
        """Stop every camera."""
        with self._lock:
            threads = tuple(self._cameras.values())
        for thread in threads:
            if thread.running:
                thread.stop()

    def _refuse_running(self, camera: str) -> None:
        thread = self._cameras.get(camera)
        if thread is not None and thread.running:
            raise CameraError(
                f"camera {camera!r} is already being counted; stop it first or choose another name"
            )

    def _find(self, camera: str) -> _CameraThread:
        thread = self._cameras.get(camera)
        if thread is None:
            known = ", ".join(sorted(self._cameras)) or "none"
            raise CameraError(f"no camera {camera!r} is being counted; known: {known}")
        return thread
