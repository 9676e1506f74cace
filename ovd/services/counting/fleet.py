"""Fleet: cameras that are counted in the background, each in its own thread, by one detector."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ovd.domain.cameras import (
    CameraChanges,
    CameraOptions,
    CameraQuery,
    CameraSettings,
    check_camera_name,
)
from ovd.domain.live import OnUnreachable
from ovd.domain.names import normalise_name
from ovd.domain.ports import (
    CameraStatus,
    Capacity,
    FrameSource,
    HistoryPoint,
    LiveFrame,
    SourceOpener,
    SourceOptions,
)
from ovd.domain.query import Query
from ovd.domain.zones import Zone
from ovd.errors import CameraError
from ovd.services.cameras import CameraService, parse_camera_address, recording_error
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.camera_sync import CameraSync
from ovd.services.counting.capacity import measure_capacity
from ovd.services.counting.run import CountRun
from ovd.services.counting.service import CountService
from ovd.services.counting.slots import CameraPlan, Claim, Slot, SlotTable
from ovd.services.counting.supervisor import FleetSupervisor, SupervisionConfig
from ovd.services.counting.worker import CameraWorker
from ovd.services.events import CameraRemoved, CameraRenamed
from ovd.services.history.recent import recall_points
from ovd.services.live_view import LiveView
from ovd.threads import ThreadHealth


class Fleet:
    """Implements `ovd.domain.ports.CameraFleet`.

    Cameras are rows of the database: starting, stopping and changing one is written there, and
    `follow_database` counts those that are enabled. A recording is counted once and belongs to
    the fleet only. A camera whose counting failed (not one that is away, which its source waits
    for) is started again after a pause; others go on meanwhile.
    """

    def __init__(
        self,
        service: CountService,
        open_source: SourceOpener,
        queries: CameraQueryReader,
        frames_per_s: Callable[[], float | None] = lambda: None,
        supervision: SupervisionConfig | None = None,
        service_of: Callable[[CameraOptions], CountService] | None = None,
    ) -> None:
        """Make an empty fleet.

        Args:
            service: Counts, into the database whose cameras these are.
            open_source: Opens sources by their address.
            queries: Reads the queries of cameras.
            frames_per_s: How fast the detector is as of late, None while that is unknown.
            supervision: How cameras are looked after.
            service_of: Gives what counts a camera that chooses its detector or judge; None where
                none can choose.
        """
        self._service = service
        self._service_of = service_of or (lambda options: service)
        self._cameras = service.store.cameras
        self._open_source = open_source
        self._frames_per_s = frames_per_s
        self._live = LiveView(partial(recall_points, service.store.counts))
        service.events.subscribe("live view", self._live.handle)
        self._slots = SlotTable()
        clock, events = service.clock, service.events
        self._queries = queries
        self._sync = CameraSync(self._slots, self._cameras, queries, clock, events)
        self._supervisor = FleetSupervisor(
            self._slots, self._launch, clock, events, supervision or SupervisionConfig()
        )

    def start(
        self, camera: str, uri: str, queries: Sequence[Query], options: SourceOptions
    ) -> CameraStatus:
        """Open the source and start counting it; a camera that is only away is waited for.

        A live source becomes an enabled camera of the database, or changes that of its name. The
        address of one that is known may be given without its credentials.

        Raises:
            CameraError: If a camera of that name is being counted, or the name cannot be used.
            SourceOpenError: If the source cannot be read and is not just away.
            StoreError: If the database cannot be used.
        """
        name = check_camera_name(camera)
        slot = Slot(CameraPlan(name, self._complete(name, uri), tuple(queries), options))
        self._launch(self._slots.claim(name), slot, OnUnreachable.WAIT)
        self._supervisor.start()
        return self.status(name)

    def stop(self, camera: str) -> CameraStatus:
        """Stop counting and write what was counted; a camera that has ended stays as it is.

        Raises:
            CameraError: If no camera has that name.
            StoreError: If the database cannot be used; the camera was stopped all the same, and
                is counted again after the next start of the app.
        """
        slot = self._stop(camera)
        if slot.camera is not None:
            self._cameras.update(slot.camera.name, CameraChanges(enabled=False))
        return self.status(camera)

    def restart(self, camera: str) -> CameraStatus:
        """Stop the camera if it runs, and count it again as it was.

        Raises:
            CameraError: If no camera has that name.
            SourceOpenError: If the source cannot be read and is not just away.
            StoreError: If the database cannot be used.
        """
        plan = self._stop(camera).plan
        return self.start(plan.camera, plan.uri, plan.queries, plan.options)

    def remove(self, camera: str) -> None:
        """Stop the camera and take it off; its counts stay in the store.

        Raises:
            CameraError: If no camera has that name.
            StoreError: If the database cannot be used; the camera was stopped all the same.
        """
        slot = self._stop(camera)
        if slot.camera is not None:
            self._cameras.remove(slot.camera.name)
        self._slots.drop(camera)
        self._service.events.publish(CameraRemoved(slot.plan.camera))

    def rename(self, camera: str, name: str) -> None:
        """Give a camera another name, under which its history and its counting continue.

        One that is counted begins under its new name within seconds.

        Raises:
            CameraError: If there is no camera of that name, the new name is not free, or a
                recording is being counted under the old one.
            StoreError: If the database cannot be used; nothing was changed then.
        """
        slot = self._slots.get(normalise_name(camera))
        if slot is not None and slot.camera is None and slot.running:
            raise CameraError(
                f"camera {camera!r} counts a recording; rename it when that has ended"
            )
        self._cameras.update(camera, CameraChanges(name=name))
        if slot is not None:
            if slot.worker is not None and slot.running:
                slot.worker.stop()
            self._slots.drop(camera)
        self._service.events.publish(CameraRenamed(normalise_name(camera), normalise_name(name)))
        if slot is not None:
            self._service.events.publish(CameraRemoved(slot.plan.camera))

    def follow_database(self) -> None:
        """Count the enabled cameras of the database, and follow its changes; returns at once."""
        self._supervisor.follow(self._sync)
        self._supervisor.start()

    def set_queries(self, camera: str, queries: Sequence[Query]) -> None:
        """Count these queries from the next frame on.

        A camera without any counts nothing; the database keeps those it had before, because one
        that has none there is asked the saved queries.

        Raises:
            CameraError: If no camera has that name.
            StoreError: If the database cannot be used; the queries are as before then.
        """
        slot = self._slots.find(camera)
        if slot.camera is not None and slot.camera.options.chooses:
            queries = self._queries.read_again(slot.camera, queries)
        if slot.camera is not None and queries:
            self._cameras.update(slot.camera.name, CameraChanges(queries=_kept(queries)))
        self._slots.replace_queries(camera, queries)

    def replace_zones(self, camera: str, zones: Sequence[Zone]) -> None:
        """Count at these zones, which the database has, from the next frame on.

        What is followed goes on, and so do the counts of zones that stay.

        Raises:
            CameraError: If no camera has that name.
        """
        self._slots.replace_zones(camera, zones)

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
        """Return the health of the thread that restarts failed cameras."""
        return self._supervisor.threads

    def close(self) -> None:
        """Stop every camera; those that are enabled are counted again after the next start."""
        workers = self._slots.close()
        self._supervisor.close()
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop()

    def _launch(self, claim: Claim, slot: Slot, on_unreachable: OnUnreachable) -> None:
        """Open the source of a claimed camera and put it in its place, with a run that counts."""
        try:
            self._open(claim, slot, replace(slot.plan.options, on_unreachable=on_unreachable))
        finally:
            self._slots.release(claim)

    def _open(self, claim: Claim, slot: Slot, options: SourceOptions) -> None:
        plan, clock = slot.plan, self._service.clock
        source = self._open_source(plan.uri, plan.camera, options)
        try:
            run = self._open_run(source, slot)
        except BaseException:
            source.close()
            raise
        worker = CameraWorker(run, source, clock)
        if not self._slots.place(claim, slot, worker, clock.monotonic()):
            worker.stop()
            raise CameraError(f"camera {plan.camera!r} was stopped while it was being started")

    def _open_run(self, source: FrameSource, slot: Slot) -> CountRun:
        if slot.camera is None and not source.info.recorded:
            self._save(slot)
        plan = slot.plan
        if slot.camera is None:
            return self._service.open_run(source, plan.camera, plan.queries)
        if source.info.recorded:
            raise recording_error(plan.camera)
        service = self._service_of(slot.camera.options)
        return service.open_run_of(slot.camera, source, plan.queries)

    def _save(self, slot: Slot) -> None:
        """Keep a camera in the database, and run it exactly as the database says from now on."""
        plan, address = slot.plan, parse_camera_address(slot.plan.uri)
        kept = next((row for row in self._cameras.all() if row.name == plan.camera), None)
        options = replace(
            CameraOptions() if kept is None else kept.options,
            sample_fps=plan.options.sample_fps,
            transport=plan.options.transport,
        )
        settings = CameraSettings(plan.camera, address, _kept(plan.queries), options)
        slot.camera = CameraService(self._cameras).save(settings).camera
        slot.plan = replace(
            plan,
            uri=address.full_uri or plan.uri,
            options=SourceOptions(options.sample_fps, transport=options.transport),
        )

    def _complete(self, camera: str, uri: str) -> str:
        """Return the address with the credentials that are kept for the camera at this address."""
        known = {row.name: row for row in self._cameras.all()}.get(camera)
        if known is None or known.uri != uri or not known.complete:
            return uri
        return self._cameras.find_address(camera)

    def _stop(self, camera: str) -> Slot:
        worker = self._slots.stop_wanting(camera)
        if worker is not None and worker.running:
            worker.stop()
        return self._slots.find(camera)


def _kept(queries: Sequence[Query]) -> tuple[CameraQuery, ...]:
    return tuple(CameraQuery(query.text, query.min_score) for query in queries)
