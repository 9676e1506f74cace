import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import av
import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import OnUnreachable, SourceHealth, SourceState, Transport
from ovd.domain.ports import SourceOptions
from ovd.errors import OpenFailure, SourceLostError, SourceOpenError
from ovd.render.annotate import encode_jpeg
from ovd.video import open_source
from ovd.video.decoding.container import Timeouts
from ovd.video.live.capture import LiveFrame
from ovd.video.live.policy import BackOff, StreamPolicy
from ovd.video.live.stillness import FROZEN_IMAGE
from ovd.video.live.stream import StreamSource
from ovd.video.uri import SourceUri
from tests.builders import START
from tests.clips import make_clip, make_image, make_steady_clip, read_number
from tests.mjpeg_server import LOGIN, MjpegServer
from tests.rtsp_server import RtspServerProcess

PATIENCE = StreamPolicy(Timeouts(open_s=10.0, read_s=1.0), back_off=BackOff(0.05, 0.2))
AWAY = SourceOpenError("cannot open camera: connection refused", OpenFailure.AWAY)
REFUSED = SourceOpenError("cannot open camera: wrong password", OpenFailure.REFUSED)
CAMERA = SourceUri.parse("rtsp://camera.example/ch1")


class ScriptedCapture:
    """Sends numbered images, each as soon as the test lets it; then hangs up."""

    fps = 10.0

    def __init__(self, frames=3, damaged=(), first=0):
        self._left = iter(range(first, first + frames))
        self._damaged = damaged
        self.allowed = threading.Semaphore(0)
        self.closed = threading.Event()

    def read(self):
        self.allowed.acquire()
        number = next(self._left, None)
        if number is None:
            raise SourceLostError("lost camera: hung up")
        image = make_image(number)
        return LiveFrame((64, 96), lambda: image, number in self._damaged)

    def close(self):
        self.closed.set()

    def allow_rest(self):
        """Let everything arrive; returns when it has hung up."""
        self.allowed.release(100)
        assert self.closed.wait(5)


def open_scripted(*attempts, freeze_s=20.0, **options):
    """A source whose connection attempts give these captures or errors; then none ends."""
    left = iter(attempts)

    def connect():
        attempt = next(left, None)
        if attempt is None:
            threading.Event().wait()
        if isinstance(attempt, SourceOpenError):
            raise attempt
        return attempt

    policy = StreamPolicy(freeze_s=freeze_s, back_off=BackOff(0.0, 0.0, 0.0))
    source = StreamSource(CAMERA, "gate", SourceOptions(**options), connect, policy)
    if isinstance(attempts[0], ScriptedCapture):
        attempts[0].allowed.release()
        assert source.wait_until_known() is None
    return source


def collect(source):
    """Everything until the source is lost, and why it was; empty if it just ended."""
    items, lost = [], ""
    try:
        for item in source:
            items.append(item)
    except SourceLostError as error:
        lost = str(error)
    return items, lost


def frames_until(items, number):
    """Items up to the image of this number."""
    taken = []
    for item in items:
        taken.append(item)
        if isinstance(item, Frame) and read_number(item.image) == number:
            return taken
    raise AssertionError(f"the source ended before frame {number}: {taken}")


def wait_until_away(source):
    with source._changed:
        assert source._changed.wait_for(lambda: source._outage is not None, 20)
    assert source.health.state is SourceState.AWAY


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_steady_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


@pytest.fixture(scope="module")
def rtsp(clip):
    with RtspServerProcess(clip) as server:
        yield server


@pytest.fixture(scope="module")
def http(clip):
    jpegs = [encode_jpeg(make_image(number), quality=95) for number in range(20)]
    with MjpegServer(jpegs, clip) as server:
        yield server


def test_stream_yields_what_arrived_before_it_is_lost_for_good():
    capture = ScriptedCapture(frames=1)
    source = open_scripted(capture, REFUSED)
    capture.allow_rest()

    items, lost = collect(source)

    assert [read_number(frame.image) for frame in items] == [0]
    assert lost == f"lost {CAMERA} for good: {REFUSED}"


