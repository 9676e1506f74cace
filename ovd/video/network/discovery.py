"""Discovery of ONVIF cameras in the local network by WS-Discovery: a probe is sent, cameras answer.

The messages follow the ONVIF Core Specification, section 7.
"""

import re
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

MULTICAST = ("239.255.255.250", 3702)
WAIT_S = 2.0
MOST_CAMERAS = 256
_LARGEST_ANSWER = 65_535
_LONGEST_NAME = 80
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>'
    "<w:MessageID>uuid:{id}</w:MessageID>"
    "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>"
    "</e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>"
    "</e:Body></e:Envelope>"
)
_SCOPES = re.compile(r"<(?:\w+:)?Scopes[^>]*>([^<]*)<")
_SCOPE = re.compile(r"onvif://www\.onvif\.org/(name|hardware)/(\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class FoundCamera:
    """A camera that answered.

    Attributes:
        host: The address that the answer came from.
        name: What it calls itself; empty if it does not.
        hardware: Its model; empty if it does not say.
    """

    host: str
    name: str
    hardware: str


def discover_cameras(
    wait_s: float = WAIT_S, target: tuple[str, int] = MULTICAST
) -> tuple[FoundCamera, ...]:
    """Return the cameras that answer a probe, by address; none without a network.

    Args:
        wait_s: Seconds to wait for answers.
        target: Where the probe is sent.
    """
    message_id = str(uuid.uuid4())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        try:
            asking.sendto(_PROBE.format(id=message_id).encode(), target)
        except OSError:
            return ()
        found = dict(_listen(asking, message_id, time.monotonic() + wait_s))
    return tuple(sorted(found.values(), key=lambda camera: socket.inet_aton(camera.host)))


def _listen(
    asking: socket.socket, message_id: str, until_s: float
) -> Iterator[tuple[str, FoundCamera]]:
    """Yield the cameras that answer until a moment on the monotonic clock."""
    for _ in range(MOST_CAMERAS):
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            return
        asking.settimeout(left_s)
        with suppress(OSError):  # the time is up, or a host refuses the port
            answer, (host, _) = asking.recvfrom(_LARGEST_ANSWER)
            text = answer.decode(errors="replace")
            if message_id in text and "ProbeMatch" in text:
                yield host, read_answer(host, text)


def read_answer(host: str, text: str) -> FoundCamera:
    """Return the camera of one answer.

    Args:
        host: The address that it came from; others in the text are not trusted.
        text: The answer.
    """
    scopes = _SCOPES.search(text)
    told = {kind.lower(): value for kind, value in _SCOPE.findall(scopes[1] if scopes else "")}
    return FoundCamera(host, _clean(told.get("name", "")), _clean(told.get("hardware", "")))


def _clean(value: str) -> str:
    shown = "".join(character for character in unquote(value) if character.isprintable())
    return shown.strip()[:_LONGEST_NAME]
