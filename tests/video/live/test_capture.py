import gc
import weakref

from ovd.domain.live import Transport
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts, open_container
from ovd.video.live.capture import NetworkCapture
from ovd.video.uri import SourceUri
from tests.clips import make_steady_clip
from tests.rtsp_server import RtspServerProcess


def test_closed_capture_is_let_go_of_without_the_garbage_collector(tmp_path):
    timeouts = Timeouts(open_s=10.0, read_s=5.0)
    gc.collect()
    gc.disable()
    try:
        with RtspServerProcess(make_steady_clip(tmp_path / "clip.mp4")) as server:
            uri = SourceUri.parse(server.url())
            container = open_container(uri, timeouts, Transport.TCP)
            capture = NetworkCapture(uri, container, timeouts, SystemClock())
            frame = capture.read()
            capture.close()
        left = weakref.ref(capture)
        del capture, container

        assert left() is None
        assert frame.to_image().shape[:2] == frame.size_hw
    finally:
        gc.enable()
