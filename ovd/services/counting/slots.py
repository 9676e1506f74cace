"""SlotTable: what a fleet knows of each camera, behind a lock that is never held across I/O."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ovd.domain.cameras import Camera
from ovd.domain.names import normalise_name
from ovd.domain.ports import CameraStatus, SourceOptions
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.domain.zones import Zone
from ovd.errors import CameraError
from ovd.services.counting.worker import CameraWorker
from ovd.threads import Backoff


@dataclass(frozen=True)
class CameraPlan:
    """The parameters with which a camera is started, enough to start it again.

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


@dataclass(eq=False)
class Slot:
    """One camera of the fleet, whether it runs or not; changed by its `SlotTable` only.

    Attributes:
        plan: What it is started with.
        camera: Its row in the database; None for a recording, which is counted once.
        shown_uri: Where it is read from, credentials removed.
        worker: Its newest run, None before the first.
        wanted: Whether it should run; a user may have stopped it.
        problem: Why it could not be started, empty when nothing is wrong.
        restarts: How often it was to be started again after it had failed.
        pause_s: Pause before the newest of those starts.
        started_s: When its newest run began, on the monotonic clock.
        due_s: When it is to be started again, None if it is not.
    """

    plan: CameraPlan
    camera: Camera | None = None
    shown_uri: str = ""
    worker: CameraWorker | None = None
    wanted: bool = True
    problem: str = ""
    restarts: int = 0
    pause_s: float = 0.0
    started_s: float = 0.0
    due_s: float | None = None

    @property
    def running(self) -> bool:
        """Return whether a run of it is active."""
        return self.worker is not None and self.worker.running

    def status(self) -> CameraStatus:
        """Return how it stands; does no I/O."""
        if self.worker is not None:
            status = self.worker.status()
            return replace(status, error=self.problem or status.error, restarts=self.restarts)
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


@dataclass(eq=False)
class Claim:
    """The right to start one camera, held by one caller at a time.

    Attributes:
        camera: Name of the camera.
        cancelled: Whether the camera was stopped or removed meanwhile, so that what was opened for
            it is to be closed again.
    """

    camera: str
    cancelled: bool = False


