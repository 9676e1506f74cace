import re
import socket
import threading
from collections.abc import Iterator

import pytest

from ovd.video.network.discovery import FoundCamera, discover_cameras, read_answer

SCOPES = (
    "onvif://www.onvif.org/Profile/Streaming onvif://www.onvif.org/name/HIKVISION%20DS-2CD "
    "onvif://www.onvif.org/hardware/DS-2CD2043"
)
ANSWER = (
    "<s:Envelope><s:Header><a:RelatesTo>{id}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches>"
    "<d:ProbeMatch><d:Scopes>{scopes}</d:Scopes><d:XAddrs>http://203.0.113.9/onvif</d:XAddrs>"
    "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
)


@pytest.fixture
def camera() -> Iterator[tuple[str, int]]:
    """A camera that answers every probe: with rubbish, to another one, then properly, twice."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answering:
        answering.bind(("127.0.0.1", 0))

        def answer() -> None:
            probe, asker = answering.recvfrom(65_535)
            found = re.search(rb"<w:MessageID>([^<]+)<", probe)
            assert found is not None
            for message_id in ("", "uuid:another", found[1].decode(), found[1].decode()):
                answering.sendto(ANSWER.format(id=message_id, scopes=SCOPES).encode(), asker)
            answering.sendto(b"\xff\x00<", asker)

        thread = threading.Thread(target=answer)
        thread.start()
        yield answering.getsockname()
        thread.join()


def test_camera_that_answers_is_found_once_at_the_address_it_answers_from(camera: tuple[str, int]):
    found = discover_cameras(0.3, camera)

    assert found == (FoundCamera("127.0.0.1", "HIKVISION DS-2CD", "DS-2CD2043"),)


def test_network_without_cameras_has_none():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))

        assert discover_cameras(0.05, silent.getsockname()) == ()


def test_camera_that_says_nothing_about_itself_has_no_name():
    assert read_answer("192.0.2.7", "<d:ProbeMatch/>") == FoundCamera("192.0.2.7", "", "")


def test_name_is_short_and_printable():
    scopes = "onvif://www.onvif.org/name/" + "%07%0Aa" * 200

    found = read_answer("192.0.2.7", f"<d:Scopes>{scopes}</d:Scopes>")

    assert found.name == "a" * 80
