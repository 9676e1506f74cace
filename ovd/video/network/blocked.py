"""Addresses that no camera has: services of clouds that give out credentials, and the like."""

import ipaddress
import socket

from ovd.errors import AddressError, SourceOpenError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Metadata services of AWS, GCP, Azure, Oracle, Alibaba and of AWS's containers.
METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd00:ec2::23",
        ),
    )
)


def require_camera_host(host: str) -> None:
    """Refuse a host that a browser or an API client gave, if no camera may be there.

    A host name is looked up; what it stands for is looked at again when it is connected.

    Raises:
        AddressError: If it is link-local, multicast, unspecified or a metadata service.
    """
    for address in _look_up(host):
        if _is_blocked(address) or address.is_link_local or address.is_multicast:
            raise AddressError(
                f"{host!r} is no address that a camera is added at from the browser or the API "
                "(link-local, multicast or a service of the cloud); on the machine itself: ovd "
                "cameras add NAME URI"
            )


def require_permitted_peer(connected: socket.socket) -> str:
    """Refuse a connection to an address that is blocked whoever asks, before anything is sent.

    Names may stand for another address by now, and redirects lead anywhere.

    Returns:
        The address that it is connected to.

    Raises:
        SourceOpenError: If it is connected to one.
    """
    peer = str(connected.getpeername()[0])
    if _is_blocked(ipaddress.ip_address(peer.partition("%")[0])):
        raise SourceOpenError("its host is a service of the cloud or of this machine, no camera")
    return peer


def require_no_nearer(peer: str, first_peer: str) -> None:
    """Refuse a redirect from a host to one that is nearer to this machine.

    From the internet none leads into a private network, and from neither to this machine itself.

    Args:
        peer: Address that the redirect leads to.
        first_peer: Address of the host that was asked first.

    Raises:
        SourceOpenError: If it is nearer.
    """
    if _nearness(peer) > _nearness(first_peer):
        raise SourceOpenError(
            "it redirects to an address nearer to this machine; if a camera is there, add that "
            "address instead"
        )


def _nearness(peer: str) -> int:
    address = ipaddress.ip_address(peer.partition("%")[0])
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_loopback or plain.is_link_local:
        return 2
    return 0 if plain.is_global else 1


def _is_blocked(address: Address) -> bool:
    mapped = getattr(address, "ipv4_mapped", None)
    plain = mapped or address
    return plain in METADATA or plain.is_unspecified


def _look_up(host: str) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []  # away or unknown; it is looked at again when it is connected
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