class SlotTable:
    """Slots by name. Every method returns at once and may be called from any thread.

    Starting a camera takes I/O, which happens outside: `claim` it, open what it needs, then
    `place` it, or `release` the claim when that failed.
    """

    def __init__(self) -> None:
        """Begin without cameras."""
        self._lock = threading.Lock()
        self._slots: dict[str, Slot] = {}
        self._claims: dict[str, Claim] = {}
        self._closed = False

    def claim_again(self, slot: Slot) -> Claim | None:
        """Return the right to start a camera again; None if that is not to happen now.

        That is the case where it was stopped, removed or replaced meanwhile, runs, or is being
        started by someone else.
        """
        with self._lock:
            name = slot.plan.camera
            current = self._slots.get(name) is slot and slot.wanted and not slot.running
            if not current or self._closed or name in self._claims:
                return None
            self._claims[name] = Claim(name)
            return self._claims[name]

    def claim(self, camera: str) -> Claim:
        """Return the right to start a camera.

        Raises:
            CameraError: If it runs, is being started, or the fleet was closed.
        """
        with self._lock:
            slot = self._slots.get(camera)
            if self._closed:
                raise CameraError(f"camera {camera!r} is not started: ovd is ending")
            if camera in self._claims or (slot is not None and slot.running):
                raise CameraError(
                    f"camera {camera!r} is already being counted; stop it first or choose another "
                    "name"
                )
            self._claims[camera] = Claim(camera)
            return self._claims[camera]

    def place(self, claim: Claim, slot: Slot, worker: CameraWorker, now_s: float) -> bool:
        """Put a started camera in its place and give the claim back.

        Returns:
            False if the claim was cancelled: then nothing was placed.
        """
        with self._lock:
            self._claims.pop(claim.camera, None)
            if claim.cancelled:
                return False
            slot.worker, slot.problem, slot.due_s = worker, "", None
            slot.shown_uri, slot.started_s = worker.status().uri, now_s
            worker.replace_queries(slot.plan.queries)  # they may have changed since it was opened
            if slot.camera is not None:
                worker.replace_masks(slot.camera.masks)
            self._slots[claim.camera] = slot
            return True

    def release(self, claim: Claim) -> None:
        """Give a claim back unused; harmless after `place`."""
        with self._lock:
            if self._claims.get(claim.camera) is claim:
                del self._claims[claim.camera]

    def put(self, slot: Slot, instead_of: Slot | None = None) -> bool:
        """Put a camera that does not run yet in its place.

        Returns:
            False if another slot than `instead_of` has that place by now, or the camera is being
            started: then nothing was put.
        """
        name = slot.plan.camera
        with self._lock:
            if self._closed or name in self._claims or self._slots.get(name) is not instead_of:
                return False
            self._slots[name] = slot
            return True

    def find(self, camera: str) -> Slot:
        """Return the slot of that name.

        Raises:
            CameraError: If there is none.
        """
        with self._lock:
            return self._find(camera)

    def get(self, camera: str) -> Slot | None:
        """Return the slot of that name, None where there is none."""
        with self._lock:
            return self._slots.get(camera)

    def all(self) -> tuple[Slot, ...]:
        """Return all slots by name."""
        with self._lock:
            return tuple(slot for _, slot in sorted(self._slots.items()))

    def stop_wanting(self, camera: str) -> CameraWorker | None:
        """Take note that a camera should not run; return what is to be stopped.

        Raises:
            CameraError: If there is no camera of that name.
        """
        with self._lock:
            self._cancel(normalise_name(camera))
            slot = self._find(camera)
            slot.wanted, slot.due_s = False, None
            return slot.worker

    def drop(self, camera: str) -> None:
        """Forget a camera."""
        with self._lock:
            self._slots.pop(normalise_name(camera), None)
            self._cancel(normalise_name(camera))

    def replace_queries(self, camera: str, queries: Sequence[Query]) -> None:
        """Count these from the next frame on.

        Raises:
            CameraError: If there is no camera of that name.
        """
        with self._lock:
            slot = self._find(camera)
            slot.plan = replace(slot.plan, queries=tuple(queries))
            if slot.worker is not None:
                slot.worker.replace_queries(slot.plan.queries)

    def replace_zones(self, camera: str, zones: Sequence[Zone]) -> None:
        """Count at these from the next frame on, if the camera runs.

        Raises:
            CameraError: If there is no camera of that name.
        """
        with self._lock:
            worker = self._find(camera).worker
            if worker is not None:
                worker.replace_zones(zones)

    def change(
        self, slot: Slot, plan: CameraPlan, camera: Camera, now_s: float
    ) -> CameraWorker | None:
        """Let a camera of the database run by another plan.

        Other queries and masks hold from the next frame on, or when it is started next: they give
        no reason to try a refused password again. Anything else needs another run, due at once.

        Returns:
            The worker that is to be stopped for this, None if there is none.
        """
        with self._lock:
            before, known = slot.plan, slot.camera
            slot.plan, slot.camera, slot.shown_uri = plan, camera, camera.uri
            same = (before.uri, before.options) == (plan.uri, plan.options)
            if slot.wanted and same and _counted_alike(known, camera):
                if slot.worker is not None and slot.running:
                    slot.problem = ""
                    slot.worker.replace_queries(plan.queries)
                    if known is None or known.masks != camera.masks:
                        slot.worker.replace_masks(camera.masks)
                return None
            slot.wanted, slot.due_s, slot.problem = True, now_s, ""
            return slot.worker if slot.running else None

    def note_problem(self, slot: Slot, problem: str) -> None:
        """Take note of why a camera could not be started; it is not tried again by itself."""
        with self._lock:
            slot.problem, slot.due_s = problem, None

    def refuse(self, slot: Slot, problem: str) -> None:
        """Take note of why a camera cannot run as the database says; a run of it goes on."""
        with self._lock:
            slot.problem, slot.due_s, slot.wanted = problem, None, slot.running

    def plan_restart(self, slot: Slot, backoff: Backoff, now_s: float, problem: str = "") -> None:
        """Let a camera that failed be started again after a pause, if it is still wanted.

        Args:
            slot: The camera.
            backoff: The pauses.
            now_s: The monotonic clock.
            problem: Why it could not be started; empty if it was started, and failed then.
        """
        with self._lock:
            slot.problem, slot.due_s = problem, None
            if not slot.wanted:
                return
            lasted_s = 0.0 if problem else now_s - slot.started_s
            slot.pause_s = backoff.next_pause_s(slot.pause_s, lasted_s)
            slot.due_s = now_s + slot.pause_s
            slot.restarts += 1

    def close(self) -> tuple[CameraWorker, ...]:
        """Refuse further starts, cancel those under way; return what runs."""
        with self._lock:
            self._closed = True
            for camera in tuple(self._claims):
                self._cancel(camera)
            workers = (slot.worker for slot in self._slots.values())
            return tuple(worker for worker in workers if worker is not None and worker.running)

    def _find(self, camera: str) -> Slot:
        slot = self._slots.get(normalise_name(camera))
        if slot is None:
            known = ", ".join(sorted(self._slots)) or "none"
            raise CameraError(f"no camera {camera!r} is being counted; known: {known}")
        return slot

    def _cancel(self, camera: str) -> None:
        if camera in self._claims:
            self._claims[camera].cancelled = True


def _counted_alike(before: Camera | None, after: Camera) -> bool:
    """Return whether a camera is counted by the detector and judge as before."""
    if before is None:
        return not after.options.chooses
    first, second = before.options, after.options
    return (first.detector, first.verify) == (second.detector, second.verify)
