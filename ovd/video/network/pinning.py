"""Addresses for FFmpeg that stand for the host that was checked, not for what a name is now."""

import ipaddress
from urllib.parse import urlsplit


def pin_address(address: str, peer: str) -> tuple[str, dict[str, str]]:
    """Return an address with its host name replaced by the network address that was checked.

    FFmpeg looks names up by itself, and could be led to another host than the one that was checked
    a moment before. It never opens HTTPS: see `HttpFile`.

    Args:
        address: An RTSP or HTTP address.
        peer: Network address that was connected; empty where it is not known.

    Returns:
        The address, and options for FFmpeg.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if not peer or "%" in peer or _is_literal(host):
        return address, {}
    shown = f"[{peer}]" if ":" in peer else peer
    port = "" if parts.port is None else f":{parts.port}"
    login, at, _ = parts.netloc.rpartition("@")
    pinned = parts._replace(netloc=f"{login}{at}{shown}{port}").geturl()
    if parts.scheme.lower() != "http":
        return pinned, {}
    return pinned, {"headers": f"Host: {host}{port}\r\n"}


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
