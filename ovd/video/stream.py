"""StreamSource: a live camera as frames stamped with their arrival, newest first in line."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import Clock, SourceInfo, SourceOptions
from ovd.errors import SourceLostError, SourceOpenError
from ovd.video.capture import Capture, LivePicture
from ovd.video.clock import SystemClock
from ovd.video.sampling import ArrivalSampler
from ovd.video.uri import SourceUri

DAMAGED_STREAM = "damaged stream"


@dataclass(frozen=True, eq=False)
class _Arrival:
    picture: LivePicture
    index: int
    time_s: float
    captured_at: datetime


class _NewestBuffer:
    """Hands arrivals from the reading thread to the counting one; holds only the newest."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._gap: Gap | None = None
        self._newest: _Arrival | None = None
        self._ended = False
        self.replaced = 0

    def put(self, arrival: _Arrival) -> None:
        with self._changed:
            self.replaced += self._newest is not None
            self._newest = arrival
            self._changed.notify_all()

    def put_gap(self, gap: Gap) -> None:
        """Add a gap after what is there; an older one that nobody took is joined with it."""
        with self._changed:
            self.replaced += self._newest is not None
            self._newest = None
            since = self._gap.started_at if self._gap else gap.started_at
            self._gap = Gap(gap.camera, since, gap.ended_at, gap.reason)

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> tuple[Gap | None, _Arrival | None]:
        """Wait for an arrival or the end, and return it with the gap before it."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended, timeout_s)
            taken = (self._gap, self._newest)
            self._gap = self._newest = None
            return taken


class StreamSource:
    """Implements `ovd.domain.ports.FrameSource` for one connection to a live camera.

    A thread reads the camera as fast as it sends, so that lag cannot grow, and keeps only the
    newest picture that the sampling rate admits. `captured_at` is when it arrived, in UTC;
    `time_s` is counted on a clock that never steps. It does not connect again: whoever wants
    that opens another one after `SourceLostError`.

    Attributes:
        info: Facts known since opening.
        frames_read: Pictures decoded so far, those not looked at included.
    """

    def __init__(
        self,
        uri: SourceUri,
        camera: str,
        options: SourceOptions,
        capture: Capture,
        stall_s: float,
    ) -> None:
        """Wait for the first picture, then go on reading in the background.

        Args:
            uri: The camera; for messages.
            camera: Name of the camera.
            options: Only `sample_fps` applies to a live source.
            capture: Connected; this source owns it.
            stall_s: A read that hangs this long is given up; longer than the capture's own
                timeout, which hangs up properly.

        Raises:
            SourceOpenError: If no picture comes.
        """
        self._uri = uri
        self._camera = camera
        self._capture = capture
        self._stall_s = stall_s
        self._clock: Clock = SystemClock()
        self._sampler = ArrivalSampler(options.sample_fps)
        self._buffer = _NewestBuffer()
        self._closed = threading.Event()
        self._loss = SourceLostError(f"lost {uri}: its reader stopped")
        self._started_s: float | None = None
        self._arrived_s = self._clock.monotonic()
        self._captured_at: datetime | None = None
        self.frames_read = 0
        try:
            first = capture.read()
        except SourceLostError as error:
            capture.close()
            raise SourceOpenError(f"no picture came: {error}") from error
        rate = capture.fps if options.sample_fps is None else min(capture.fps, options.sample_fps)
        self.info = SourceInfo(uri.redacted, first.size_hw, capture.fps, None, 1 / rate, live=True)
        self._receive(first)
        self._thread = threading.Thread(target=self._read, name=f"read {camera}", daemon=True)
        self._thread.start()

    @property
    def frames_skipped(self) -> int:
        """Pictures that were to be looked at but were replaced by a newer one before."""
        return self._buffer.replaced

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield the newest picture each time; ends when the source is closed.

        Raises:
            SourceLostError: When the camera hangs up or stalls; what it sent comes first.
        """
        while not self._closed.is_set():
            gap, arrival = self._buffer.take(self._stall_s / 4)
            if self._closed.is_set():
                return
            if gap is not None:
                yield gap
            if arrival is not None:
                yield self._frame(arrival)
            elif not self._thread.is_alive():
                raise self._loss
            elif self._clock.monotonic() - self._arrived_s > self._stall_s:
                self.close()
                raise SourceLostError(f"lost {self._uri}: no picture for {self._stall_s:g} s")

    def close(self) -> None:
        """End a running iteration at once; the connection is dropped after the read under way."""
        self._closed.set()
        self._buffer.end()

    def _read(self) -> None:
        try:
            while not self._closed.is_set():
                self._receive(self._capture.read())
        except SourceLostError as error:
            self._loss = error
        finally:
            self._capture.close()
            self._buffer.end()

    def _receive(self, picture: LivePicture) -> None:
        now_s, now = self._clock.monotonic(), self._clock.now()
        if self._started_s is None or self._captured_at is None:
            self._started_s, self._captured_at = now_s, now
        elif picture.after_damage:
            self._buffer.put_gap(
                Gap(self._camera, self._captured_at, max(self._captured_at, now), DAMAGED_STREAM)
            )
        # The wall clock may be set back; the order of counts must not be.
        self._captured_at = max(self._captured_at, now)
        self._arrived_s = now_s
        if self._sampler.admits(now_s):
            time_s = now_s - self._started_s
            self._buffer.put(_Arrival(picture, self.frames_read, time_s, self._captured_at))
        self.frames_read += 1

    def _frame(self, arrival: _Arrival) -> Frame:
        return Frame(
            image=arrival.picture.to_image(),
            index=arrival.index,
            time_s=arrival.time_s,
            captured_at=arrival.captured_at,
            camera=self._camera,
        )
