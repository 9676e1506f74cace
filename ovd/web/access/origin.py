"""Where a request comes from: its address, host and scheme, with or without a proxy in between."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from ovd.errors import ForeignOriginError, SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "via",
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?")
_LOOPBACK_NAMES = ("localhost",)


@dataclass(frozen=True)
class Origin:
    """Facts about where a request comes from.

    Attributes:
        address: Address of the client, as far as proxies that are trusted tell it.
        host: Host and port that the client asked for.
        scheme: `http` or `https`, as the client sees it.
        direct: Whether no proxy is in between, as far as headers tell.
    """

    address: str
    host: str
    scheme: str
    direct: bool

    @property
    def is_loopback(self) -> bool:
        """Return whether it is this machine that asks itself, under a name of itself."""
        name = self.host.rpartition(":")[0] if _has_port(self.host) else self.host
        return self.direct and is_loopback(self.address) and is_loopback(name)


def _has_port(host: str) -> bool:
    return host.rpartition("]")[2].startswith(":") if "[" in host else ":" in host


def is_loopback(host: str) -> bool:
    """Return whether an address or host name is that of this machine for itself."""
    bare = host.strip("[]").casefold()
    if bare in _LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the addresses and networks of proxies.

    Raises:
        SettingsError: If one is neither.
    """
    try:
        return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)
    except ValueError as error:
        raise SettingsError(
            f"trusted_proxies: addresses such as 10.0.0.2 or 10.0.0.0/8 are wanted: {error}"
        ) from error


def read_origin(scope: Scope, proxies: tuple[Network, ...]) -> Origin:
    """Return where a request comes from.

    Args:
        scope: The ASGI scope of the request.
        proxies: Whose forwarded headers are believed.

    Raises:
        ForeignOriginError: If the Host header is missing, repeated or malformed.
    """
    headers = Headers(scope=scope)
    peer = str((scope.get("client") or ("", 0))[0])
    forwarded = [name for name in FORWARDED if name in headers]
    scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
    host = _read_host(headers.getlist("host"))
    if not _is_in(peer, proxies):
        return Origin(peer, host, scheme, direct=not forwarded)
    chain = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
    unknown = [address for address in chain if not _is_in(address, proxies)]
    shown_host = headers.get("x-forwarded-host")
    shown_scheme = headers.get("x-forwarded-proto", "").split(",")[-1].strip()
    return Origin(
        address=(unknown or [peer])[-1][:64],
        host=host if shown_host is None else _read_host([shown_host.split(",")[-1].strip()]),
        scheme=shown_scheme if shown_scheme in ("http", "https") else scheme,
        direct=not forwarded,
    )


def require_same_origin(scope: Scope, origin: Origin) -> None:
    """Refuse what a page of another site made a browser send.

    Raises:
        ForeignOriginError: If `Sec-Fetch-Site` or `Origin` tell of another site.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site", "none")
    if site not in ("same-origin", "none"):
        raise ForeignOriginError("this request comes from a page of another site")
    given = headers.get("origin")
    if given is not None and not _is_same(given, origin):
        raise ForeignOriginError(
            "this request comes from a page of another origin; behind a proxy, let it pass the "
            "Host header on, or name it in trusted_proxies"
        )


def comes_from_browser(scope: Scope) -> bool:
    """Return whether a browser sent a request, which then told its origin."""
    headers = Headers(scope=scope)
    return "sec-fetch-site" in headers or "origin" in headers


def apply_origin(scope: Scope, origin: Origin) -> None:
    """Write the origin into a scope, without the forwarded headers: nothing may believe them."""
    unwanted = {b"host", *(name.encode() for name in FORWARDED)}
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in unwanted]
    scope["headers"] = [(b"host", origin.host.encode()), *headers]
    scope["scheme"] = "ws" if scope["type"] == "websocket" else "http"
    if origin.scheme == "https":
        scope["scheme"] += "s"
    scope["client"] = (origin.address, (scope.get("client") or ("", 0))[1])


def _is_same(given: str, origin: Origin) -> bool:
    scheme, _, host = given.partition("://")
    return (host.casefold(), scheme) == (_without_port(origin), origin.scheme) or (
        host.casefold() == origin.host.casefold() and scheme in ("http", "https")
    )


def _without_port(origin: Origin) -> str:
    port = {"http": ":80", "https": ":443"}.get(origin.scheme, "")
    return origin.host.casefold().removesuffix(port)


def _read_host(given: list[str]) -> str:
    if len(given) != 1 or not _HOST.fullmatch(given[0]):
        raise ForeignOriginError("one Host header is wanted: a name or address, and maybe a port")
    return given[0]


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks if network.version == parsed.version)
