"""Finding out cheaply whether a camera's host answers at all."""

import socket
from contextlib import closing
from urllib.parse import urlsplit
from urllib.request import getproxies

from ovd.errors import OpenFailure, SourceOpenError
from ovd.video.network.blocked import require_permitted_peer
from ovd.video.uri import SourceUri, UriKind

REACH_S = 2.0
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


def require_reachable(uri: SourceUri) -> str:
    """Open a connection to the host and hang up; sends nothing, so no login is used up.

    A host that is switched off costs `REACH_S` seconds this way instead of the time that a
    slow camera may take, so that its return is noticed soon.

    Returns:
        The network address that was connected; empty where a proxy is in between.

    Raises:
        SourceOpenError: If the name is unknown or no host answers there.
    """
    parts = urlsplit(uri.address)
    if uri.kind is UriKind.HTTP and parts.scheme in getproxies():
        return ""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme.lower()]
    try:
        with closing(socket.create_connection((host, port), timeout=REACH_S)) as connected:
            return require_permitted_peer(connected)
    except socket.gaierror as error:
        unknown = error.errno in _NO_SUCH_NAME
        failure = OpenFailure.UNUSABLE if unknown else OpenFailure.SILENT
        reason = "there is no host of this name" if unknown else "its host name cannot be looked up"
        raise SourceOpenError(f"cannot open {uri}: {reason}", failure) from error
    except TimeoutError as error:
        reason = f"no answer within {REACH_S:g} s"
        raise SourceOpenError(f"cannot open {uri}: {reason}", OpenFailure.SILENT) from error
    except OSError as error:
        reason = (error.strerror or "the host cannot be reached").lower()
        raise SourceOpenError(f"cannot open {uri}: {reason}", OpenFailure.SILENT) from error
