"""RecentTracks: what was tracked in the last minutes, at which new lines and zones are tried."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ovd.domain.detections import Tracks
from ovd.domain.events import ZoneTally
from ovd.domain.frame import Frame
from ovd.domain.zones import Anchor, LineZone, Zone, require_distinct_names
from ovd.services.cameras.flow import propose_lines
from ovd.services.counting.tracking import LONGEST_GAP_S
from ovd.services.events import (
    CameraRemoved,
    Event,
    FrameCounted,
    GapObserved,
    RunEnded,
    RunStarted,
)
from ovd.tracking.counters import build_counter

KEPT_S = 120.0
MOST_FRAMES = 2400


@dataclass(frozen=True)
class ZoneTrial:
    """The outcome of a trial.

    Attributes:
        first_at: Capture time of the first frame, aware UTC; None where there is none.
        last_at: That of the last frame.
        frames: Number of frames.
        tallies: Events by zone and query.
    """

    first_at: datetime | None
    last_at: datetime | None
    frames: int
    tallies: tuple[ZoneTally, ...]


@dataclass(frozen=True, eq=False)
class _Tracked:
    """The tracks of one frame; its image is not kept."""

    frame: Frame
    tracks: Tracks
    after_gap: bool


@dataclass(eq=False)
class _Camera:
    frames: deque[_Tracked] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    after_gap: bool = False
    ended: bool = False


class RecentTracks:
    """Keeps the tracks of the last `KEPT_S` seconds of every camera.

    Subscribe `handle` to an `EventHub`. Every method may be called from any thread.
    """

    def __init__(self) -> None:
        """Begin without tracks."""
        self._lock = threading.Lock()
        self._cameras: dict[str, _Camera] = {}

    def handle(self, event: Event) -> None:
        """Take note of an event."""
        with self._lock:
            match event:
                case RunStarted(run):
                    self._cameras[run.camera.name] = _Camera()
                case FrameCounted(run, _, result):
                    known = self._cameras.setdefault(run.camera.name, _Camera())
                    _add(known, result.frame, result.tracks)
                case GapObserved(run, gap) if gap.duration_s > LONGEST_GAP_S:
                    self._cameras.setdefault(run.camera.name, _Camera()).after_gap = True
                case RunEnded(run):
                    self._cameras.setdefault(run.camera.name, _Camera()).ended = True
                case CameraRemoved(camera):
                    self._cameras.pop(camera, None)

    def try_zones(self, camera: str, zones: Sequence[Zone], seconds: float) -> ZoneTrial:
        """Count what the newest tracks of a camera did at zones that need not be kept.

        Counting begins with the first of the frames, as that of a run does, and gives what a run
        over the same frames gives.

        Args:
            camera: Name of the camera.
            zones: The zones.
            seconds: Length of the time before the newest frame.

        Raises:
            ZoneError: If two zones have the same name.
        """
        wanted = require_distinct_names(zones)
        with self._lock:
            known = self._cameras.get(camera)
            frames = [] if known is None else list(known.frames)
            ended = known is not None and known.ended
        if not frames:
            return ZoneTrial(None, None, 0, ())
        newest_at = frames[-1].frame.captured_at
        since = newest_at - timedelta(seconds=seconds)
        frames = [tracked for tracked in frames if tracked.frame.captured_at >= since]
        tallies = _count(frames, wanted, ended)
        return ZoneTrial(frames[0].frame.captured_at, newest_at, len(frames), tallies)

    def propose_lines(self, camera: str) -> tuple[LineZone, ...]:
        """Return lines across the flow of what a camera tracked lately; none where little moved."""
        with self._lock:
            known = self._cameras.get(camera)
            frames = [] if known is None else list(known.frames)
        paths: dict[int, list[NDArray[np.float64]]] = {}
        for tracked in frames:
            height, width = tracked.frame.size_hw
            tracks = tracked.tracks.where(tracked.tracks.confirmed)
            points_norm = Anchor.BOTTOM.points(tracks.detections.xyxy) / (width, height)
            for track_id, point in zip(tracks.track_id.tolist(), points_norm, strict=True):
                paths.setdefault(track_id, []).append(point)
        return propose_lines([np.array(path) for path in paths.values()])


def _add(camera: _Camera, frame: Frame, tracks: Tracks) -> None:
    without_image = replace(frame, image=np.broadcast_to(np.zeros(3, np.uint8), frame.image.shape))
    camera.frames.append(_Tracked(without_image, tracks, camera.after_gap))
    camera.after_gap = False
    oldest = frame.captured_at - timedelta(seconds=KEPT_S)
    while camera.frames and camera.frames[0].frame.captured_at < oldest:
        camera.frames.popleft()


def _count(frames: Sequence[_Tracked], zones: Sequence[Zone], ended: bool) -> tuple[ZoneTally, ...]:
    labels = frames[-1].tracks.detections.labels
    counters = {label: [build_counter(zone, label) for zone in zones] for label in labels}
    for tracked in frames:
        for label_id, label in enumerate(tracked.tracks.detections.labels):
            tracks = tracked.tracks.where(tracked.tracks.detections.label_id == label_id)
            for counter in counters.get(label, ()):
                if tracked.after_gap:
                    counter.end_all()
                counter.update(tracks, tracked.frame)
    every = [counter for of_label in counters.values() for counter in of_label]
    if ended:
        for counter in every:
            counter.end_all()
    return tuple(counter.tally() for counter in every)
