"""Eight real RTSP cameras at once: one is killed and comes back, the others notice nothing."""

from itertools import pairwise
from pathlib import Path

import pytest

from ovd.detection.shared import SharedDetector
from ovd.domain.live import SourceState
from ovd.domain.ports import SourceOptions
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.fleet import Fleet
from ovd.services.counting.service import CountService
from ovd.video import open_source
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts
from ovd.video.live.policy import BackOff, StreamPolicy
from tests.builders import make_query
from tests.clips import make_steady_clip
from tests.fakes import FakeDetector, FakeReader, MemoryStore
from tests.rtsp_server import RtspServerProcess

NAMES = [f"camera {number}" for number in range(8)]
VICTIM = NAMES[0]
POLICY = StreamPolicy(Timeouts(20.0, 5.0), back_off=BackOff(0.05, 0.2))


class Yard:
    """A fleet that counts seven cameras of one server and one of another."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        detector = SharedDetector(FakeDetector(), SystemClock())
        service = CountService(detector, self.store, SystemClock())
        queries = CameraQueryReader(FakeReader(), self.store.saved_queries)
        self.fleet = Fleet(service, lambda *source: open_source(*source, POLICY), queries)

    def wait_for_frames(self, count: int, names: list[str]) -> None:
        """Return once each of these cameras counted so many frames more."""
        for name in names:
            seen = self.fleet.status(name).frames_counted
            until = seen + count
            while seen < until:
                newer = self.fleet.wait_newer(name, seen, 1.0)
                seen = newer.sequence if newer is not None else seen


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_steady_clip(tmp_path / "clip.mp4")


def test_camera_that_dies_troubles_no_other(clip: Path):
    yard = Yard()
    with RtspServerProcess(clip) as mortal, RtspServerProcess(clip) as lasting:
        for name in NAMES:
            url = mortal.url() if name == VICTIM else lasting.url()
            yard.fleet.start(name, url, [make_query()], SourceOptions(sample_fps=5.0))
        yard.wait_for_frames(2, NAMES)

        mortal.kill()
        yard.wait_for_frames(5, NAMES[1:])
        away = yard.fleet.status(VICTIM).health
        mortal.start()
        yard.wait_for_frames(2, [VICTIM])
        statuses = yard.fleet.statuses()
        yard.fleet.close()

    assert away.state is SourceState.AWAY
    assert [status.health.state for status in statuses] == [SourceState.GOOD] * 8
    assert [status.health.reconnects for status in statuses] == [1] + [0] * 7
    gaps = {run.camera.name: gap for run, gap in yard.store.counts.kept_gaps}
    assert list(gaps) == [VICTIM]
    moments = [
        result.frame.captured_at
        for run, result in yard.store.counts.results
        if run.camera.name == VICTIM
    ]
    widest = max(pairwise(moments), key=lambda pair: pair[1] - pair[0])
    assert widest[0] <= gaps[VICTIM].started_at < gaps[VICTIM].ended_at <= widest[1]
