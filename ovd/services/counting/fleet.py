"""Fleet: cameras that are counted in the background, each in its own thread, by one detector."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ovd.domain.live import Patience
from ovd.domain.ports import (
    CameraStatus,
    Capacity,
    HistoryPoint,
    LiveFrame,
    QueryReader,
    SourceOpener,
    SourceOptions,
)
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.errors import CameraError, OpenFailure, OvdError, SourceOpenError
from ovd.services.counting.capacity import measure_capacity
from ovd.services.counting.fleet_plan import KeptCamera, PlanFile
from ovd.services.counting.run import CountService
from ovd.services.counting.worker import CameraPlan, CameraWorker
from ovd.services.events import CameraRemoved
from ovd.services.live_view import LiveView
from ovd.threads import Caught, SupervisedThread, ThreadHealth, describe_failure, log_failure
from ovd.video.uri import SourceUri

NOT_COMPLETE = (
    "its password is not kept: start it again with its address, or add it with {NAME} references "
    "to environment variables, see ovd cameras add"
)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Supervision:
    """How failed cameras are looked after.

    Attributes:
        look_s: Seconds between two looks.
        first_s: Pause before a failed camera is started again; twice as long each time.
        ceiling_s: Longest pause.
        steady_s: A run that lasted this long was good: the next pause starts small again.
    """

    look_s: float = 0.5
    first_s: float = 1.0
    ceiling_s: float = 60.0
    steady_s: float = 60.0


@dataclass(eq=False)
class _Slot:
    """A camera by its name, whether it runs or not; guarded by the fleet's lock."""

    plan: CameraPlan
    shown_uri: str
    thread: CameraWorker | None = None
    wanted: bool = True
    problem: str = ""
    restarts: int = 0
    pause_s: float = 0.0
    since_s: float = 0.0
    due_s: float | None = None

    @property
    def running(self) -> bool:
        return self.thread is not None and self.thread.running

    def status(self) -> CameraStatus:
        if self.thread is None:
            state = RunStatus.RUNNING if self.due_s is not None else RunStatus.INTERRUPTED
            return CameraStatus(
                camera=self.plan.camera,
                uri=self.shown_uri,
                state=state,
                error=self.problem,
                queries=self.plan.queries,
                run_id=0,
                frames_counted=0,
                frame_count=None,
                counted_fps=0.0,
                media_time_s=0.0,
                frame_age_s=None,
                restarts=self.restarts,
            )
        return replace(self.thread.status(), restarts=self.restarts)


