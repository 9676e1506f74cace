"""Meanings of a camera's answer: status codes of HTTP and RTSP in words, with what to do."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from ovd.domain.live import Transport
from ovd.errors import OpenFailure
from ovd.video.uri import SourceUri

UNAUTHORIZED = 401
FORBIDDEN = 403
UNSUPPORTED_TRANSPORT = 461
_SERVER_ERROR = 500

_REASONS = {
    400: "the camera does not understand the request (400); check the address",
    403: "the camera forbids this (403); the user lacks the right, or this machine may not connect",
    404: "there is nothing at this path (404); check the address",
    451: "the camera does not understand a parameter (451); check the address",
    453: "the camera lacks bandwidth (453); close other viewers, or choose a smaller stream",
    454: "the camera knows no such session (454); it may serve too many viewers",
    503: "the camera is busy or starting (503); it may serve too many viewers",
}
_MAY_PASS = (453, 454)


@dataclass(frozen=True)
class Refusal:
    """Reasons for a camera that does not send.

    Attributes:
        reason: For people; free of credentials.
        failure: Whether it is worth to ask again.
    """

    reason: str
    failure: OpenFailure


def has_login(uri: SourceUri) -> bool:
    """Tell whether the address holds a user or password."""
    return "@" in urlsplit(uri.address).netloc


def explain_status(status: int, uri: SourceUri, transport: Transport = Transport.TCP) -> Refusal:
    """Return what a status code of 400 and more means.

    Args:
        status: The code.
        uri: The camera that was asked.
        transport: How an RTSP camera was asked to send.
    """
    if status == UNAUTHORIZED and not has_login(uri):
        scheme = urlsplit(uri.address).scheme.lower()
        return Refusal(
            f"the camera needs a user and a password (401); write {scheme}://user:password@host/...",
            OpenFailure.REFUSED,
        )
    if status == UNAUTHORIZED:
        return Refusal("the camera refused the user or password (401)", OpenFailure.REFUSED)
    if status == UNSUPPORTED_TRANSPORT:
        asked, other = transport.value, "udp" if transport is Transport.TCP else "tcp"
        return Refusal(
            f"the camera does not send by {asked.upper()} (461); choose {other.upper()}: "
            f"--transport {other}, or OVD_RTSP_TRANSPORT={other}",
            OpenFailure.UNUSABLE,
        )
    default = f"the camera failed ({status}); it may be starting, or serve too many viewers"
    if status < _SERVER_ERROR:
        default = f"the camera refused the request ({status})"
    failure = OpenFailure.UNUSABLE
    if status >= _SERVER_ERROR or status in _MAY_PASS:
        failure = OpenFailure.AWAY
    elif status == FORBIDDEN:
        failure = OpenFailure.REFUSED
    return Refusal(_REASONS.get(status, default), failure)
