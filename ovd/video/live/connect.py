"""Connecting to a live camera: one function per kind, called again after every loss."""

from collections.abc import Callable

from av.container import InputContainer

from ovd.domain.live import Transport
from ovd.errors import SourceOpenError
from ovd.video.clock import SystemClock
from ovd.video.container import Timeouts, open_container
from ovd.video.live.capture import Capture, NetworkCapture, WebcamCapture
from ovd.video.live.reachability import require_reachable
from ovd.video.uri import SourceUri

# Opens the camera; raises SourceOpenError.
Connect = Callable[[], Capture]


def webcam(uri: SourceUri) -> Connect:
    """Return the connection to a camera attached to this machine."""
    return lambda: WebcamCapture(uri)


def network(
    uri: SourceUri,
    timeouts: Timeouts,
    transport: Transport,
    opened: InputContainer | None = None,
) -> Connect:
    """Return the connection to an RTSP or HTTP camera.

    Args:
        uri: The camera.
        timeouts: Patience with it.
        transport: How an RTSP camera is to send.
        opened: A connection that exists already; the first call takes it.
    """
    waiting = [] if opened is None else [opened]

    def connect() -> Capture:
        container = waiting.pop() if waiting else open_network(uri, timeouts, transport)
        if container.duration is not None:
            container.close()
            raise SourceOpenError(f"{uri} is a recording now, no camera; count it as a file")
        return NetworkCapture(uri, container, timeouts, SystemClock())

    return connect


def open_network(uri: SourceUri, timeouts: Timeouts, transport: Transport) -> InputContainer:
    """Connect to a host that may be away, without spending a slow camera's patience on it.

    Raises:
        SourceOpenError: If it is unreachable, refused, or no video.
    """
    require_reachable(uri)
    return open_container(uri, timeouts, transport)
