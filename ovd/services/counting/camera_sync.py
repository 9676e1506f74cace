"""CameraSync: brings a fleet in line with what the database says about cameras."""

import logging

from ovd.domain.cameras import Camera, CameraRepository
from ovd.domain.ports import Clock, SourceOptions
from ovd.errors import CameraError, CredentialsError, OvdError, StoreError
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.slots import CameraPlan, Slot, SlotTable
from ovd.services.events import CameraRemoved, EventHub
from ovd.threads import Caught, describe_failure, log_failure

_LOG = logging.getLogger(__name__)


class CameraSync:
    """Compares the cameras of the database with those of a fleet, and applies what changed.

    So a fleet counts the enabled cameras after a restart, and follows changes that another
    process makes. It starts nothing itself: a camera that is to run gets due.
    """

    def __init__(
        self,
        slots: SlotTable,
        cameras: CameraRepository,
        queries: CameraQueryReader,
        clock: Clock,
        events: EventHub,
    ) -> None:
        """Prepare to compare.

        Args:
            slots: The cameras of the fleet.
            cameras: The cameras of the database.
            queries: Reads their queries.
            clock: For when a camera is due.
            events: Told of cameras that were removed.
        """
        self._slots = slots
        self._cameras = cameras
        self._queries = queries
        self._clock = clock
        self._events = events
        self._applied: dict[str, tuple[Camera, tuple[str, ...]]] = {}
        self._problem = ""

    def step(self) -> None:
        """Apply what changed since the last step; a database that cannot be read is logged once."""
        try:
            cameras = {camera.name: camera for camera in self._cameras.all()}
            wanted = {
                name: (camera, self._queries.saved_texts(camera))
                for name, camera in cameras.items()
            }
        except StoreError as error:
            self._warn(f"changes of cameras cannot be read: {error}")
            return
        self._warn("")
        for slot in self._slots.all():
            if slot.camera is not None and slot.camera.name not in cameras:
                self._remove(slot)
        for camera in cameras.values():
            name = camera.name
            due = self._applied.get(name) != wanted[name] or self._was_displaced(camera)
            if due and self._try_apply(camera):
                self._applied[name] = wanted[name]
        for name in self._applied.keys() - cameras.keys():
            del self._applied[name]

    def _was_displaced(self, camera: Camera) -> bool:
        """Return whether a recording was counted under a camera's name, and has ended."""
        slot = self._slots.get(camera.name)
        return camera.enabled and slot is not None and slot.camera is None and not slot.running

    def _try_apply(self, camera: Camera) -> bool:
        """Return whether a camera was applied, or cannot be before it changes again."""
        slot = self._slots.get(camera.name)
        if slot is not None and slot.camera is None and slot.running:
            return False  # a recording is being counted under its name
        with Caught() as caught:
            if camera.enabled:
                return self._enable(camera, slot)
            if slot is not None:
                return self._disable(camera, slot)
        error = caught.error
        if error is None:
            return True
        if isinstance(error, StoreError):
            return False
        if not isinstance(error, OvdError):
            log_failure(_LOG, f"camera {camera.name} could not be set up", error)
        problem = str(error) if isinstance(error, OvdError) else describe_failure(error)
        self._refuse(camera, slot, problem)
        # The key of the credentials may be put back at any time.
        return not isinstance(error, CredentialsError)

    def _enable(self, camera: Camera, slot: Slot | None) -> bool:
        plan = CameraPlan(
            camera.name,
            self._cameras.find_address(camera.name),
            self._queries.read(camera),
            SourceOptions(sample_fps=camera.options.sample_fps, transport=camera.options.transport),
        )
        now_s = self._clock.monotonic()
        if slot is None or slot.camera is None:
            return self._slots.put(Slot(plan, camera, camera.uri, due_s=now_s), slot)
        stale = self._slots.change(slot, plan, camera, now_s)
        if stale is not None:
            stale.ask_to_stop()
        return True

    def _disable(self, camera: Camera, slot: Slot) -> bool:
        if slot.camera is None:
            return True
        if self._cameras.find(camera.name) != camera:
            return False  # it was started since the cameras were read
        worker = self._slots.stop_wanting(camera.name)
        if worker is not None and worker.running:
            worker.ask_to_stop()
        return True

    def _refuse(self, camera: Camera, slot: Slot | None, problem: str) -> None:
        if slot is None or slot.problem != problem:
            _LOG.warning("camera %s is not counted: %s", camera.name, problem)
        if slot is not None:
            self._slots.refuse(slot, problem)
            return
        plan = CameraPlan(camera.name, camera.uri, (), SourceOptions())
        self._slots.put(Slot(plan, camera, camera.uri, wanted=False, problem=problem))

    def _remove(self, slot: Slot) -> None:
        name = slot.plan.camera
        if self._is_kept(name):
            return  # it was added again since the cameras were read
        worker = self._slots.stop_wanting(name)
        if worker is not None and worker.running:
            worker.stop()
        self._slots.drop(name)
        self._events.publish(CameraRemoved(name))

    def _is_kept(self, name: str) -> bool:
        try:
            self._cameras.find(name)
        except CameraError:
            return False
        return True

    def _warn(self, problem: str) -> None:
        if problem and problem != self._problem:
            _LOG.warning("%s", problem)
        self._problem = problem
