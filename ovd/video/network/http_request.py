"""Asking an HTTP address what it has: redirects, logins, proxies, and why there is no answer."""

import ssl
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from ovd.errors import OpenFailure, SourceOpenError
from ovd.video.decoding.container import Timeouts
from ovd.video.network.answers import UNAUTHORIZED, explain_status, has_login
from ovd.video.network.authorization import Challenge, Login, authorize, login_of, parse_challenges
from ovd.video.network.blocked import require_no_nearer, require_permitted_peer
from ovd.video.uri import SourceUri

_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PARTIAL = 206
_ERRORS = 400
_HEADERS = {"User-Agent": "ovd", "Accept": "*/*", "Connection": "close"}
_CHUNK = 65_536
# What is encoded already, or means something, stays as it is.
_KEPT = "%/?:@!$&'()*+,;=~-._[]"


class HttpAnswer:
    """The body of an answer, read as it arrives. One thread reads, then closes it.

    Attributes:
        content_type: Media type, lower case, without parameters; empty if none was sent.
        length: Bytes of the body, None if not declared.
        address: Where it came from in the end, with the user and password that belong there.
        is_part: Whether it begins where it was asked to.
        accepts_ranges: Whether parts of it may be asked for.
    """

    def __init__(
        self,
        connection: HTTPConnection,
        response: HTTPResponse,
        address: str = "",
    ) -> None:
        self.address = address
        self._connection = connection
        self._response = response
        self.content_type = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
        self.length = response.length
        self.is_part = response.status == _PARTIAL
        ranges = response.getheader("Accept-Ranges", "").strip().lower()
        self.accepts_ranges = self.is_part or ranges == "bytes"

    def read(self) -> bytes:
        """Return what has arrived, empty at the end.

        Raises:
            OSError: If nothing arrives within the timeout, or the connection breaks.
        """
        try:
            return self._response.read1(_CHUNK)
        except (HTTPException, ValueError) as error:
            raise ConnectionAbortedError("the answer broke off") from error

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError, HTTPException):
            self._response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(frozen=True)
class _Step:
    """One request on the way to the answer."""

    url: SplitResult
    login: Login | None
    begin: int = 0
    authorization: str | None = None

    @property
    def target(self) -> str:
        query = f"?{self.url.query}" if self.url.query else ""
        return quote(f"{self.url.path or '/'}{query}", safe=_KEPT)

    def address_for(self, uri: SourceUri) -> str:
        """Return the address of this step, with the login of a camera only where it may be sent."""
        login, at, _ = urlsplit(uri.address).netloc.rpartition("@")
        place = self.url.netloc.rpartition("@")[2]
        netloc = f"{login}{at}{place}" if self.login is not None else place
        return self.url._replace(netloc=netloc).geturl()

    def redirected(self, location: str) -> "_Step":
        url = urlsplit(urljoin(self.url.geturl(), location))
        same_place = (url.scheme, url.port) == (self.url.scheme, self.url.port)
        trusted = url.hostname == self.url.hostname and (same_place or url.scheme == "https")
        return _Step(url, self.login if trusted else None, self.begin)


def request(uri: SourceUri, timeouts: Timeouts, begin: int = 0) -> HttpAnswer | None:
    """Ask for what an HTTP or HTTPS address has; follows redirects and answers challenges.

    The user and password are sent to the host of the address only, and only when it asks for
    them. Certificates are not checked: cameras sign their own. A redirect leads to no address that
    is nearer to this machine than the first: see `require_no_nearer`.

    Args:
        uri: The address.
        timeouts: Until it answers, and then between two parts of the answer.
        begin: Number of the first byte that is wanted.

    Returns:
        The answer, to be closed; None if something answers that is not quite HTTP.

    Raises:
        SourceOpenError: If the host does not answer, refuses, fails, or redirects in a circle.
    """
    step = _Step(urlsplit(uri.address), login_of(uri), begin)
    seen: set[tuple[str, bool]] = set()
    first_peer = ""
    while True:
        key = (step.url.geturl(), step.authorization is not None)
        if key in seen or len(seen) > _MOST_REDIRECTS:
            raise SourceOpenError(f"cannot open {uri}: no video there; it redirects in a circle")
        seen.add(key)
        try:
            connection, response, peer = _send(step, timeouts, first_peer)
        except HTTPException:
            return None
        except TimeoutError:
            raise _unreachable(uri, f"no answer within {timeouts.open_s:g} s") from None
        except ssl.SSLError as error:
            reason = f"no secure connection: {error.reason or 'TLS failed'}"
            raise SourceOpenError(f"cannot open {uri}: {reason.lower()}") from None
        except OSError as error:
            raise _unreachable(uri, (error.strerror or "the host hung up").lower()) from None
        if response.status < _ERRORS and response.status not in _REDIRECTS:
            return HttpAnswer(connection, response, step.address_for(uri))
        first_peer = first_peer or peer
        HttpAnswer(connection, response).close()
        step = _next_step(step, response, uri)


