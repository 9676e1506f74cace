"""A server that counts an RTSP camera, and a real broker beside it."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mosquitto import PASSWORD, USER, Mosquitto, Watcher, retained, wait_until
from tests.processes import ROOT, end_program, run_program
from tests.rtsp_server import RtspServerProcess

pytestmark = [pytest.mark.weights, pytest.mark.timeout(280)]
CONFIG = """
port = 0
threads = 1
[mqtt]
host = "127.0.0.1"
port = {port}
user = "{user}"
password = "{{MQTT_PASSWORD}}"
tls = true
ca_file = "{ca_file}"
commands = true
"""
COUNT, STATE = "ovd/gate/person/count", "ovd/gate/person/state"
CONFIG_TOPIC = "homeassistant/device/ovd_1/config"


class Server:
    """A data folder with one camera, whose server is started again and again."""

    def __init__(self, folder: Path, broker: Mosquitto, camera: str) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "OVD_DATA_DIR": str(folder),
            "PYTHONPATH": str(ROOT),
            "MQTT_PASSWORD": PASSWORD,
            "GRADIO_TEMP_DIR": str(folder / "gradio"),
        }
        config = CONFIG.format(port=broker.port, user=USER, ca_file=broker.ca_file)
        (folder / "ovd.toml").write_text(config)
        self.command("cameras", "add", "gate", camera, "-q", "person", "--fps", "2")

    def command(self, *arguments: str) -> str:
        program = [sys.executable, "-m", "ovd", *arguments]
        with run_program(program, self.folder, self.environment) as process:
            assert process.stdout is not None
            told = process.stdout.read()
            assert process.wait(60) == 0
            return told

    @contextmanager
    def serve(self, by: signal.Signals) -> Iterator[None]:
        program = [sys.executable, "-m", "ovd", "serve"]
        with run_program(program, self.folder, self.environment) as process:
            assert process.stdout is not None
            assert "ready" in process.stdout.readline()
            yield
            assert end_program(process, by) == (0 if by is signal.SIGTERM else -by)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, tls=True)
    broker.start()
    yield broker
    broker.kill()


def test_values_and_availability_are_right_through_kills_and_commands(
    tmp_path: Path, broker: Mosquitto
):
    with RtspServerProcess(ROOT / "samples" / "pedestrians.mp4") as camera:
        server, watcher = Server(tmp_path, broker, camera.url()), Watcher(broker)
        with server.serve(signal.SIGKILL):
            watcher.wait_for(COUNT, str.isdigit)
            watcher.wait_for("ovd/available", "online")
            watcher.wait_for("ovd/gate/status", "online")
            watcher.wait_for(STATE, lambda state: json.loads(state)["observed"] is True)
        watcher.wait_for("ovd/available", "offline")

        with server.serve(signal.SIGTERM):
            watcher.wait_for("ovd/available", "online")
            watcher.wait_for(COUNT, str.isdigit)
            check_lost_camera(watcher, camera)
            check_home_assistant(watcher)
            check_commands(watcher, server)
            watcher.close()
            broker.kill()
            broker.start()
            watcher = Watcher(broker)
            watcher.wait_for("ovd/available", "online")
            watcher.wait_for(COUNT, str.isdigit)
        watcher.wait_for("ovd/available", "stopped")
        kept = retained(broker)
        watcher.close()

    assert kept["ovd/available"] == kept["ovd/gate/status"] == "stopped"
    assert COUNT not in kept
    assert json.loads(kept[STATE])["count"] is None


def check_lost_camera(watcher: Watcher, camera: RtspServerProcess) -> None:
    camera.kill()
    watcher.wait_for(COUNT, "")
    watcher.wait_for("ovd/gate/status", "offline")
    assert json.loads(watcher.values[STATE])["count"] is None
    camera.start()
    watcher.wait_for("ovd/gate/status", "online")
    watcher.wait_for(COUNT, str.isdigit)


def check_home_assistant(watcher: Watcher) -> None:
    watcher.messages.clear()
    watcher.publish("homeassistant/status", "online")
    wait_until(lambda: CONFIG_TOPIC in [topic for topic, _, _ in watcher.messages])
    assert "person_count" in json.loads(watcher.values[CONFIG_TOPIC])["components"]


def check_commands(watcher: Watcher, server: Server) -> None:
    watcher.publish("ovd/gate/set", "OFF")
    watcher.wait_for("ovd/gate/status", "stopped")
    watcher.wait_for(COUNT, "")
    assert json.loads(server.command("cameras", "list", "--json"))[0]["enabled"] is False
    watcher.publish("ovd/gate/set", "ON")
    watcher.wait_for(COUNT, str.isdigit)
