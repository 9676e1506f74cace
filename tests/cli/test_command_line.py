import subprocess
import sys

import pytest

from ovd.cli.command_line import find_secrets

SHOW = (
    "import sys; from ovd.cli.command_line import hide_logins; hide_logins();"
    "print(open('/proc/self/cmdline').read().split(chr(0))[3:-1]); print(sys.argv[1:])"
)


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        (b"rtsp://bo:hunter2@192.0.2.7/1", b"rtsp://**********@192.0.2.7/1"),
        (b"http://192.0.2.7/v?token=hunter2&x=1", b"http://192.0.2.7/v?token=*******&x=1"),
        (b"postgresql://bo:hunter2@db/ovd", b"postgresql://**********@db/ovd"),
        (b"rtsp://192.0.2.7/1?channel=1", b"rtsp://192.0.2.7/1?channel=1"),
        (b"clip.mp4\0-q\0a person @ home", b"clip.mp4\0-q\0a person @ home"),
        ("rtsp://보:비밀@cam/1".encode(), b"rtsp://" + b"*" * 10 + b"@cam/1"),
    ],
)
def test_logins_and_secrets_of_addresses_are_found(argument: bytes, shown: bytes):
    hidden = bytearray(argument)
    for start, stop in find_secrets(argument):
        hidden[start:stop] = b"*" * (stop - start)

    assert bytes(hidden) == shown


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it stays")
def test_password_is_not_on_the_command_line_that_others_see():
    command = [sys.executable, "-c", SHOW, "rtsp://bo:hunter2@192.0.2.7/1", "-q", "person"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603

    seen, own = done.stdout.splitlines()
    assert seen == "['rtsp://**********@192.0.2.7/1', '-q', 'person']"
    assert own == "['rtsp://bo:hunter2@192.0.2.7/1', '-q', 'person']"
