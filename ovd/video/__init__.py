"""Bytes to frames, and back.

What decodes is imported when a source is opened: images and addresses need none of it.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ovd.domain.live import OnUnreachable
from ovd.domain.ports import FrameSource, SourceOptions
from ovd.errors import InputError, OpenFailure, SourceOpenError, TimeRangeError
from ovd.video.uri import SourceUri, UriKind

if TYPE_CHECKING:
    from ovd.video.live.connect import Connect
    from ovd.video.live.policy import StreamPolicy

__all__ = ["open_source"]

# Reports cover every count there is: one mistyped start would make them endless.
RECORDED_YEARS = range(1900, 2201)

HIGHEST_SAMPLE_FPS = 1000.0


def open_source(
    uri: str,
    camera: str,
    options: SourceOptions | None = None,
    policy: "StreamPolicy | None" = None,
    secrets: Mapping[str, str] | None = None,
) -> FrameSource:
    """Open anything that shows frames one after another.

    Args:
        uri: A video file, an image or a folder of images, an `rtsp`, `rtsps`, `http` or `https`
            URL, or `webcam:N`. Credentials in it are used and never shown.
        camera: Name of the camera, as frames and gaps will carry it.
        options: How to read it; a live source heeds the rate, the transport and `on_unreachable`.
        policy: How network sources and webcams are treated.
        secrets: What `{NAME}` in the user, password or parameters of a URL stands for.

    Raises:
        SourceOpenError: If it is missing, unreachable, refused, or no video, and the options
            do not say that it is waited for.
        InputError: If an option makes no sense.
    """
    from ovd.video.file import FileSource
    from ovd.video.image_source import ImageSource
    from ovd.video.live import connect
    from ovd.video.live.policy import StreamPolicy

    options = options or SourceOptions()
    policy = policy or StreamPolicy()
    _check(options)
    source = SourceUri.parse(uri).with_secrets(secrets or {})
    if source.kind is UriKind.FILE:
        return FileSource(source, camera, options)
    if source.kind in (UriKind.IMAGE, UriKind.FOLDER):
        return ImageSource(source, camera, options)
    if source.kind is UriKind.WEBCAM:
        return _open_stream(source, camera, options, connect.webcam(source), policy)
    return _open_network(source, camera, options, policy)


def _open_network(
    source: SourceUri, camera: str, options: SourceOptions, policy: "StreamPolicy"
) -> FrameSource:
    from ovd.video.file import FileSource
    from ovd.video.live import connect

    transport = options.transport or policy.transport
    opened = None
    # An HTTP address that declares its length is a recording, to be read in media time.
    if source.kind is UriKind.HTTP and options.on_unreachable is not OnUnreachable.DEFER:
        try:
            opened = connect.open_network(source, policy.timeouts, transport)
        except SourceOpenError as error:
            if not _is_waited_for(error, options):
                raise
        else:
            if isinstance(opened, connect.NetworkVideo) and opened.recorded:
                return FileSource(source, camera, options, opened.container)
    connecting = connect.network(source, policy.timeouts, transport, opened)
    return _open_stream(source, camera, options, connecting, policy)


def _open_stream(
    source: SourceUri,
    camera: str,
    options: SourceOptions,
    connecting: "Connect",
    policy: "StreamPolicy",
) -> FrameSource:
    from ovd.video.live.stream import StreamSource

    stream = StreamSource(source, camera, options, connecting, policy)
    if options.on_unreachable is OnUnreachable.DEFER:
        return stream
    error = stream.wait_until_known()
    if error is not None and not _is_waited_for(error, options):
        stream.close()
        raise error
    return stream


def _is_waited_for(error: SourceOpenError, options: SourceOptions) -> bool:
    expected = error.failure in (OpenFailure.SILENT, OpenFailure.AWAY)
    return expected and options.on_unreachable is not OnUnreachable.FAIL


def _check(options: SourceOptions) -> None:
    fps, start_at = options.sample_fps, options.start_at
    if fps is not None and not (math.isfinite(fps) and 0 < fps <= HIGHEST_SAMPLE_FPS):
        raise InputError(
            f"frames per second must be above 0 and at most {HIGHEST_SAMPLE_FPS:g}, got {fps:g}"
        )
    if start_at is not None and start_at.tzinfo is None:
        raise TimeRangeError(f"the start of a recording needs a time zone, got {start_at}")
    if start_at is not None and start_at.year not in RECORDED_YEARS:
        raise TimeRangeError(
            f"the start of a recording must lie in the years {RECORDED_YEARS[0]} to "
            f"{RECORDED_YEARS[-1]}, got {start_at.isoformat()}"
        )