def test_stream_keeps_only_the_newest_frame_for_a_slow_reader():
    capture = ScriptedCapture(frames=50)
    source = open_scripted(capture, REFUSED)
    capture.allow_rest()

    items, _ = collect(source)

    assert [frame.index for frame in items] == [49]
    assert (source.frames_read, source.health.frames_dropped) == (50, 49)


def test_stream_keeps_frames_for_a_reader_that_is_busy_for_a_moment():
    capture = ScriptedCapture(frames=5)
    source = open_scripted(capture, REFUSED)
    capture.allow_rest()

    items, _ = collect(source)

    assert [frame.index for frame in items] == [0, 1, 2, 3, 4]
    assert source.health.frames_dropped == 0


def test_stream_stamps_frames_with_their_arrival():
    capture = ScriptedCapture(frames=2)
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


def test_stream_damage_is_a_gap_from_the_last_good_frame_to_the_next():
    capture = ScriptedCapture(frames=3, damaged={1})
    source = open_scripted(capture)
    frames = iter(source)
    first = next(frames)

    capture.allowed.release()
    gap, second = next(frames), next(frames)

    assert isinstance(gap, Gap)
    assert (gap.started_at, gap.ended_at) == (first.captured_at, second.captured_at)
    source.close()


def test_stream_that_hangs_up_is_connected_again_and_the_time_between_is_a_gap():
    first, second = ScriptedCapture(frames=1), ScriptedCapture(frames=2, first=5)
    source = open_scripted(first, AWAY, second)
    frames = iter(source)
    before = next(frames)

    first.allow_rest()
    second.allowed.release()
    gap, after = next(frames), next(frames)

    assert gap == Gap("gate", before.captured_at, after.captured_at, "lost camera: hung up")
    assert (before.index, after.index) == (0, 1)
    assert source.health == SourceHealth(SourceState.GOOD, reconnects=1)
    source.close()


def test_stream_that_ends_while_the_camera_is_away_leaves_a_gap_until_then():
    capture = ScriptedCapture(frames=1)
    source = open_scripted(capture)
    frames = iter(source)
    before = next(frames)
    capture.allow_rest()
    wait_until_away(source)

    source.close()
    (gap,) = frames

    assert (gap.started_at, gap.reason) == (before.captured_at, "lost camera: hung up")
    assert gap.ended_at > gap.started_at


def test_stream_that_is_waited_for_begins_with_a_gap():
    capture = ScriptedCapture()
    source = open_scripted(AWAY, capture)
    capture.allowed.release()

    gap, frame = islice(source, 2)

    assert (gap.reason, gap.ended_at) == (str(AWAY), frame.captured_at)
    source.close()


def test_stream_that_stays_away_too_long_is_lost():
    source = open_scripted(AWAY, give_up_s=0.01)

    items, lost = collect(source)

    assert items == []
    assert lost == f"lost {CAMERA} for good: not back within 0.01 s; {AWAY}"


def test_stream_whose_read_hangs_is_read_by_another_thread(monkeypatch):
    monkeypatch.setattr("ovd.video.live.stream._GRACE_S", -4.95)
    hanging, other = ScriptedCapture(), ScriptedCapture(first=5)
    source = open_scripted(hanging, other)
    other.allowed.release()

    items = frames_until(source, 5)

    assert [type(item) for item in items] == [Frame, Gap, Frame]
    assert items[1].reason == f"lost {CAMERA}: no frame for 5 s"
    source.close()


def test_stream_closed_from_another_thread_ends_at_once():
    source = open_scripted(ScriptedCapture())
    frames = iter(source)
    next(frames)

    threading.Timer(0.05, source.close).start()

    assert list(frames) == []


def test_stream_hangs_up_when_closed():
    capture = ScriptedCapture(frames=5)
    source = open_scripted(capture)

    source.close()
    capture.allowed.release()

    assert capture.closed.wait(5)


def test_stream_that_never_shows_a_frame_says_why():
    capture = ScriptedCapture(frames=0)
    source = open_scripted(AWAY, capture)

    error = source.wait_until_known()

    assert error is AWAY
    source.close()


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


def test_rtsp_camera_loses_no_sample_while_counting_stalls(rtsp):
    options = SourceOptions(sample_fps=4.0)
    source = open_source(rtsp.url(), "gate", options, PATIENCE)
    frames = iter(source)
    before = next(frames)

    threading.Event().wait(1.2)
    resumed_at = datetime.now(UTC)
    waited = [frame for frame in islice(frames, 5) if frame.captured_at < resumed_at]
    source.close()

    assert source.health.frames_dropped == 0
    assert len(waited) >= 3
    assert waited[0].time_s - before.time_s < 0.75


