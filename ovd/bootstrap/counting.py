"""Sources of frames, and what counts in them."""

from ovd.detection.tiling.choice import tile_camera
from ovd.detection.tiling.layout import NO_TILES
from ovd.domain.ports import CountStore, Detector, FrameSource, SourceOpener, SourceOptions
from ovd.domain.ports.judging import Verification
from ovd.services.counting.motion_gate import GateConfig
from ovd.services.counting.recount import RecountService
from ovd.services.counting.service import CountService, DetectionConfig
from ovd.services.events import EventHub
from ovd.settings import Settings, environment
from ovd.tracking.tracker import MotionTracker
from ovd.video import open_source as open_video
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts
from ovd.video.live.policy import StreamPolicy
from ovd.video.uri import SourceUri, same_file


def build_counter(
    detector: Detector,
    store: CountStore,
    events: EventHub | None = None,
    skip_still: bool = False,
    tiles: str = NO_TILES,
    verification: Verification | None = None,
) -> CountService:
    """Return the counting loop; `skip_still` takes over what was found in a still scene.

    Raises:
        SettingsError: If `tiles` cannot be read; see `TileLayout.parse`.
    """
    gate = GateConfig() if skip_still else None
    config = DetectionConfig(gate, tile_camera(tiles), verification)
    return CountService(detector, store, SystemClock(), events, MotionTracker, config)


def build_recounter(
    detector: Detector,
    store: CountStore,
    events: EventHub | None = None,
    tiles: str = NO_TILES,
    verification: Verification | None = None,
) -> RecountService:
    """Return what counts new queries in recordings of the store's cameras."""
    counter = build_counter(detector, store, events, tiles=tiles, verification=verification)
    return RecountService(counter, store, same_file)


def build_opener(settings: Settings) -> SourceOpener:
    """Build what opens videos, image folders, streams and webcams; see `ovd.video.open_source`."""
    policy = StreamPolicy(
        timeouts=Timeouts(settings.open_timeout_s, settings.read_timeout_s),
        transport=settings.rtsp_transport,
        freeze_s=settings.freeze_s,
    )

    def open_source(uri: str, camera: str, options: SourceOptions) -> FrameSource:
        return open_video(uri, camera, options, policy, environment())

    return open_source


def default_camera_name(uri: str) -> str:
    """A camera name for a source that was given none, without credentials."""
    return SourceUri.parse(uri).default_camera
