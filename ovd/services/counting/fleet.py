"""Fleet: cameras that are counted in the background, each in its own thread, by one detector."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

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
from ovd.errors import CameraError
from ovd.services.counting.capacity import measure_capacity
from ovd.services.counting.fleet_plan import KeptCamera, PlanFile
from ovd.services.counting.run import CountService
from ovd.services.counting.slots import CameraPlan, Claim, Slot, SlotTable
from ovd.services.counting.supervisor import FleetSupervisor, SupervisionConfig
from ovd.services.counting.worker import CameraWorker
from ovd.services.events import CameraRemoved
from ovd.services.live_view import LiveView
from ovd.threads import ThreadHealth
from ovd.video.uri import SourceUri

NOT_COMPLETE = (
    "its password is not kept: start it again with its address, or add it with {NAME} references "
    "to environment variables, see ovd cameras add"
)
_LOG = logging.getLogger(__name__)


class Fleet:
    """Implements `ovd.domain.ports.CameraFleet`.

    A live camera whose counting failed (not one that is away, which its source waits for) is
    started again after a pause; others go on meanwhile.
    """

    def __init__(
        self,
        service: CountService,
        open_source: SourceOpener,
        plans: PlanFile | None = None,
        frames_per_s: Callable[[], float | None] = lambda: None,
        supervision: SupervisionConfig | None = None,
    ) -> None:
        """Make an empty fleet.

        Args:
            service: Counts.
            open_source: Opens sources by their address.
            plans: Where to remember what runs; None forgets it.
            frames_per_s: How fast the detector is as of late, None while that is unknown.
            supervision: How cameras are looked after.
        """
        self._service = service
        self._open_source = open_source
        self._plans = plans
        self._frames_per_s = frames_per_s
        self._live = LiveView()
        service.events.subscribe("live view", self._live.handle)
        self._slots = SlotTable()
        self._supervisor = FleetSupervisor(
            self._slots, self._launch, service.clock, service.events, supervision
        )

    def start(
        self, camera: str, uri: str, queries: Sequence[Query], options: SourceOptions
    ) -> CameraStatus:
        """Open the source and start counting it; a camera that is only away is waited for.

        Raises:
            CameraError: If a camera of that name is being counted, or the name is blank.
            SourceOpenError: If the source cannot be read and is not just away.
            StoreError: If the database cannot be used.
        """
        if not camera.strip():
            raise CameraError('a camera needs a name; give it one such as "gate"')
        slot = Slot(CameraPlan(camera, uri, tuple(queries), options))
        self._launch(self._slots.claim(camera), slot, Patience.AWAY)
        self._supervisor.start()
        self._remember()
        return self.status(camera)

    def stop(self, camera: str) -> CameraStatus:
        """Stop counting and write what was counted; a camera that has ended stays as it is."""
        worker = self._slots.stop_wanting(camera)
        if worker is not None and worker.running:
            worker.stop()
        self._remember()
        return self.status(camera)

    def restart(self, camera: str) -> CameraStatus:
        """Stop the camera if it runs, and count it again as it was.

        Raises:
            CameraError: If no camera has that name, or its password is not known any more.
            SourceOpenError: If the source cannot be read and is not just away.
        """
        slot = self._slots.find(camera)
        if slot.problem == NOT_COMPLETE:
            raise CameraError(f"camera {camera!r} cannot be started: {slot.problem}")
        plan = slot.plan
        self.stop(camera)
        return self.start(camera, plan.uri, plan.queries, plan.options)

    def remove(self, camera: str) -> None:
        """Stop the camera and forget it; its counts stay in the store.

        Raises:
            CameraError: If no camera has that name.
        """
        self.stop(camera)
        self._slots.drop(camera)
        self._service.events.publish(CameraRemoved(camera))

    def resume(self, reader: QueryReader) -> None:
        """Go on with the cameras that were being counted when the app ended; returns at once.

        One whose password was typed, and is therefore not kept, is listed as interrupted.
        """
        if self._plans is None:
            return
        for kept in self._plans.load():
            queries = tuple(reader.read(text, score) for text, score in kept.queries)
            slot = Slot(CameraPlan(kept.camera, kept.uri, queries, kept.options), kept.uri)
            if kept.complete:
                slot.due_s = self._service.clock.monotonic()
            else:
                slot.problem = NOT_COMPLETE
                _LOG.warning("camera %s is not counted: %s", kept.camera, NOT_COMPLETE)
            self._slots.add(slot)
        self._supervisor.start()

    def set_queries(self, camera: str, queries: Sequence[Query]) -> None:
        """Count these queries from the next frame on."""
        self._slots.replace_queries(camera, queries)
        self._remember()

    def status(self, camera: str) -> CameraStatus:
        """Return how one camera stands; does no I/O.

        Raises:
            CameraError: If no camera has that name.
        """
        return self._slots.find(camera).status()

    def statuses(self) -> tuple[CameraStatus, ...]:
        """Return how all cameras stand, by name; does no I/O."""
        return tuple(slot.status() for slot in self._slots.all())

    def capacity(self) -> Capacity:
        """Return what this machine gets through, and what is asked of it."""
        return measure_capacity(self._frames_per_s(), self.statuses())

    def latest(self, camera: str) -> LiveFrame | None:
        """Return the newest counted frame, None before the first."""
        self._slots.find(camera)
        return self._live.latest(camera)

    def wait_newer(self, camera: str, than: int, timeout_s: float) -> LiveFrame | None:
        """Wait for a frame with another sequence number than `than`.

        Returns:
            The frame, or None when the time is up or the run ended without one.
        """
        self._slots.find(camera)
        return self._live.wait_newer(camera, than, timeout_s)

    def history(self, camera: str) -> tuple[HistoryPoint, ...]:
        """Return recent counts, oldest first."""
        self._slots.find(camera)
        return self._live.history(camera)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """How the thread stands that starts failed cameras again."""
        return self._supervisor.threads

    def close(self) -> None:
        """Stop every camera; what was running is still remembered."""
        workers = self._slots.close()
        self._supervisor.close()
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop()

    def _launch(self, claim: Claim, slot: Slot, patience: Patience) -> None:
        """Open the source of a claimed camera and put it in its place, with a run that counts."""
        try:
            self._open(claim, slot, replace(slot.plan.options, patience=patience))
        finally:
            self._slots.release(claim)

    def _open(self, claim: Claim, slot: Slot, options: SourceOptions) -> None:
        plan = slot.plan
        source = self._open_source(plan.uri, plan.camera, options)
        try:
            run = self._service.open_run(source, plan.camera, plan.queries)
        except BaseException:
            source.close()
            raise
        worker = CameraWorker(run, source, self._service.clock)
        if not self._slots.place(claim, slot, worker, self._service.clock.monotonic()):
            worker.stop()
            raise CameraError(f"camera {plan.camera!r} was stopped while it was being started")

    def _remember(self) -> None:
        if self._plans is None:
            return
        self._plans.save([_keep(slot) for slot in self._slots.all() if slot.wanted and slot.live])


def _keep(slot: Slot) -> KeptCamera:
    plan = slot.plan
    return KeptCamera(
        camera=plan.camera,
        uri=slot.shown_uri,
        complete=slot.problem != NOT_COMPLETE and SourceUri.parse(plan.uri).complete,
        queries=tuple((query.text, query.min_score) for query in plan.queries),
        sample_fps=plan.options.sample_fps,
        transport=plan.options.transport,
    )
