"""Motion JPEG over HTTP: telling it from everything else, and reading it image by image."""

from functools import partial

import av.error
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from ovd.domain.ports import Clock
from ovd.errors import OpenFailure, SourceLostError, SourceOpenError
from ovd.video.decoding.container import Timeouts
from ovd.video.decoding.orientation import (
    Orientation,
    RgbConverter,
    read_orientation,
    upright_size_hw,
)
from ovd.video.live.capture import LiveFrame
from ovd.video.network.http_request import HttpAnswer
from ovd.video.network.image_splitter import ImageSplitter
from ovd.video.uri import SourceUri

_DECLARED_FPS = 25.0
_MOST_PIXELS = 100_000_000
_STREAM_TYPES = ("multipart/x-mixed-replace", "multipart/mixed", "video/x-motion-jpeg")
_IMAGE_TYPES = ("image/jpeg", "image/jpg", "image/pjpeg", "image/png")
_JPEG = b"\xff\xd8\xff"
_SNIFFED = 512
_PAGE = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<script", b"<form", b"<meta")


class MotionJpegCapture:
    """Implements `ovd.video.live.capture.Capture` for an HTTP camera that is already connected."""

    def __init__(
        self, uri: SourceUri, answer: HttpAnswer, received: bytes, timeouts: Timeouts, clock: Clock
    ) -> None:
        """Take over the connection.

        Args:
            uri: The camera.
            answer: Its answer.
            received: What was read of the answer already.
            timeouts: How long it may take.
            clock: Measures that time.
        """
        self.fps = _DECLARED_FPS
        self._uri = uri
        self._answer = answer
        self._limit_s = timeouts.open_s
        self._read_s = timeouts.read_s
        self._clock = clock
        self._splitter = ImageSplitter()
        self._splitter.feed(received)
        self._broken = 0
        self._decoders: dict[str, VideoCodecContext] = {}
        self._converter = RgbConverter()

    def read(self) -> LiveFrame:
        """Wait for the next image that is whole.

        Raises:
            SourceLostError: If the camera hung up, or sent none in time.
        """
        since_s = self._clock.monotonic()
        damaged = False
        reason = "the camera ended the stream"
        try:
            while self._clock.monotonic() - since_s <= self._limit_s:
                image = self._splitter.next()
                if image is None:
                    received = self._answer.read()
                    if not received:
                        break
                    self._splitter.feed(received)
                    continue
                frame = self._decode(image)
                damaged |= frame is None or self._splitter.broken > self._broken
                self._broken = self._splitter.broken
                if frame is not None:
                    self._limit_s = self._read_s
                    orientation = read_orientation(frame) or Orientation()
                    convert = partial(self._converter.convert, frame, orientation)
                    return LiveFrame(upright_size_hw(frame, orientation), convert, damaged)
            else:
                reason = f"no frame within {self._limit_s:g} s"
        except TimeoutError:
            reason = f"no frame within {self._limit_s:g} s"
        except OSError as error:
            reason = (error.strerror or "the connection broke").lower()
        raise SourceLostError(f"lost {self._uri}: {reason}")

    def _decode(self, image: bytes) -> VideoFrame | None:
        name = "mjpeg" if image.startswith(_JPEG) else "png"
        try:
            decoder = self._decoders.get(name) or self._open_decoder(name)
            packet = Packet(image)
            # Otherwise a PNG is taken for the difference to the one before.
            packet.is_keyframe = True
            frames = decoder.decode(packet)
        except av.error.FFmpegError:
            self._decoders.pop(name, None)
            return None
        whole = [frame for frame in frames if not frame.is_corrupt]
        return whole[-1] if whole else None

    def _open_decoder(self, name: str) -> VideoCodecContext:
        decoder = CodecContext.create(name, "r")
        assert isinstance(decoder, VideoCodecContext)
        decoder.options = {"max_pixels": str(_MOST_PIXELS)}
        decoder.thread_count = 1
        self._decoders[name] = decoder
        return decoder

    def close(self) -> None:
        """Hang up."""
        self._answer.close()
        self._decoders.clear()


def find_motion_jpeg(uri: SourceUri, answer: HttpAnswer) -> bytes | None:
    """Tell motion JPEG, in whatever shape, from other video.

    Args:
        uri: Where the answer came from.
        answer: The answer; it stays open.

    Returns:
        What was read of the motion JPEG so far; None if it may be another kind of video.

    Raises:
        SourceOpenError: If there is certainly no video, or nothing came in time.
    """
    if answer.content_type in _STREAM_TYPES:
        return b""
    start = _read_start(uri, answer)
    is_image = start.startswith(_JPEG) or answer.content_type in _IMAGE_TYPES
    if is_image and answer.length is not None:
        raise _no_video(uri, "a single image; use the address of the camera's stream")
    if is_image or _JPEG in start:
        return start
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text:
        raise _no_video(uri, "nothing")
    if text.startswith(b"#extm3u"):
        raise _no_video(uri, "a playlist (HLS); use the camera's RTSP or motion JPEG address")
    if text.startswith((b"{", b"[")) and text.isascii():
        raise _no_video(uri, "JSON")
    if text.startswith(_PAGE) or (answer.content_type == "text/html" and text.isascii()):
        raise _no_video(uri, "a web page; is it the address of the video, and is a login needed?")
    return None


def _no_video(uri: SourceUri, found: str) -> SourceOpenError:
    return SourceOpenError(f"cannot open {uri}: no video there; the answer is {found}")


def _read_start(uri: SourceUri, answer: HttpAnswer) -> bytes:
    start = b""
    try:
        while len(start) < _SNIFFED and _JPEG not in start:
            received = answer.read()
            if not received:
                break
            start += received
    except OSError:
        if not start:
            raise SourceOpenError(
                f"cannot open {uri}: it answered, but sent nothing", OpenFailure.AWAY
            ) from None
    return start
