"""StreamSource: a live camera as frames stamped with their arrival, without lasting lag."""

import threading
from collections.abc import Iterator

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import Clock, SourceInfo, SourceOptions
from ovd.errors import OpenFailure, SourceError, SourceLostError, SourceOpenError
from ovd.video.clock import ArrivalClock, Stamp, SystemClock
from ovd.video.live.arrival_buffer import Arrival, ArrivalBuffer
from ovd.video.live.capture import LiveFrame
from ovd.video.live.connect import Connect
from ovd.video.live.policy import StreamPolicy
from ovd.video.live.reachability import REACH_S
from ovd.video.live.reader import CameraReader
from ovd.video.live.stillness import StillnessMonitor
from ovd.video.sampling import ArrivalSampler
from ovd.video.uri import SourceUri

DAMAGED_STREAM = "damaged stream"
CLOCK_SET_FORWARD = "clock set forward"
NO_FRAME = "no frame"
# What a camera is taken to send before it says so.
_USUAL_FPS = 25.0
_GRACE_S = 2.0
_LONGEST_WAIT_S = 0.5


class StreamSource:
    """Implements `ovd.domain.ports.FrameSource` for a live camera that may come and go.

    A thread reads the camera as fast as it sends, so that lag cannot grow, and keeps the frames
    that the sampling rate admits until they are counted, but not for long: see
    `ovd.video.live.arrival_buffer.ArrivalBuffer`. `captured_at` is when it arrived, in UTC, see
    `ovd.video.clock.ArrivalClock`; `time_s` is counted on a clock that never steps. A camera that
    is lost is connected again, for as long as the options say; the time between is a gap.
    """

    def __init__(
        self,
        uri: SourceUri,
        camera: str,
        options: SourceOptions,
        connect: Connect,
        policy: StreamPolicy,
    ) -> None:
        """Start connecting in the background.

        Args:
            uri: The camera; for messages.
            camera: Name of the camera.
            options: `sample_fps` and `give_up_s` apply to a live source.
            connect: Opens the camera; called again after every loss.
            policy: How it is treated.
        """
        self._uri = uri
        self._camera = camera
        self._options = options
        self._connect = connect
        self._policy = policy
        self._clock: Clock = SystemClock()
        self._arrivals = ArrivalClock(self._clock)
        self._sampler = ArrivalSampler(options.sample_fps)
        self._buffer = ArrivalBuffer()
        self._stillness = StillnessMonitor(camera, policy.freeze_s)
        self._closed = threading.Event()
        self._changed = threading.Condition()
        self._final: SourceError | None = None
        self._last = self._arrivals.stamp()
        self._first_s: float | None = None
        self._outage: SourceError | None = None
        self._reconnects = -1
        self._fps = _USUAL_FPS
        self._size_hw = (0, 0)
        self.frames_read = 0
        self._reader = self._start_reader()

    @property
    def info(self) -> SourceInfo:
        """Return the facts known so far; the size is (0, 0) before the first frame."""
        sample_fps = self._options.sample_fps
        rate = self._fps if sample_fps is None else min(self._fps, sample_fps)
        return SourceInfo(self._uri.redacted, self._size_hw, self._fps, None, 1 / rate, live=True)

    @property
    def health(self) -> SourceHealth:
        """Return its current health."""
        with self._changed:
            outage, watched = self._outage or self._final, self._stillness.state
            state, detail = SourceState.GOOD, ""
            if outage is not None:
                state, detail = SourceState.AWAY, str(outage)
            elif self._first_s is None:
                state = SourceState.CONNECTING
            elif watched is not SourceState.GOOD:
                state, detail = watched, watched.value
            dropped = self._buffer.dropped
            return SourceHealth(state, detail, max(self._reconnects, 0), dropped)

    def wait_until_known(self) -> SourceOpenError | None:
        """Wait for the first frame, or for the first attempt to fail.

        Returns:
            Why it failed, None when there is a frame.
        """
        limit_s = REACH_S + 2 * self._policy.timeouts.open_s + _GRACE_S
        with self._changed:
            self._changed.wait_for(
                lambda: bool(self._first_s is not None or self._outage or self._final), limit_s
            )
            error = self._final or self._outage
            if self._first_s is not None:
                return None
        if isinstance(error, SourceOpenError):
            return error
        if error is not None:
            return SourceOpenError(f"no frame came: {error}", OpenFailure.AWAY)
        return SourceOpenError(
            f"cannot open {self._uri}: no frame within {limit_s:g} s", OpenFailure.AWAY
        )

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield frames as they are sampled; ends when the source is closed.

        Raises:
            SourceLostError: When the camera refuses the user, or was away for too long.
        """
        while True:
            item, ended = self._buffer.take(_LONGEST_WAIT_S)
            if item is not None:
                yield from self._judge(item)
            if self._closed.is_set():
                break
            if ended:
                yield from self._stillness.flush()
                raise SourceLostError(f"lost {self._uri} for good: {self._final}")
            self._replace_dead_reader()
            self._give_up()
        yield from self._stillness.flush()
        yield from self._unfinished_outage()

    def close(self) -> None:
        """End a running iteration at once; the connection is dropped after the read under way."""
        self._closed.set()
        self._reader.stop()
        self._buffer.end()

    def connected(self, fps: float) -> None:
        """Implements `Listener`."""
        with self._changed:
            self._fps = fps

    def received(self, frame: LiveFrame) -> None:
        """Implements `Listener`."""
        with self._changed:
            stamp = self._arrivals.stamp()
            reason = self._reason_of_gap(frame, stamp)
            if self._first_s is None:
                self._first_s, self._size_hw = stamp.time_s, frame.size_hw
            if reason:
                self._buffer.put_gap(Gap(self._camera, self._last.at, stamp.at, reason))
            self._reconnects += self._outage is not None or self._reconnects < 0
            self._outage, self._last = None, stamp
            if self._sampler.admits(stamp.time_s):
                time_s = stamp.time_s - self._first_s
                self._buffer.put(Arrival(frame, self.frames_read, time_s, stamp.at))
            self.frames_read += 1
            self._changed.notify_all()

    def lost(self, error: SourceError) -> None:
        """Implements `Listener`."""
        with self._changed:
            self._outage = self._outage or error
            self._changed.notify_all()

    def refused(self, error: SourceError) -> None:
        """Implements `Listener`."""
        with self._changed:
            self._final = error
            self._changed.notify_all()
        self._buffer.end()

    def _start_reader(self) -> CameraReader:
        name = f"read {self._camera}"
        return CameraReader(name, self._connect, self._policy.back_off, self._clock, self)

    def _reason_of_gap(self, frame: LiveFrame, stamp: Stamp) -> str:
        if self._outage is not None:
            return str(self._outage)
        if self._first_s is None:
            return ""
        if frame.after_damage:
            return DAMAGED_STREAM
        return CLOCK_SET_FORWARD if stamp.skipped else ""

    def _judge(self, item: Arrival | Gap) -> Iterator[Frame | Gap]:
        if isinstance(item, Gap):
            yield from self._stillness.flush()
            yield item
            return
        image = item.frame.to_image()
        frame = Frame(image, item.index, item.time_s, item.captured_at, self._camera)
        yield from self._stillness.admit(frame)

    def _replace_dead_reader(self) -> None:
        reader, timeouts = self._reader, self._policy.timeouts
        limit_s = REACH_S + 2 * timeouts.open_s if reader.connecting else timeouts.read_s
        if reader.alive and reader.waited_s <= limit_s + _GRACE_S:
            return
        reader.stop()
        self.lost(SourceLostError(f"lost {self._uri}: {NO_FRAME} for {timeouts.read_s:g} s"))
        self._reader = self._start_reader()

    def _give_up(self) -> None:
        limit_s, outage = self._options.give_up_s, self._outage
        away_s = self._clock.monotonic() - self._last.time_s
        if limit_s is not None and outage is not None and away_s > limit_s:
            self.close()
            raise SourceLostError(
                f"lost {self._uri} for good: not back within {limit_s:g} s; {outage}"
            )

    def _unfinished_outage(self) -> Iterator[Gap]:
        with self._changed:
            outage, since, now = self._outage, self._last.at, self._arrivals.stamp()
        if outage is not None:
            yield Gap(self._camera, since, now.at, str(outage))
