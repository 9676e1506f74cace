import socket
import threading
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from ovd.domain.events import Gap
from ovd.domain.ports import SourceOptions
from ovd.errors import SourceLostError, SourceOpenError
from ovd.render.annotate import encode_jpeg
from ovd.video import open_source
from ovd.video.capture import LivePicture
from ovd.video.container import Timeouts
from ovd.video.stream import StreamSource
from ovd.video.uri import SourceUri
from tests.builders import START
from tests.clips import make_picture, make_steady_clip, read_number
from tests.mjpeg_server import LOGIN, MjpegServer
from tests.rtsp_server import RtspServerProcess

PATIENCE = Timeouts(open_s=10.0, read_s=2.0)
CAMERA = SourceUri.parse("rtsp://camera.example/ch1")


class ScriptedCapture:
    """Sends numbered pictures, each as soon as the test lets it; then hangs up."""

    fps = 10.0

    def __init__(self, pictures=3, damaged=()):
        self._left = iter(range(pictures))
        self._damaged = damaged
        self.allowed = threading.Semaphore(0)
        self.closed = threading.Event()

    def read(self):
        self.allowed.acquire()
        number = next(self._left, None)
        if number is None:
            raise SourceLostError("lost camera: hung up")
        picture = make_picture(number)
        return LivePicture((64, 96), lambda: picture, number in self._damaged)

    def close(self):
        self.closed.set()

    def allow_rest(self):
        """Let everything arrive; returns when it has hung up."""
        self.allowed.release(100)
        assert self.closed.wait(5)


def open_scripted(capture, stall_s=5.0):
    capture.allowed.release()
    return StreamSource(CAMERA, "gate", SourceOptions(), capture, stall_s)


def collect(source):
    """Everything until the source is lost, and why it was; empty if it just ended."""
    items, lost = [], ""
    try:
        for item in source:
            items.append(item)
    except SourceLostError as error:
        lost = str(error)
    return items, lost


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_steady_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture(scope="module")
def rtsp(clip):
    with RtspServerProcess(clip) as server:
        yield server


@pytest.fixture(scope="module")
def http(clip):
    jpegs = [encode_jpeg(make_picture(number), quality=95) for number in range(20)]
    with MjpegServer(jpegs, clip) as server:
        yield server


def test_stream_yields_what_arrived_before_it_is_lost():
    capture = ScriptedCapture(pictures=1)
    source = open_scripted(capture)
    capture.allow_rest()

    items, lost = collect(source)

    assert [read_number(frame.image) for frame in items] == [0]
    assert lost == "lost camera: hung up"


def test_stream_keeps_only_the_newest_picture_for_a_slow_reader():
    capture = ScriptedCapture(pictures=50)
    source = open_scripted(capture)
    capture.allow_rest()

    items, _ = collect(source)

    assert [frame.index for frame in items] == [49]
    assert (source.frames_read, source.frames_skipped) == (50, 49)


def test_stream_stamps_frames_with_their_arrival():
    capture = ScriptedCapture(pictures=2)
    before = datetime.now(UTC)
    source = open_scripted(capture)
    frames = iter(source)

    first = next(frames)
    capture.allowed.release()
    second = next(frames)

    assert before <= first.captured_at <= second.captured_at <= datetime.now(UTC)
    assert first.time_s == 0.0
    step_s = (second.captured_at - first.captured_at).total_seconds()
    assert second.time_s == pytest.approx(step_s, abs=0.05)
    source.close()


def test_stream_damage_is_a_gap_from_the_last_good_picture_to_the_next():
    capture = ScriptedCapture(pictures=3, damaged={1})
    source = open_scripted(capture)
    frames = iter(source)
    first = next(frames)

    capture.allowed.release()
    gap, second = next(frames), next(frames)

    assert isinstance(gap, Gap)
    assert (gap.started_at, gap.ended_at) == (first.captured_at, second.captured_at)
    source.close()


def test_stream_whose_read_hangs_is_lost():
    source = open_scripted(ScriptedCapture(), stall_s=0.1)

    items, lost = collect(source)

    assert len(items) == 1
    assert lost == "lost rtsp://camera.example/ch1: no picture for 0.1 s"


def test_stream_closed_from_another_thread_ends_at_once():
    source = open_scripted(ScriptedCapture(), stall_s=60.0)
    frames = iter(source)
    next(frames)

    threading.Timer(0.05, source.close).start()

    assert list(frames) == []