class Fleet:
    """Cameras by name. Every method may be called from any thread.

    A camera stays known after its run ended, with its last picture and history, until it is
    removed or the fleet is closed. A live camera whose counting failed (not one that is away,
    which its source waits for) is started again after a pause; others go on meanwhile.
    """

    def __init__(
        self,
        service: CountService,
        open_source: SourceOpener,
        plans: PlanFile | None = None,
        frames_per_s: Callable[[], float | None] = lambda: None,
        supervision: Supervision | None = None,
    ) -> None:
        """Make an empty fleet.

        Args:
            service: Counts.
            open_source: Opens sources by their address.
            plans: Where to remember what runs; None forgets it.
            frames_per_s: How fast the detector is as of late, None while that is unknown.
            supervision: How failed cameras are looked after.
        """
        self._service = service
        self._open_source = open_source
        self._plans = plans
        self._frames_per_s = frames_per_s
        self._supervision = supervision or Supervision()
        self._live = LiveView()
        service.events.subscribe("live view", self._live.handle)
        self._slots: dict[str, _Slot] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._supervisor = SupervisedThread("fleet", self._look_after)

    def start(
        self, camera: str, uri: str, queries: Sequence[Query], options: SourceOptions
    ) -> CameraStatus:
        """Open the source and start counting it; a camera that is only away is waited for.

        Raises:
            CameraError: If a camera of that name is already being counted, or the name is blank.
            SourceOpenError: If the source cannot be read and is not just away.
            StoreError: If the database cannot be used.
        """
        if not camera.strip():
            raise CameraError('a camera needs a name; give it one such as "gate"')
        plan = CameraPlan(camera, uri, tuple(queries), options)
        with self._lock:
            self._refuse_running(camera)
        slot = _Slot(plan, "")
        self._launch(slot, Patience.AWAY)
        self._supervisor.start()
        self._remember()
        return self.status(camera)

    def stop(self, camera: str) -> CameraStatus:
        """Stop counting and write what was counted; a camera that has ended stays as it is."""
        with self._lock:
            slot = self._find(camera)
            slot.wanted, slot.due_s = False, None
            thread = slot.thread
        if thread is not None and thread.running:
            thread.stop()
        self._remember()
        return self.status(camera)

    def restart(self, camera: str) -> CameraStatus:
        """Stop the camera if it runs, and count it again as it was.

        Raises:
            CameraError: If no camera has that name, or its password is not known any more.
            SourceOpenError: If the source cannot be read and is not just away.
        """
        with self._lock:
            plan, problem = self._find(camera).plan, self._find(camera).problem
        if problem == NOT_COMPLETE:
            raise CameraError(f"camera {camera!r} cannot be started: {problem}")
        self.stop(camera)
        return self.start(camera, plan.uri, plan.queries, plan.options)

    def remove(self, camera: str) -> None:
        """Stop the camera and forget it; its counts stay in the store.

        Raises:
            CameraError: If no camera has that name.
        """
        self.stop(camera)
        with self._lock:
            self._slots.pop(camera, None)
        self._service.events.publish(CameraRemoved(camera))

    def resume(self, reader: QueryReader) -> None:
        """Go on with the cameras that were being counted when the app ended; returns at once.

        One whose password was typed, and is therefore not kept, is listed as interrupted.
        """
        if self._plans is None:
            return
        for kept in self._plans.load():
            queries = tuple(reader.read(text, score) for text, score in kept.queries)
            plan = CameraPlan(kept.camera, kept.uri, queries, kept.options)
            slot = _Slot(plan, kept.uri)
            if kept.complete:
                slot.due_s = self._service.clock.monotonic()
            else:
                slot.problem = NOT_COMPLETE
                _LOG.warning("camera %s is not counted: %s", kept.camera, NOT_COMPLETE)
            with self._lock:
                self._slots.setdefault(kept.camera, slot)
        self._supervisor.start()

    def set_queries(self, camera: str, queries: Sequence[Query]) -> None:
        """Count these queries from the next frame on."""
        with self._lock:
            slot = self._find(camera)
            slot.plan = replace(slot.plan, queries=tuple(queries))
            if slot.thread is not None:
                slot.thread.replace_queries(slot.plan.queries)
        self._remember()

    def status(self, camera: str) -> CameraStatus:
        """How one camera stands.

        Raises:
            CameraError: If no camera has that name.
        """
        with self._lock:
            return self._find(camera).status()

    def statuses(self) -> tuple[CameraStatus, ...]:
        """How all cameras stand, by name."""
        with self._lock:
            return tuple(slot.status() for _, slot in sorted(self._slots.items()))

    def capacity(self) -> Capacity:
        """What this machine gets through, and what is asked of it."""
        return measure_capacity(self._frames_per_s(), self.statuses())

    def latest(self, camera: str) -> LiveFrame | None:
        """The newest counted frame, None before the first."""
        self._require(camera)
        return self._live.latest(camera)

    def wait_newer(self, camera: str, than: int, timeout_s: float) -> LiveFrame | None:
        """Wait for a frame with another sequence number than `than`.

        Returns:
            The frame, or None when the time is up or the run ended without one.
        """
        self._require(camera)
        return self._live.wait_newer(camera, than, timeout_s)

    def history(self, camera: str) -> tuple[HistoryPoint, ...]:
        """Recent counts, oldest first."""
        self._require(camera)
        return self._live.history(camera)

    def close(self) -> None:
        """Stop every camera; what was running is still remembered."""
        self._closing.set()
        self._supervisor.stop()
        with self._lock:
            threads = [slot.thread for slot in self._slots.values() if slot.thread is not None]
        running = [thread for thread in threads if thread.running]
        for thread in running:
            thread.ask_to_stop()
        for thread in running:
            thread.stop()

    def _launch(self, slot: _Slot, patience: Patience) -> None:
        """Open the source and put the slot into its place, with a thread that counts."""
        plan = slot.plan
        options = replace(plan.options, patience=patience)
        source = self._open_source(plan.uri, plan.camera, options)
        try:
            with self._lock:
                before = self._slots.get(plan.camera)
                if before is not slot:
                    self._refuse_running(plan.camera)
                elif not slot.wanted:
                    source.close()
                    return
                run = self._service.open_run(source, plan.camera, plan.queries)
                slot.thread = CameraWorker(run, source, self._service.clock)
                slot.shown_uri, slot.problem, slot.due_s = source.info.uri, "", None
                slot.since_s = self._service.clock.monotonic()
                self._slots[plan.camera] = slot
        except BaseException:
            source.close()
            raise

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """How the thread stands that starts failed cameras again."""
        return (self._supervisor.health,)

    def _look_after(self, stopping: threading.Event) -> None:
        while not stopping.wait(self._supervision.look_s):
            with self._lock:
                slots = tuple(self._slots.values())
            for slot in slots:
                self._look_at(slot)

    def _look_at(self, slot: _Slot) -> None:
        now_s = self._service.clock.monotonic()
        with self._lock:
            failed = slot.thread is not None and slot.thread.failed and slot.thread.live
            if failed and slot.wanted and slot.due_s is None:
                self._plan_restart(slot, now_s)
            due = slot.due_s is not None and slot.due_s <= now_s
        if not due:
            return
        with Caught() as caught:
            self._launch(slot, Patience.ALL)
        error = caught.error
        if error is None:
            return
        if not isinstance(error, OvdError):
            log_failure(_LOG, f"camera {slot.plan.camera} could not be started again", error)
        with self._lock:
            slot.problem = str(error) if isinstance(error, OvdError) else describe_failure(error)
            refused = isinstance(error, SourceOpenError) and error.failure is OpenFailure.REFUSED
            slot.due_s = None
            if not refused:
                self._plan_restart(slot, now_s)

    def _plan_restart(self, slot: _Slot, now_s: float) -> None:
        ways = self._supervision
        steady = slot.thread is not None and now_s - slot.since_s > ways.steady_s
        slot.pause_s = ways.first_s if steady else max(2 * slot.pause_s, ways.first_s)
        slot.pause_s = min(slot.pause_s, ways.ceiling_s)
        slot.due_s = now_s + slot.pause_s
        slot.restarts += 1

    def _remember(self) -> None:
        if self._plans is None:
            return
        with self._lock:
            kept = [
                _keep(slot)
                for _, slot in sorted(self._slots.items())
                if slot.wanted and (slot.thread is None or slot.thread.live)
            ]
            self._plans.save(kept)

    def _refuse_running(self, camera: str) -> None:
        slot = self._slots.get(camera)
        if slot is not None and slot.running:
            raise CameraError(
                f"camera {camera!r} is already being counted; stop it first or choose another name"
            )

    def _require(self, camera: str) -> None:
        with self._lock:
            self._find(camera)

    def _find(self, camera: str) -> _Slot:
        slot = self._slots.get(camera)
        if slot is None:
            known = ", ".join(sorted(self._slots)) or "none"
            raise CameraError(f"no camera {camera!r} is being counted; known: {known}")
        return slot


def _keep(slot: _Slot) -> KeptCamera:
    plan = slot.plan
    return KeptCamera(
        camera=plan.camera,
        uri=slot.shown_uri,
        complete=slot.problem != NOT_COMPLETE and SourceUri.parse(plan.uri).complete,
        queries=tuple((query.text, query.min_score) for query in plan.queries),
        sample_fps=plan.options.sample_fps,
        transport=plan.options.transport,
    )
