"""The connection against a real mosquitto."""

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ovd.errors import MqttError
from ovd.notify.mqtt.connection import MqttConnection, MqttPresence
from ovd.notify.mqtt.session import MqttBroker, MqttMessage, ReceivedMessage
from ovd.threads import Backoff
from tests.mosquitto import PASSWORD, USER, Mosquitto, Watcher, retained, wait_until

QUICK = Backoff(first_s=0.05, ceiling_s=0.2)
PRESENCE = MqttPresence("ovd/available")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def secure_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path, tls=True)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def watcher(broker: Mosquitto) -> Iterator[Watcher]:
    watcher = Watcher(broker)
    yield watcher
    watcher.close()


def make_connection(port: int, **options: object) -> MqttConnection:
    address = MqttBroker("127.0.0.1", port, "ovd-test", **options)  # type: ignore[arg-type]
    return MqttConnection(address, PRESENCE, backoff=QUICK)


def wait_problem(connection: MqttConnection) -> str:
    wait_until(lambda: connection.health.problem not in ("", "not connected yet"))
    return connection.health.problem


def test_values_come_before_presence(broker, watcher):
    connection = make_connection(broker.port)
    connection.retain("ovd/gate/status", "online")

    connection.start()
    watcher.wait_for("ovd/available", "online")

    assert [topic for topic, _, _ in watcher.messages] == ["ovd/gate/status", "ovd/available"]
    assert connection.health.connected
    connection.close()


def test_value_that_did_not_change_is_not_sent_again(broker, watcher):
    connection = make_connection(broker.port)
    connection.start()

    connection.retain("ovd/a", "1")
    connection.retain("ovd/a", "1")
    connection.retain("ovd/b", "1")
    watcher.wait_for("ovd/b", "1")

    assert [topic for topic, _, _ in watcher.messages].count("ovd/a") == 1
    connection.close()


def test_clean_end_says_stopped_and_leaves_no_will(broker, watcher):
    connection = make_connection(broker.port)
    connection.start()
    watcher.wait_for("ovd/available", "online")

    connection.retain("ovd/last", "1")
    connection.close()

    watcher.wait_for("ovd/available", "stopped")
    assert retained(broker) == {"ovd/available": "stopped", "ovd/last": "1"}
    assert "offline" not in [payload for _, payload, _ in watcher.messages]


def test_killed_broker_gets_every_value_again(broker):
    connection = make_connection(broker.port)
    connection.retain("ovd/a", "1")
    connection.start()
    wait_until(lambda: connection.health.connected and connection.health.waiting == 0)

    broker.kill()
    wait_until(lambda: not connection.health.connected)
    connection.retain("ovd/b", "2")
    broker.start()
    wait_until(lambda: connection.health.connected and connection.health.waiting == 0)

    assert retained(broker) == {"ovd/a": "1", "ovd/b": "2", "ovd/available": "online"}
    connection.close()


def test_late_will_of_an_earlier_connection_is_corrected(broker, watcher):
    connection = make_connection(broker.port)
    connection.start()
    watcher.wait_for("ovd/available", "online")

    watcher.publish("ovd/available", "offline", retain=True)
    watcher.messages.clear()
    watcher.wait_for("ovd/available", "online")

    assert retained(broker)["ovd/available"] == "online"
    connection.close()


def test_published_message_is_acknowledged_and_not_retained(broker, watcher):
    connection = make_connection(broker.port)
    connection.start()
    wait_until(lambda: connection.health.connected)

    connection.publish(MqttMessage("ovd/alerts/queue", "{}"), 10.0)

    watcher.wait_for("ovd/alerts/queue", "{}")
    assert "ovd/alerts/queue" not in retained(broker)
    connection.close()


def test_message_without_connection_is_refused_at_once():
    connection = make_connection(1)

    with pytest.raises(MqttError, match="not connected"):
        connection.publish(MqttMessage("ovd/alerts/queue", "{}"), 10.0)


def test_passing_value_is_sent_before_the_one_that_stays(broker, watcher):
    connection = make_connection(broker.port)
    connection.start()
    wait_until(lambda: connection.health.connected)

    connection.replace("ovd/config", "first", "second")
    watcher.wait_for("ovd/config", "second")

    told = [payload for topic, payload, _ in watcher.messages if topic == "ovd/config"]
    assert told == ["first", "second"]
    assert retained(broker)["ovd/config"] == "second"
    connection.close()


def test_subscribed_messages_are_handed_over(broker, watcher):
    received: list[ReceivedMessage] = []
    came = threading.Event()

    def take(message: ReceivedMessage) -> None:
        received.append(message)
        came.set()

    address = MqttBroker("127.0.0.1", broker.port, "ovd-test")
    connection = MqttConnection(address, PRESENCE, ("ovd/+/set",), take, QUICK)
    connection.start()
    watcher.wait_for("ovd/available", "online")

    watcher.publish("ovd/gate/set", "ON")

    assert came.wait(10.0)
    assert received == [ReceivedMessage("ovd/gate/set", "ON", retained=False)]
    connection.close()


def test_login_and_certificate_of_a_private_authority_are_accepted(secure_broker):
    connection = make_connection(
        secure_broker.port, user=USER, password=PASSWORD, tls=True, ca_file=secure_broker.ca_file
    )

    connection.start()

    wait_until(lambda: connection.health.connected)
    connection.close()


def test_certificate_that_is_not_trusted_is_named(secure_broker, caplog):
    connection = make_connection(secure_broker.port, user=USER, password=PASSWORD, tls=True)

    connection.start()

    assert "certificate is not trusted" in wait_problem(connection)
    connection.close()


def test_wrong_password_is_named_and_not_shown(secure_broker, caplog):
    connection = make_connection(
        secure_broker.port, user=USER, password="wr0ng", tls=True, ca_file=secure_broker.ca_file
    )

    connection.start()

    problem = wait_problem(connection)
    assert "refused the login" in problem
    assert "wr0ng" not in f"{problem} {caplog.text}"
    connection.close()


def test_missing_certificates_to_trust_are_named(tmp_path):
    connection = make_connection(1, tls=True, ca_file=tmp_path / "none.pem")

    connection.start()

    assert "none.pem" in wait_problem(connection)
    connection.close()


def test_server_that_is_no_broker_is_told_apart(monkeypatch):
    monkeypatch.setattr("ovd.notify.mqtt.session.CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = make_connection(silent.getsockname()[1])
        connection.start()

        assert "does not answer as a broker" in wait_problem(connection)
        connection.close()


def test_outage_is_logged_once(caplog):
    caplog.set_level(logging.WARNING)
    connection = make_connection(1)
    connection.start()
    wait_problem(connection)
    retries = threading.Event()

    retries.wait(0.5)
    connection.close()

    assert len([line for line in caplog.messages if "tried again" in line]) == 1
