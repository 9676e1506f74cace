"""A real MQTT broker, and a client that watches what it holds."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import trustme
from paho.mqtt.enums import CallbackAPIVersion

PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
USER, PASSWORD = "ovd", "s3cret-s3cret"
WAIT_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """A broker of one test; it can be killed and started again on its port."""

    def __init__(self, folder: Path, tls: bool = False) -> None:
        self.folder = folder / "mosquitto"
        self.folder.mkdir()
        self.port = free_port()
        self.ca_file = self.folder / "ca.pem"
        self._process: subprocess.Popen[bytes] | None = None
        lines = [f"listener {self.port} 127.0.0.1", "user root", "log_dest none"]
        if tls:
            lines += [*self._make_certificates(), *self._make_passwords()]
        else:
            lines += ["allow_anonymous true"]
        self._config = self.folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")

    def _make_certificates(self) -> list[str]:
        authority = trustme.CA()
        server = authority.issue_cert("127.0.0.1", "localhost")
        authority.cert_pem.write_to_path(str(self.ca_file))
        server.private_key_pem.write_to_path(str(self.folder / "key.pem"))
        server.cert_chain_pems[0].write_to_path(str(self.folder / "cert.pem"))
        return [f"certfile {self.folder}/cert.pem", f"keyfile {self.folder}/key.pem"]

    def _make_passwords(self) -> list[str]:
        passwords = self.folder / "passwords"
        passwords.write_text(f"{USER}:{PASSWORD}\n")
        subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)  # noqa: S603, S607
        return [f"password_file {passwords}", "allow_anonymous false"]

    def start(self) -> None:
        self._process = subprocess.Popen([PROGRAM, "-c", str(self._config)])  # noqa: S603
        wait_until(self._answers)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_S)
            self._process = None

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        except OSError:
            return False
        return True


class Watcher:
    """A client that knows the newest payload of every topic, and all messages in order."""

    def __init__(self, broker: Mosquitto, topics: str = "#") -> None:
        self.values: dict[str, str] = {}
        self.messages: list[tuple[str, str, bool]] = []
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if broker.ca_file.exists():
            self._client.tls_set(str(broker.ca_file))
            self._client.username_pw_set(USER, PASSWORD)
        self._client.on_message = self._take
        self._client.on_connect = lambda client, *_: client.subscribe(topics, 1)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert self._ready.wait(WAIT_S)

    def _take(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        with self._changed:
            text = message.payload.decode()
            self.note(message.topic, text)
            self.values[message.topic] = text
            self.messages.append((message.topic, text, message.retain))
            self._changed.notify_all()

    def note(self, topic: str, payload: str) -> None:
        """Look at one message; for those who measure."""

    def wait_for(self, topic: str, payload: str | Callable[[str], bool]) -> str:
        """Return the payload of a topic once it is the one that is wanted."""

        def is_there() -> bool:
            value = self.values.get(topic)
            if value is None:
                return False
            return payload(value) if callable(payload) else value == payload

        with self._changed:
            arrived = self._changed.wait_for(is_there, WAIT_S)
            assert arrived, f"{topic} is {self.values.get(topic)!r}; all: {self.values}"
            return self.values[topic]

    def publish(self, topic: str, payload: str, retain: bool = False) -> None:
        self._client.publish(topic, payload, 1, retain).wait_for_publish(WAIT_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def retained(broker: Mosquitto, sentinel: str = "test/sentinel") -> dict[str, str]:
    """Return what a client that connects now is told, without the sentinel."""
    watcher = Watcher(broker)
    try:
        watcher.publish(sentinel, "end")
        watcher.wait_for(sentinel, "end")
        return {topic: value for topic, value, kept in watcher.messages if kept}
    finally:
        watcher.close()


def wait_until(condition: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
    until_s = time.monotonic() + timeout_s
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < until_s, "the time is up"
        pause.wait(0.02)
