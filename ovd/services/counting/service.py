"""CountService: opens runs that count the queries of a camera."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ovd.domain.cameras import Camera, CameraChanges
from ovd.domain.ports import Clock, CountStore, Detector, FrameSource, RecordingSource, SourceInfo
from ovd.domain.ports.judging import Verification
from ovd.domain.query import Query
from ovd.domain.records import Recording
from ovd.domain.tracking import TrackerFactory
from ovd.domain.zones import Mask, Zone
from ovd.services.counting.motion_gate import GateConfig
from ovd.services.counting.run import ActiveQueries, CountRun, RunContext
from ovd.services.counting.tracking import Follower
from ovd.services.events import EventHub
from ovd.video.uri import keeps_address


@dataclass(frozen=True)
class DetectionConfig:
    """Settings of the way from the frames of a run to the detector.

    Attributes:
        gate: When a camera's scene counts as still; None detects in every frame that differs from
            the one before. Every frame of a recording is detected in.
        per_camera: Makes of the shared detector what one run uses, such as one that remembers the
            camera's earlier frames; None uses it as it is.
        verification: Judge that decides about tracks, where objects are tracked; None for none.
    """

    gate: GateConfig | None = None
    per_camera: Callable[[Detector], Detector] | None = None
    verification: Verification | None = None


class CountService:
    """Counts queries in the frames of a source; hands results to the store, then to events."""

    def __init__(
        self,
        detector: Detector,
        store: CountStore,
        clock: Clock,
        events: EventHub | None = None,
        make_tracker: TrackerFactory | None = None,
        config: DetectionConfig | None = None,
    ) -> None:
        """Prepare the service.

        Args:
            detector: Finds what is counted.
            store: Keeps the counts.
            clock: Wall clock and pacing.
            events: Told of every frame, gap and end of a run once the store has them.
            make_tracker: Makes what tracks objects; without it nothing is tracked, so unique
                counts and zones are unknown.
            config: How frames reach the detector; None shows it every frame as it is.
        """
        self.store = store
        self.clock = clock
        self.events = events or EventHub()
        self._detector = detector
        self._make_tracker = make_tracker
        config = config or DetectionConfig()
        self._per_camera = config.per_camera
        self._context = RunContext(
            detector, store, clock, self.events, config.gate, config.verification
        )

    def open_run(
        self,
        source: FrameSource,
        camera: str,
        queries: Sequence[Query],
        zones: Sequence[Zone] | None = None,
        masks: Sequence[Mask] | None = None,
    ) -> CountRun:
        """Start a run; enter it, then iterate it.

        The camera takes the address of the source, but keeps that of a stream when a recording is
        counted under its name.

        Args:
            source: An open source; the run closes it.
            camera: Name under which the counts are kept.
            queries: What to count. Unsupported ones are reported, never counted.
            zones: Zones to set for the camera; None leaves it those it has.
            masks: Masks to set for the camera, likewise.

        Raises:
            ZoneError: If two zones, or two masks, have the same name.
            StoreError: If the database cannot be used; nothing was recorded then.
        """
        record = self.store.cameras.record(camera, self._address(camera, source.info))
        if zones is not None:
            self.store.zones.replace(record, zones)
        if masks is not None:
            changes = CameraChanges(masks=tuple(masks))
            record = self.store.cameras.update(record.name, changes)
        return self.open_run_of(record, source, queries)

    def _address(self, camera: str, info: SourceInfo) -> str:
        kept = next((known.uri for known in self.store.cameras.all() if known.name == camera), None)
        if kept is None or info.live or not keeps_address(kept, info.uri):
            return info.uri
        return kept

    def open_run_of(
        self, camera: Camera, source: FrameSource, queries: Sequence[Query]
    ) -> CountRun:
        """Start a run of a camera that the store knows; its record stays as it is.

        Its zones are those that are set for the camera as the run begins.

        Raises:
            StoreError: If the database cannot be used; nothing was recorded then.
        """
        info = self._detector.info
        recording = self._place_recording(camera, source)
        verification = self._context.verification
        name = info.name if verification is None else f"{info.name}+{verification.recorded_as}"
        run = self.store.runs.start(
            camera, name, info.weights_sha256, self.clock.now(), info.computation, recording
        )
        zones = self.store.zones.of(camera)
        interval_s = source.info.sample_interval_s
        follower = Follower(self.store, run, zones, self._make_tracker, interval_s)
        context = self._context
        if self._per_camera is not None:
            context = replace(context, detector=self._per_camera(self._detector))
        return CountRun(context, source, run, ActiveQueries(queries), follower)

    def _place_recording(self, camera: Camera, source: FrameSource) -> Recording | None:
        """Return what is counted; the camera's earlier runs of it tell when it was taken."""
        recording = source.info.recording
        if recording is None or recording.start_given or not isinstance(source, RecordingSource):
            return recording
        earlier = (run.recording for run in self.store.runs.all(camera.name))
        known = next((one for one in earlier if one and one.id == recording.id), None)
        if known is not None:
            source.begin_at(known.start_at)
        return known or recording
