"""Take the address that the server listens on, before anything else is started."""

import errno
import socket

from ovd.errors import PortInUseError, SettingsError

_IN_USE = (errno.EADDRINUSE, errno.EACCES)
_BACKLOG = 128


def open_listener(host: str, port: int) -> socket.socket:
    """Open a socket that listens, so that nothing is started for a server nobody could reach.

    Args:
        host: Address or name to listen on.
        port: Port, 0 picks a free one.

    Raises:
        PortInUseError: If another process listens there.
        SettingsError: If the address does not belong to this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise SettingsError(f"cannot listen on host {host!r}: {error.strerror}") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno in _IN_USE:
            raise PortInUseError(
                f"port {port} on {host} is in use by another process; stop it or choose another "
                "port with --port, 0 for any free one"
            ) from error
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def require_free_port(host: str, port: int) -> None:
    """Raise before anything is started when the server could not be reached.

    Raises:
        PortInUseError: If another process listens there.
        SettingsError: If the address does not belong to this machine.
    """
    open_listener(host, port).close()
