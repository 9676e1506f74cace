"""Opening anything FFmpeg reads, with its errors put into words that hold no credentials."""

import errno
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import av.error
from av.container import InputContainer

from ovd.domain.live import Transport
from ovd.errors import OpenFailure, SourceOpenError
from ovd.video.decoding.transport_parts import ByteRange
from ovd.video.network.answers import UNSUPPORTED_TRANSPORT, Refusal, explain_status
from ovd.video.network.pinning import pin_address
from ovd.video.network.rtsp_probe import find_refusal
from ovd.video.uri import SourceUri, UriKind

if TYPE_CHECKING:
    from ovd.video.network.http_file import HttpFile

# An allowlist, because FFmpeg also "plays" plain text, and reads playlists that name other files.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,ivf,obu,"
    "flv,live_flv,asf,ogg,mjpeg,mpjpeg,gif,mxf,dv,nut,rm,wtv,yuv4mpegpipe,rtsp,sdp"
)
_PROTOCOLS = {
    UriKind.FILE: "file,subfile",
    UriKind.HTTP: "http,tcp",
    UriKind.RTSP: "rtsp,rtsps,rtp,srtp,tcp,tls,udp",
}

# What is handed to FFmpeg byte by byte opens nothing else.
_NO_PROTOCOL = "none"

_TIMED_OUT = (av.error.TimeoutError, av.error.ExitError)
_AWAY = (
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EPIPE,
)
_STATUS = {
    av.error.HTTPBadRequestError: 400,
    av.error.HTTPUnauthorizedError: 401,
    av.error.HTTPForbiddenError: 403,
    av.error.HTTPNotFoundError: 404,
}


@dataclass(frozen=True)
class Timeouts:
    """Timeouts of a network source.

    Attributes:
        open_s: Until it is connected and has shown its first frame.
        read_s: Between two frames.
    """

    open_s: float = 10.0
    read_s: float = 5.0


def open_container(
    uri: SourceUri,
    timeouts: Timeouts,
    transport: Transport = Transport.TCP,
    part: ByteRange | None = None,
    peer: str = "",
    body: "HttpFile | None" = None,
) -> InputContainer:
    """Open a file, HTTP or RTSP source for reading.

    Args:
        uri: The source; of kind file, http or rtsp.
        timeouts: For network sources; a local file has none.
        transport: For RTSP sources.
        part: The part of a local file to read; None reads all of it.
        peer: Network address of the host that was checked; see `pin_address`.
        body: The content of an HTTP source; without it FFmpeg connects to the host.

    Raises:
        SourceOpenError: If it is missing, unreachable, refused, or no video.
    """
    if uri.kind is UriKind.FILE:
        _check_local(Path(uri.address), uri.redacted)
    network = uri.kind is not UriKind.FILE
    limits = (timeouts.open_s, timeouts.read_s) if network else None
    address, options = _describe_input(uri, transport, peer)
    if part is not None:
        address = f"subfile,,start,{part.start},end,{part.end},,:{address}"
    if body is not None:
        options["protocol_whitelist"] = _NO_PROTOCOL
    # FFmpeg's errors carry the address and with it the password. They are left behind before
    # ours is raised, so that not even a chained traceback can show them.
    awaited = f"answer within {timeouts.open_s:g} s"
    started_s = time.monotonic()
    try:
        if body is not None:
            return av.open(body, "r", options=options, timeout=limits)
        return av.open(address, options=options, timeout=limits)
    except av.error.FFmpegError as error:
        refusal = _explain(error, uri, awaited, transport)
    if network and time.monotonic() - started_s >= timeouts.open_s:
        # An RTSP port that stays silent is reported as one that talks nonsense.
        refusal = Refusal(f"no {awaited}", OpenFailure.AWAY)
    raise SourceOpenError(f"cannot open {uri}: {refusal.reason}", refusal.failure)


def _describe_input(uri: SourceUri, transport: Transport, peer: str) -> tuple[str, dict[str, str]]:
    """Return the address and the options that FFmpeg is given."""
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": _PROTOCOLS[uri.kind]}
    if uri.kind is UriKind.FILE:
        return f"file:{Path(uri.address).absolute()}", options
    if uri.kind is UriKind.RTSP:
        options |= {"rtsp_transport": transport.value, "analyzeduration": "500000"}
    if uri.kind is UriKind.HTTP:
        # Else an MPEG-TS camera whose track moves would be read for ever, without a frame.
        options["merge_pmt_versions"] = "1"
        # Redirects were followed before, to hosts that were checked.
        options["max_redirects"] = "0"
    address, pinned = pin_address(uri.address, peer)
    return address, options | pinned


def _explain(
    error: av.error.FFmpegError, uri: SourceUri, awaited: str, transport: Transport
) -> Refusal:
    if uri.kind is UriKind.RTSP:
        if error.errno == errno.EPROTONOSUPPORT:
            return explain_status(UNSUPPORTED_TRANSPORT, uri, transport)
        if isinstance(error, av.error.HTTPClientError | av.error.HTTPServerError):
            return find_refusal(uri, _status_of(error), transport)
    status = _status_of(error)
    if status is not None:
        return explain_status(status, uri)
    return Refusal(describe_failure(error, uri, awaited), _classify(error, uri))


def _status_of(error: av.error.FFmpegError) -> int | None:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), None)


def _classify(error: av.error.FFmpegError, uri: SourceUri) -> OpenFailure:
    if uri.kind is UriKind.FILE:
        return OpenFailure.UNUSABLE
    if isinstance(error, (*_TIMED_OUT, av.error.HTTPServerError)) or error.errno in _AWAY:
        return OpenFailure.AWAY
    # That an HTTP host answers was found out before; what ends early there is no video.
    ended = isinstance(error, av.error.EOFError) or error.errno == errno.EIO
    return OpenFailure.AWAY if ended and uri.kind is UriKind.RTSP else OpenFailure.UNUSABLE


def _check_local(path: Path, shown: str) -> None:
    if not path.exists():
        raise SourceOpenError(f"there is no file {shown}; check the path")
    if not path.is_file():
        raise SourceOpenError(f"{shown} is no regular file; a camera is opened as webcam:0")
    if path.stat().st_size == 0:
        raise SourceOpenError(f"{shown} is empty; a video file was expected")


def describe_failure(error: av.error.FFmpegError, uri: SourceUri, awaited: str) -> str:
    """Say in a few words what went wrong, without the address FFmpeg was given.

    Args:
        error: What FFmpeg raised.
        uri: The source.
        awaited: What was being waited for and how long, as in "answer within 10 s".
    """
    if isinstance(error, _TIMED_OUT):
        return f"no {awaited}"
    status = _status_of(error)
    if status is not None:
        return explain_status(status, uri).reason
    if isinstance(error, av.error.InvalidDataError | av.error.ArgumentError):
        if uri.kind is UriKind.FILE:
            return "no video that can be read, or one whose end or index is missing"
        return "the answer is no video"
    if uri.kind is UriKind.RTSP and error.errno == errno.EIO:
        return "the host cannot be reached"
    if uri.kind is UriKind.HTTP and (
        error.errno == errno.EIO or isinstance(error, av.error.EOFError)
    ):
        return "no video comes from there, or the host cannot be reached"
    return (error.strerror or "unknown error").lower()