def _unreachable(uri: SourceUri, reason: str) -> SourceOpenError:
    return SourceOpenError(f"cannot open {uri}: {reason}", OpenFailure.AWAY)


def _next_step(step: _Step, response: HTTPResponse, uri: SourceUri) -> _Step:
    location = response.getheader("Location")
    if response.status in _REDIRECTS and location:
        following = step.redirected(location)
        if following.url.scheme not in ("http", "https") or not following.url.hostname:
            raise SourceOpenError(
                f"cannot open {uri}: no video there; it redirects to an address that is not HTTP"
            )
        return following
    if response.status == UNAUTHORIZED and step.login and step.authorization is None:
        challenges = parse_challenges(response.headers.get_all("WWW-Authenticate") or ())
        answer = authorize(challenges, step.login, "GET", step.target)
        if answer is None:
            raise _unknown_challenge(uri, challenges)
        return replace(step, authorization=answer)
    refusal = explain_status(response.status, uri)
    if response.status == UNAUTHORIZED and has_login(uri) and step.login is None:
        reason = "it redirects to another host or port, which asks for a user and password"
        raise SourceOpenError(f"cannot open {uri}: {reason}", OpenFailure.REFUSED)
    raise SourceOpenError(f"cannot open {uri}: {refusal.reason}", refusal.failure)


def _unknown_challenge(uri: SourceUri, challenges: tuple[Challenge, ...]) -> SourceOpenError:
    asked = ", ".join(sorted({f"{item.scheme} {item.algorithm}" for item in challenges}))
    return SourceOpenError(
        f"cannot open {uri}: it takes a password only in a way that is not known "
        f"({asked or 'none named'}); choose Basic or Digest in its settings",
        OpenFailure.REFUSED,
    )


def _send(
    step: _Step, timeouts: Timeouts, first_peer: str
) -> tuple[HTTPConnection, HTTPResponse, str]:
    connection, target, headers = _connect(step, timeouts.open_s)
    direct = connection.host == step.url.hostname
    if step.begin:
        headers["Range"] = f"bytes={step.begin}-"
    if step.authorization is not None:
        headers["Authorization"] = step.authorization
    try:
        connection.connect()
        socket = connection.sock
        peer = require_permitted_peer(socket)
        if direct and first_peer:
            require_no_nearer(peer, first_peer)
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        socket.settimeout(max(timeouts.read_s, 0.1))
    except BaseException:
        connection.close()
        raise
    return connection, response, peer if direct else ""


def _connect(step: _Step, timeout_s: float) -> tuple[HTTPConnection, str, dict[str, str]]:
    url, headers = step.url, dict(_HEADERS)
    host, secure = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if secure else 80)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    proxy = urlsplit(getproxies().get(url.scheme, ""))
    if not proxy.hostname or proxy_bypass(host):
        if secure:
            return (
                HTTPSConnection(host, port, timeout=timeout_s, context=context),
                step.target,
                headers,
            )
        return HTTPConnection(host, port, timeout=timeout_s), step.target, headers
    to_proxy: dict[str, str] = {}
    if proxy.username is not None:
        login = Login(unquote(proxy.username), unquote(proxy.password or ""))
        basic = authorize((Challenge("basic", {}),), login, "GET", step.target)
        to_proxy["Proxy-Authorization"] = basic or ""
    if secure:
        tunnel = HTTPSConnection(
            proxy.hostname, proxy.port or 3128, timeout=timeout_s, context=context
        )
        tunnel.set_tunnel(host, port, to_proxy)
        return tunnel, step.target, headers
    connection = HTTPConnection(proxy.hostname, proxy.port or 3128, timeout=timeout_s)
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return connection, f"http://{authority}{step.target}", headers | to_proxy
