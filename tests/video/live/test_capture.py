import gc
import weakref
from contextlib import suppress

from ovd.domain.live import Transport
from ovd.errors import SourceLostError
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts, open_container
from ovd.video.live.capture import NetworkCapture
from ovd.video.uri import SourceUri
from tests.clips import glue, make_steady_clip, move_track
from tests.mjpeg_server import MjpegServer
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


def read_all(capture):
    frames = []
    with suppress(SourceLostError):
        while True:
            frames.append(capture.read())
    return frames


def test_http_camera_whose_track_moves_goes_on(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.ts")
    moved = move_track(tmp_path / "moved.ts", clip, 0x1011)
    sent = glue(tmp_path / "sent.ts", clip.read_bytes(), moved.read_bytes())
    timeouts = Timeouts(open_s=10.0, read_s=5.0)

    with MjpegServer([], sent) as server:
        uri = SourceUri.parse(server.url("/clip.mp4"))
        capture = NetworkCapture(uri, open_container(uri, timeouts), timeouts, SystemClock())
        received = read_all(capture)
        capture.close()

    assert len(received) == 40