def test_stream_hangs_up_when_closed():
    capture = ScriptedCapture(pictures=5)
    source = open_scripted(capture)

    source.close()
    capture.allowed.release()

    assert capture.closed.wait(5)


def test_stream_that_never_shows_a_picture_is_not_opened():
    capture = ScriptedCapture(pictures=0)

    with pytest.raises(SourceOpenError, match="hung up"):
        open_scripted(capture)

    assert capture.closed.is_set()


def test_rtsp_camera_is_read_live(rtsp):
    source = open_source(rtsp.url(), "gate", SourceOptions(), PATIENCE)

    frames = list(islice(source, 8))
    source.close()

    assert source.info.live
    assert source.info.size_hw == (64, 96)
    assert [read_number(frame.image) for frame in frames] == [frame.index for frame in frames]
    assert all(later.time_s > earlier.time_s for earlier, later in pairwise(frames))


def test_rtsp_camera_is_sampled_by_arrival(rtsp):
    options = SourceOptions(sample_fps=4.0)
    source = open_source(rtsp.url(), "gate", options, PATIENCE)

    times_s = [frame.time_s for frame in islice(source, 5)]
    source.close()

    assert 0.75 <= times_s[-1] <= 3.0


def test_rtsp_camera_that_hangs_up_is_lost(rtsp):
    source = open_source(rtsp.url(), "gate", SourceOptions(), PATIENCE)
    frames = iter(source)
    next(frames)

    rtsp.drop()
    _, lost = collect(frames)

    assert lost == f"lost {rtsp.url()}: the camera ended the stream"


def test_rtsp_camera_that_freezes_is_lost(rtsp):
    source = open_source(rtsp.url(), "gate", SourceOptions(), PATIENCE)
    frames = iter(source)
    next(frames)

    rtsp.freeze()
    _, lost = collect(frames)
    rtsp.thaw()

    assert lost == f"lost {rtsp.url()}: no picture within 2 s"


def test_rtsp_camera_is_asked_with_the_login_of_its_address(clip):
    with RtspServerProcess(clip, login="viewer:s3cret-pass") as server:
        source = open_source(server.url("viewer:s3cret-pass"), "gate", SourceOptions(), PATIENCE)
        source.close()

        for login in ("", "viewer:wr0ng-pass"):
            with pytest.raises(SourceOpenError, match="refused the user") as caught:
                open_source(server.url(login), "gate", SourceOptions(), PATIENCE)
            assert "wr0ng" not in str(caught.value)

    assert source.info.uri == server.url()


def test_unreachable_camera_is_refused_with_its_address():
    with pytest.raises(SourceOpenError, match=r"rtsp://127\.0\.0\.1:9/ch1: connection refused"):
        open_source("rtsp://me:hunter2@127.0.0.1:9/ch1", "gate", SourceOptions(), PATIENCE)


def test_port_that_stays_silent_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/ch1"

        with pytest.raises(SourceOpenError, match=r"no answer within 0\.3 s"):
            open_source(uri, "gate", SourceOptions(), Timeouts(open_s=0.3))


@pytest.mark.parametrize(("path", "login"), [("/live", ""), ("/private", LOGIN)])
def test_http_motion_jpeg_is_read_live(http, path, login):
    source = open_source(http.url(path, login), "gate", SourceOptions(), PATIENCE)

    frames = list(islice(source, 5))
    source.close()

    assert source.info.live
    assert [read_number(frame.image) for frame in frames] == [frame.index for frame in frames]


def test_http_recording_is_read_in_media_time(http):
    source = open_source(http.url("/clip.mp4"), "gate", SourceOptions(start_at=START), PATIENCE)

    frames = list(source)

    assert not source.info.live
    assert [read_number(frame.image) for frame in frames] == list(range(20))
    assert frames[-1].captured_at == START + timedelta(seconds=1.9)


def test_http_recording_whose_connection_breaks_is_lost(http):
    source = open_source(http.url("/cut.mp4"), "gate", SourceOptions(), PATIENCE)

    items, lost = collect(source)

    assert items
    assert lost.startswith(f"lost {http.url('/cut.mp4')} before its end")


@pytest.mark.parametrize(
    ("path", "message"),
    [("/page", "no video"), ("/nothing", "404"), ("/private", "refused the user")],
)
def test_http_address_that_is_no_camera_is_refused(http, path, message):
    with pytest.raises(SourceOpenError, match=message):
        open_source(http.url(path), "gate", SourceOptions(), PATIENCE)