def test_rtsp_camera_is_read_by_udp(rtsp):
    options = SourceOptions(transport=Transport.UDP)
    source = open_source(rtsp.url(), "gate", options, PATIENCE)

    frames = [item for item in islice(source, 4) if isinstance(item, Frame)]
    source.close()

    assert frames
    assert all(frame.size_hw == (64, 96) for frame in frames)


def test_rtsp_camera_that_hangs_up_is_back_after_a_gap(rtsp):
    source = open_source(rtsp.url(), "gate", SourceOptions(), PATIENCE)
    frames = iter(source)
    before = next(frames)

    rtsp.drop()
    gap = next(item for item in frames if isinstance(item, Gap))
    after = next(frames)
    source.close()

    assert gap.reason == f"lost {rtsp.url()}: the camera ended the stream"
    assert before.captured_at <= gap.started_at < gap.ended_at <= after.captured_at


def test_rtsp_camera_that_is_killed_and_started_again_is_back(clip):
    with RtspServerProcess(clip) as server:
        source = open_source(server.url(), "gate", SourceOptions(), PATIENCE)
        frames = iter(source)
        next(frames)

        server.kill()
        died_at = datetime.now(UTC)
        wait_until_away(source)
        server.start()
        back_at = datetime.now(UTC)
        gap = next(item for item in frames if isinstance(item, Gap))
        source.close()

    assert abs(gap.started_at - died_at) < timedelta(seconds=1)
    assert gap.ended_at >= back_at


def test_rtsp_camera_that_freezes_is_connected_again(rtsp):
    source = open_source(rtsp.url(), "gate", SourceOptions(), PATIENCE)
    frames = iter(source)
    next(frames)

    rtsp.freeze()
    wait_until_away(source)
    rtsp.thaw()
    gap = next(item for item in frames if isinstance(item, Gap))
    source.close()

    assert gap.reason == f"lost {rtsp.url()}: no frame within 1 s"
    assert gap.duration_s >= 1.0


def test_rtsp_camera_that_sends_garbage_is_back_after_a_gap(rtsp):
    source = open_source(rtsp.url(), "gate", SourceOptions(), PATIENCE)
    frames = iter(source)
    next(frames)

    rtsp.garble()
    rtsp.drop()
    wait_until_away(source)
    rtsp.mend()
    gap = next(item for item in frames if isinstance(item, Gap))
    source.close()

    assert gap.duration_s > 0


def test_rtsp_camera_may_change_its_resolution(clip, tmp_path):
    large = make_clip(tmp_path / "large.mp4", [n / 10 for n in range(20)], size_hw=(96, 128))
    with RtspServerProcess(clip, large) as server:
        source = open_source(server.url(), "gate", SourceOptions(), PATIENCE)
        frames = (item for item in source if isinstance(item, Frame))
        first = next(frames)

        server.switch()
        later = next(frame for frame in frames if frame.size_hw != first.size_hw)
        source.close()

    assert (first.size_hw, later.size_hw) == ((64, 96), (96, 128))


def test_rtsp_camera_that_stands_still_is_a_gap(clip, tmp_path):
    still = make_clip(tmp_path / "still.mp4", [0.0])
    policy = replace(PATIENCE, freeze_s=0.3)
    with RtspServerProcess(clip, still) as server:
        source = open_source(server.url(), "gate", SourceOptions(), policy)
        frames = iter(source)
        next(frames)

        server.switch()
        threading.Timer(1.0, server.switch).start()
        gap = next(item for item in frames if isinstance(item, Gap))
        source.close()

    assert gap.reason == FROZEN_IMAGE
    assert gap.duration_s >= 0.3


def test_rtsp_camera_with_an_unknown_codec_is_refused(clip):
    with (
        RtspServerProcess(clip, codec="X-UNHEARD-OF") as server,
        pytest.raises(SourceOpenError, match=r"no decoder|no video") as caught,
    ):
        open_source(server.url(), "gate", SourceOptions(), PATIENCE)

    assert caught.value.failure is OpenFailure.UNUSABLE


