"""Captures: one connection to a live camera, read frame by frame by a single thread."""

import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import av.error
import cv2
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from cv2.typing import MatLike

from ovd.domain.frame import Image
from ovd.domain.ports import Clock
from ovd.errors import SourceLostError, SourceOpenError
from ovd.video.decoding.container import Timeouts, describe_failure
from ovd.video.decoding.damage import DamageMonitor
from ovd.video.decoding.file_pass import declared_fps
from ovd.video.decoding.orientation import (
    Orientation,
    OrientationTracker,
    RgbConverter,
    upright_size_hw,
)
from ovd.video.decoding.tracks import choose_live_track
from ovd.video.live.lag_monitor import LagMonitor
from ovd.video.uri import SourceUri, UriKind

_WEBCAM_FPS = 30.0


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """A frame as it arrived; it is converted to RGB only when it is counted.

    Attributes:
        size_hw: Height and width in pixels.
        to_image: Makes the `(H, W, 3)` uint8 RGB frame; call it from one thread.
        after_damage: Whether frames that could not be believed came before it.
    """

    size_hw: tuple[int, int]
    to_image: Callable[[], Image]
    after_damage: bool = False


class Capture(Protocol):
    """A connection to a camera. Not safe to share: one thread reads, then closes it."""

    @property
    def fps(self) -> float:
        """Frames per second as declared."""
        ...

    def read(self) -> LiveFrame:
        """Wait for the next frame.

        Raises:
            SourceLostError: If none comes any more.
        """
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class NetworkCapture:
    """An RTSP or HTTP camera that is already connected."""

    def __init__(
        self, uri: SourceUri, container: InputContainer, timeouts: Timeouts, clock: Clock
    ) -> None:
        """Take over the connection.

        Raises:
            SourceOpenError: If it carries no video.
        """
        stream = choose_live_track(container, uri)
        self.fps = declared_fps(stream)
        self._uri = uri
        self._container = container
        self._limit_s = timeouts.open_s
        self._read_s = timeouts.read_s
        self._clock = clock
        self._monitor = DamageMonitor(self.fps)
        self._order = -1
        # Motion JPEG over HTTP has no time stamps of the camera's own.
        self._lag = LagMonitor(clock) if uri.kind is UriKind.RTSP else None
        self._converter = RgbConverter()
        self._orientations = OrientationTracker()
        self._orientation = Orientation()
        self._frames = self._decode(stream)

    def read(self) -> LiveFrame:
        """Wait for the next frame that can be believed.

        Raises:
            SourceLostError: If the camera hung up, or sent none in time.
        """
        since_s = self._clock.monotonic()
        after_damage = False
        awaited = f"frame within {self._limit_s:g} s"
        reason = "the camera ended the stream"
        try:
            for frame in self._frames:
                was_broken = self._monitor.broken
                if frame is not None and self._believes(frame):
                    self._limit_s = self._read_s
                    recovered = was_broken and not self._monitor.broken
                    return self._live_frame(frame, after_damage or recovered)
                after_damage |= self._monitor.broken
                if self._clock.monotonic() - since_s > self._limit_s:
                    reason = f"no {awaited}"
                    break
        except av.error.FFmpegError as error:
            reason = describe_failure(error, self._uri, awaited)
        raise SourceLostError(f"lost {self._uri}: {reason}")

    def _decode(self, stream: VideoStream) -> Generator[VideoFrame | None]:
        """Yield frames as they arrive, None for a packet that held no complete one."""
        for packet in self._container.demux(stream):
            if self._lag is not None and not self._lag.wants(_seconds(packet), packet.is_keyframe):
                yield None
                continue
            self._order += 1
            packet.opaque = self._order
            try:
                frames = stream.codec_context.decode(packet)
            except av.error.FFmpegError:
                self._monitor.damage(self._order)
                frames = []
            yield from frames or (None,)

    def _believes(self, frame: VideoFrame) -> bool:
        self._orientation = self._orientations.follow(frame)
        order = frame.opaque if isinstance(frame.opaque, int) else self._order
        return self._monitor.believes(frame, order)

    def _live_frame(self, frame: VideoFrame, after_damage: bool) -> LiveFrame:
        orientation = self._orientation
        convert = partial(self._converter.convert, frame, orientation)
        return LiveFrame(upright_size_hw(frame, orientation), convert, after_damage)

    def close(self) -> None:
        """Hang up, and let go of the decoder and its frames at once."""
        # The generator and this object hold each other: waiting for the garbage collector would
        # keep megabytes for every time a camera was lost.
        self._frames.close()
        self._container.close()


class WebcamCapture:
    """A camera attached to this machine, through OpenCV."""

    def __init__(self, uri: SourceUri) -> None:
        """Open it.

        Raises:
            SourceOpenError: If there is none of this number, or it is in use.
        """
        number = int(uri.address)
        # OpenCV prints warnings of its own about a camera that is not there.
        if sys.platform == "linux" and not Path(f"/dev/video{number}").exists():
            raise SourceOpenError(f"there is no {uri}; no camera of that number is attached")
        self._uri = uri
        self._camera = cv2.VideoCapture(number)
        if not self._camera.isOpened():
            self._camera.release()
            raise SourceOpenError(f"cannot open {uri}: not allowed, or in use by another program")
        self.fps = self._camera.get(cv2.CAP_PROP_FPS) or _WEBCAM_FPS

    def read(self) -> LiveFrame:
        """Wait for the next frame.

        Raises:
            SourceLostError: If the camera was unplugged or stopped.
        """
        arrived, bgr = self._camera.read()
        if not arrived:
            raise SourceLostError(f"lost {self._uri}: it sends no frames any more")
        height, width = bgr.shape[:2]
        return LiveFrame((height, width), lambda: _bgr_to_rgb(bgr))

    def close(self) -> None:
        """Release the camera."""
        self._camera.release()


def _seconds(packet: "Packet[VideoStream]") -> float | None:
    if packet.dts is None or packet.time_base is None:
        return None
    return float(packet.dts * packet.time_base)


def _bgr_to_rgb(bgr: MatLike) -> Image:
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
