"""TCP connections of this process: FFmpeg follows redirects of RTSP without telling."""

import ipaddress
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ovd.errors import OpenFailure, SourceOpenError
from ovd.video.uri import SourceUri

RTSP_PORTS = {"rtsp": 554, "rtsps": 322}
_TABLES = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_DESCRIPTORS = Path("/proc/self/fd")
_REMOTE, _INODE = 2, 9  # columns of the tables
_SOCKET = "socket:["


def list_connections() -> Mapping[str, str]:
    """Return the far ends of the connections of this process by the numbers of their sockets.

    They are written as in the tables of the kernel; there are none where the system has no tables.
    """
    try:
        own = _own_sockets()
        rows = [line.split() for table in _TABLES for line in _read_rows(table)]
    except OSError:
        return {}
    return {row[_INODE]: row[_REMOTE] for row in rows if row[_INODE] in own}


def require_kept_host(uri: SourceUri, peer: str, before: Mapping[str, str]) -> None:
    """Refuse a camera that was opened by connections to other hosts than the one that was checked.

    It has redirected elsewhere then, and what comes is not of that host.

    Args:
        uri: The camera, an RTSP address, which is open now.
        peer: Network address of the host that was checked.
        before: What `list_connections` returned before it was opened.

    Raises:
        SourceOpenError: If so.
    """
    now = list_connections()
    begun = {now[number] for number in now.keys() - before.keys()}
    if not begun or begun & _forms_of(uri, peer):
        return
    raise SourceOpenError(
        f"cannot open {uri}: it redirects to another host, which is not followed; add the address "
        "of that host instead",
        OpenFailure.AWAY,
    )


def _forms_of(uri: SourceUri, peer: str) -> frozenset[str]:
    """Return how the tables write an address, with the port of a camera."""
    parts = urlsplit(uri.address)
    port = parts.port or RTSP_PORTS[parts.scheme.lower()]
    address = ipaddress.ip_address(peer.partition("%")[0])
    forms = [address.packed]
    if isinstance(address, ipaddress.IPv4Address):
        forms.append(ipaddress.IPv6Address(f"::ffff:{address}").packed)
    elif address.ipv4_mapped is not None:
        forms.append(address.ipv4_mapped.packed)
    return frozenset(f"{_in_words(packed)}:{port:04X}" for packed in forms)


def _in_words(packed: bytes) -> str:
    """Return bytes in hexadecimal, as words of four in the order of this machine."""
    step = -1 if sys.byteorder == "little" else 1
    words = (packed[at : at + 4][::step] for at in range(0, len(packed), 4))
    return b"".join(words).hex().upper()


def _own_sockets() -> frozenset[str]:
    found = set()
    for descriptor in _DESCRIPTORS.iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:  # closed meanwhile
            continue
        if target.startswith(_SOCKET):
            found.add(target[len(_SOCKET) : -1])
    return frozenset(found)


def _read_rows(table: Path) -> list[str]:
    try:
        return table.read_text(encoding="ascii").splitlines()[1:]
    except FileNotFoundError:  # no IPv6 here
        return []
