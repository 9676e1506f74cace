"""Asking an RTSP camera why it does not send: FFmpeg tells no status code, and no challenge."""

import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from ovd.domain.live import Transport
from ovd.errors import OpenFailure
from ovd.video.network.answers import UNAUTHORIZED, Refusal, explain_status, has_login
from ovd.video.network.authorization import Challenge, authorize, login_of, parse_challenges
from ovd.video.network.blocked import require_permitted_peer
from ovd.video.network.connections import RTSP_PORTS
from ovd.video.uri import SourceUri

_TIMEOUT_S = 3.0
_MOST_BODY = 1_000_000
_ERRORS = 400
_STATUS_LINE = re.compile(r"RTSP/\S+\s+(\d{3})")
_TRANSPORTS = {
    Transport.TCP: "RTP/AVP/TCP;unicast;interleaved=0-1",
    Transport.UDP: "RTP/AVP;unicast;client_port=50000-50001",
}
_UNKNOWN = Refusal(
    "the camera refused the request; it may serve too many viewers", OpenFailure.UNUSABLE
)


@dataclass(frozen=True)
class _Answer:
    status: int
    challenges: tuple[Challenge, ...]
    session: str
    body: str


def find_refusal(uri: SourceUri, status: int | None, transport: Transport) -> Refusal:
    """Return why a camera refuses, asking it once more where that is not known.

    A password that was refused is not sent again, because most cameras lock an account then.

    Args:
        uri: The camera.
        status: Its status code, as far as FFmpeg tells.
        transport: How it was asked to send.
    """
    if status is not None and not (status == UNAUTHORIZED and has_login(uri)):
        return explain_status(status, uri, transport)
    with suppress(OSError, ValueError), _Session(uri) as session:
        first = session.ask("DESCRIBE")
        if status == UNAUTHORIZED:
            return _explain_login(uri, first.challenges)
        found = session.walk(first, transport)
        if found.status >= _ERRORS:
            return explain_status(found.status, uri, transport)
    return _UNKNOWN if status is None else explain_status(status, uri, transport)


def _explain_login(uri: SourceUri, challenges: tuple[Challenge, ...]) -> Refusal:
    digests = {item.algorithm for item in challenges if item.scheme == "digest"}
    others = sorted(name for name in digests if not name.startswith("MD5"))
    refused = explain_status(UNAUTHORIZED, uri)
    if not others:
        return refused
    if len(others) < len(digests) or any(item.scheme == "basic" for item in challenges):
        doubt = f", or insists on Digest with {', '.join(others)}, which is not supported for RTSP"
        return Refusal(refused.reason + doubt, refused.failure)
    return Refusal(
        f"the camera takes passwords only as Digest with {', '.join(others)}, which is "
        "not supported for RTSP; choose MD5 or Basic in its settings, or its motion JPEG address",
        OpenFailure.REFUSED,
    )


class _Session:
    """A short RTSP connection to a camera, closed before it sends much."""

    def __init__(self, uri: SourceUri) -> None:
        parts = urlsplit(uri.address)
        scheme = parts.scheme.lower()
        self._host = parts.hostname or ""
        self._port = parts.port or RTSP_PORTS[scheme]
        self._secure = scheme == "rtsps"
        place = f"[{self._host}]" if ":" in self._host else self._host
        port = f":{parts.port}" if parts.port else ""
        query = f"?{parts.query}" if parts.query else ""
        self._target = f"{scheme}://{place}{port}{parts.path}{query}"
        self._login = login_of(uri)
        self._challenges: tuple[Challenge, ...] = ()
        self._sent = 0

    def __enter__(self) -> "_Session":
        plain = socket.create_connection((self._host, self._port), timeout=_TIMEOUT_S)
        require_permitted_peer(plain)
        if self._secure:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            plain = context.wrap_socket(plain, server_hostname=self._host)
        self._socket = plain
        self._file: BinaryIO = plain.makefile("rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, method: str, target: str = "", extra: str = "") -> _Answer:
        """Send a request, with the login once the camera asked for one, and return its answer."""
        self._sent += 1
        target = target or self._target
        lines = [f"{method} {target} RTSP/1.0", f"CSeq: {self._sent}", "User-Agent: ovd"]
        if self._challenges and self._login is not None:
            answer = authorize(self._challenges, self._login, method, target)
            lines += [f"Authorization: {answer}"] if answer else []
        lines += [extra] if extra else []
        self._socket.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        return self._read_answer()

    def walk(self, described: _Answer, transport: Transport) -> _Answer:
        """Go on until the camera refuses something, or everything was asked; return that answer."""
        if described.status == UNAUTHORIZED:
            self._challenges = described.challenges
            described = self.ask("DESCRIBE")
        if described.status >= _ERRORS:
            return described
        video = described.body.partition("m=video")[2].partition("\nm=")[0]
        control = re.search(r"a=control:(\S+)", video)
        path = control[1] if control else ""
        target = path if "://" in path else f"{self._target.rstrip('/')}/{path}"
        answer = self.ask("SETUP", target, f"Transport: {_TRANSPORTS[transport]}")
        if answer.status >= _ERRORS:
            return answer
        answer = self.ask("PLAY", extra=f"Session: {answer.session}")
        return answer if answer.status >= _ERRORS else self.ask("OPTIONS")

    def _read_answer(self) -> _Answer:
        status = _STATUS_LINE.match(self._file.readline(1000).decode(errors="replace"))
        if status is None:
            raise ValueError("the answer is no RTSP")
        challenges, length, session = [], 0, ""
        while line := self._file.readline(10_000).decode(errors="replace").strip():
            name, _, value = line.partition(":")
            if name.lower() == "www-authenticate":
                challenges.append(value.strip())
            if name.lower() == "session":
                session = value.partition(";")[0].strip()
            if name.lower() == "content-length":
                length = min(int(value), _MOST_BODY)
        body = self._file.read(length).decode(errors="replace")
        return _Answer(int(status[1]), parse_challenges(challenges), session, body)
