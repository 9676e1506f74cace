import socket

import pytest

from ovd.errors import AddressError, SourceOpenError
from ovd.video.network.blocked import require_camera_host, require_permitted_peer


class Peer:
    """A connection to some address."""

    def __init__(self, address: str) -> None:
        self._address = address

    def getpeername(self) -> tuple[str, int]:
        return self._address, 80


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.1.2",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "2852039166",
        "0xa9.0xfe.0xa9.0xfe",
    ],
)
def test_host_where_no_camera_is_is_refused(host: str):
    with pytest.raises(AddressError, match="ovd cameras add"):
        require_camera_host(host)


@pytest.mark.parametrize(
    "host", ["192.0.2.7", "10.0.0.2", "127.0.0.1", "2001:db8::1", "no.invalid"]
)
def test_other_hosts_may_be_cameras(host: str):
    require_camera_host(host)


def test_name_is_refused_for_what_it_stands_for(monkeypatch: pytest.MonkeyPatch):
    def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    with pytest.raises(AddressError):
        require_camera_host("rebound.example")


@pytest.mark.parametrize("peer", ["169.254.169.254", "fd00:ec2::254", "::ffff:100.100.100.200"])
def test_name_that_was_rebound_is_refused_when_it_is_connected(peer: str):
    with pytest.raises(SourceOpenError, match="no camera"):
        require_permitted_peer(Peer(peer))  # type: ignore[arg-type]


def test_link_local_camera_of_the_command_line_may_be_connected():
    require_permitted_peer(Peer("169.254.1.2"))  # type: ignore[arg-type]