def test_rtsp_camera_that_begins_to_refuse_the_password_is_asked_once(clip):
    with RtspServerProcess(clip) as server:
        source = open_source(server.url("viewer:old-pass"), "gate", SourceOptions(), PATIENCE)
        frames = iter(source)
        next(frames)

        server.kill()
        with RtspServerProcess(clip, login="viewer:new-pass", port=server.port) as locked:
            _, lost = collect(frames)
            refusals = locked.refusals()

    assert "refused the user or password" in lost
    assert "old-pass" not in lost
    assert refusals <= 2


def test_rtsp_camera_is_asked_with_the_login_of_its_address(clip):
    with RtspServerProcess(clip, login="viewer:s3cret-pass") as server:
        source = open_source(server.url("viewer:s3cret-pass"), "gate", SourceOptions(), PATIENCE)
        source.close()

        with pytest.raises(SourceOpenError, match="refused the user") as caught:
            open_source(server.url("viewer:wr0ng-pass"), "gate", SourceOptions(), PATIENCE)
        assert "wr0ng" not in str(caught.value)

    assert source.info.uri == server.url()


def test_unreachable_camera_is_refused_with_its_address():
    with pytest.raises(SourceOpenError, match=r"rtsp://127\.0\.0\.1:9/ch1: connection refused"):
        open_source("rtsp://me:hunter2@127.0.0.1:9/ch1", "gate", SourceOptions(), PATIENCE)


def test_host_that_does_not_exist_is_refused():
    with pytest.raises(SourceOpenError, match="host"):
        open_source("rtsp://no-such-host.invalid/ch1", "gate", SourceOptions(), PATIENCE)


def test_camera_that_is_away_is_waited_for_when_wanted(clip):
    with RtspServerProcess(clip) as server:
        server.kill()
        options = SourceOptions(on_unreachable=OnUnreachable.WAIT)
        source = open_source(server.url(), "gate", options, PATIENCE)
        away = source.health.state
        server.start()
        gap, frame = islice(source, 2)
        source.close()

    assert away is SourceState.AWAY
    assert gap.reason.endswith("connection refused")
    assert frame.size_hw == source.info.size_hw == (64, 96)


def test_port_that_stays_silent_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/ch1"

        with pytest.raises(SourceOpenError, match=r"no answer within 0\.3 s"):
            open_source(uri, "gate", SourceOptions(), StreamPolicy(Timeouts(open_s=0.3)))


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


def write_transport_stream(clip: Path, path: Path) -> Path:
    """The clip in a container that declares no duration."""
    with av.open(str(clip)) as source, av.open(str(path), "w", format="mpegts") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_http_recording_is_no_camera_and_is_not_read_again(clip, tmp_path, suffix):
    served = clip if suffix == ".mp4" else write_transport_stream(clip, tmp_path / "clip.ts")
    options = SourceOptions(on_unreachable=OnUnreachable.DEFER)
    with MjpegServer([], served) as server:
        source = open_source(server.url("/clip.mp4"), "gate", options, PATIENCE)
        items, lost = collect(source)

    assert items == []
    assert "is a recording, which would be counted anew whenever it ends" in lost


def test_http_recording_without_a_duration_ends(clip, tmp_path):
    with MjpegServer([], write_transport_stream(clip, tmp_path / "clip.ts")) as server:
        source = open_source(server.url("/clip.mp4"), "gate", SourceOptions(), PATIENCE)
        frames = list(source)

    assert source.info.recorded
    assert [read_number(frame.image) for frame in frames] == list(range(20))


def test_http_recording_whose_connection_breaks_is_lost(http):
    source = open_source(http.url("/cut.mp4"), "gate", SourceOptions(), PATIENCE)

    items, lost = collect(source)

    assert items
    assert lost.startswith(f"lost {http.url('/cut.mp4')} before its end")


@pytest.mark.parametrize(
    ("path", "message"),
    [("/page", "no video"), ("/nothing", "404"), ("/private", "needs a user and a password")],
)
def test_http_address_that_is_no_camera_is_refused(http, path, message):
    with pytest.raises(SourceOpenError, match=message):
        open_source(http.url(path), "gate", SourceOptions(), PATIENCE)
