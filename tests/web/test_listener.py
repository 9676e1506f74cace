import socket

import pytest

from ovd.errors import PortInUseError, SettingsError
from ovd.web.listener import open_listener, require_free_port
from tests.stages import WAIT_S


def test_port_0_picks_a_free_one():
    with open_listener("127.0.0.1", 0) as listener:
        assert listener.getsockname()[1] > 0


def test_port_in_use_is_refused():
    with (
        open_listener("127.0.0.1", 0) as taken,
        pytest.raises(PortInUseError, match=r"--port"),
    ):
        require_free_port("127.0.0.1", taken.getsockname()[1])


def test_free_port_stays_free():
    with open_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

    require_free_port("127.0.0.1", port)
    require_free_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_address_of_another_machine_is_refused(host: str):
    with pytest.raises(SettingsError, match="cannot listen"):
        require_free_port(host, 0)


def test_listener_is_ready_before_the_server_runs():
    with open_listener("127.0.0.1", 0) as listener:
        socket.create_connection(listener.getsockname(), WAIT_S).close()
