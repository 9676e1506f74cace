"""Bytes to frames, and back."""

import math

from ovd.domain.ports import FrameSource, SourceOptions
from ovd.errors import InputError, TimeRangeError
from ovd.video.capture import NetworkCapture, WebcamCapture
from ovd.video.clock import SystemClock
from ovd.video.container import Timeouts, open_container
from ovd.video.file import FileSource
from ovd.video.image_source import ImageSource
from ovd.video.stream import StreamSource
from ovd.video.uri import SourceKind, SourceUri

__all__ = ["open_source"]

HIGHEST_SAMPLE_FPS = 1000.0
_GRACE_S = 2.0


def open_source(
    uri: str,
    camera: str,
    options: SourceOptions | None = None,
    timeouts: Timeouts | None = None,
) -> FrameSource:
    """Open anything that shows pictures one after another.

    Args:
        uri: A video file, an image or a folder of images, an `rtsp`, `rtsps`, `http` or `https`
            URL, or `webcam:N`. Credentials in it are used and never shown.
        camera: Name of the camera, as frames and gaps will carry it.
        options: How to read it; a live source only heeds `sample_fps`.
        timeouts: Patience with network sources and webcams.

    Raises:
        SourceOpenError: If it is missing, unreachable, refused, or no video.
        InputError: If an option makes no sense.
    """
    options = options or SourceOptions()
    timeouts = timeouts or Timeouts()
    _check(options)
    source = SourceUri.parse(uri)
    if source.kind is SourceKind.FILE:
        return FileSource(source, camera, options)
    if source.kind in (SourceKind.IMAGE, SourceKind.FOLDER):
        return ImageSource(source, camera, options)
    if source.kind is SourceKind.WEBCAM:
        capture = WebcamCapture(source)
        return StreamSource(source, camera, options, capture, timeouts.read_s + _GRACE_S)
    return _open_network(source, camera, options, timeouts)


def _open_network(
    source: SourceUri, camera: str, options: SourceOptions, timeouts: Timeouts
) -> FrameSource:
    container = open_container(source, timeouts)
    # An HTTP address that knows its length is a recording, to be read in media time.
    if source.kind is SourceKind.HTTP and container.duration is not None:
        return FileSource(source, camera, options, container)
    capture = NetworkCapture(source, container, timeouts, SystemClock())
    return StreamSource(source, camera, options, capture, timeouts.read_s + _GRACE_S)


def _check(options: SourceOptions) -> None:
    fps, start_at = options.sample_fps, options.start_at
    if fps is not None and not (math.isfinite(fps) and 0 < fps <= HIGHEST_SAMPLE_FPS):
        raise InputError(
            f"frames per second must be above 0 and at most {HIGHEST_SAMPLE_FPS:g}, got {fps:g}"
        )
    if start_at is not None and start_at.tzinfo is None:
        raise TimeRangeError(f"the start of a recording needs a time zone, got {start_at}")
