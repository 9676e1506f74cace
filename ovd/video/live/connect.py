"""Connecting to a live camera: one function per kind, called again after every loss."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urlsplit

from av.container import InputContainer

from ovd.domain.live import Transport
from ovd.errors import OpenFailure, SourceOpenError
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts, open_container
from ovd.video.live.capture import Capture, NetworkCapture, WebcamCapture
from ovd.video.live.reachability import require_reachable
from ovd.video.network.connections import list_connections, require_kept_host
from ovd.video.network.http_file import open_http_container
from ovd.video.network.http_request import request
from ovd.video.network.motion_jpeg import MotionJpegCapture, find_motion_jpeg
from ovd.video.uri import SourceUri, UriKind

# Some servers declare a length beyond any file for what never ends.
_LONGEST_FILE_BYTES = 1 << 40


@dataclass(frozen=True, eq=False)
class NetworkVideo:
    """An open network source that FFmpeg reads.

    Attributes:
        container: The open source.
        recorded: Whether it is a recording: its duration or its size was declared.
    """

    container: InputContainer
    recorded: bool


# Opens the camera; raises SourceOpenError.
Connect = Callable[[], Capture]
Connection: TypeAlias = NetworkVideo | MotionJpegCapture


def webcam(uri: SourceUri) -> Connect:
    """Return what opens a camera attached to this machine."""
    return lambda: WebcamCapture(uri)


def network(
    uri: SourceUri,
    timeouts: Timeouts,
    transport: Transport,
    opened: Connection | None = None,
) -> Connect:
    """Return what opens an RTSP or HTTP camera.

    Args:
        uri: The camera.
        timeouts: How long it may take.
        transport: How an RTSP camera is to send.
        opened: A connection that exists already; the first call takes it.
    """
    waiting = [] if opened is None else [opened]

    def connect() -> Capture:
        connection = waiting.pop() if waiting else open_network(uri, timeouts, transport)
        if isinstance(connection, MotionJpegCapture):
            return connection
        if connection.recorded:
            connection.container.close()
            raise SourceOpenError(
                f"{uri} is a recording, which would be counted anew whenever it ends; count it "
                "once, as a file: ovd count",
                OpenFailure.RECORDED,
            )
        return NetworkCapture(uri, connection.container, timeouts, SystemClock())

    return connect


def open_network(uri: SourceUri, timeouts: Timeouts, transport: Transport) -> Connection:
    """Connect to a host that may be away, without waiting as long as for a slow camera.

    Raises:
        SourceOpenError: If it is unreachable, refused, or no video.
    """
    peer = require_reachable(uri)
    if uri.kind is UriKind.HTTP:
        return _open_http(uri, timeouts, peer)
    before = list_connections()
    container = open_container(uri, timeouts, transport, peer=peer)
    try:
        require_kept_host(uri, peer, before)
    except SourceOpenError:
        container.close()
        raise
    return NetworkVideo(container, recorded=container.duration is not None)


def _open_http(uri: SourceUri, timeouts: Timeouts, peer: str) -> Connection:
    answer = request(uri, timeouts)
    length = None if answer is None else answer.length
    if answer is not None:
        try:
            received = find_motion_jpeg(uri, answer)
        except BaseException:
            answer.close()
            raise
        if received is not None:
            return MotionJpegCapture(uri, answer, received, timeouts, SystemClock())
        answer.close()
        container = open_http_container(replace(uri, address=answer.address), timeouts)
    elif urlsplit(uri.address).scheme.lower() == "https":
        raise SourceOpenError(f"cannot open {uri}: no video there; its answer is no HTTP")
    else:  # FFmpeg also reads what some cameras send in place of HTTP
        container = open_container(uri, timeouts, peer=peer)
    sized = length is not None and length < _LONGEST_FILE_BYTES
    return NetworkVideo(container, recorded=container.duration is not None or sized)
