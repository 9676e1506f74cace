import json
from pathlib import Path

import pytest

from ovd.domain.ports.notify import Notice
from ovd.errors import DeliveryError
from ovd.notify.mqtt.connection import MqttConnection, MqttPresence
from ovd.notify.mqtt.notifier import MqttNotifier
from ovd.notify.mqtt.session import MqttBroker
from tests.mosquitto import Mosquitto, Watcher, wait_until

NOTICE = Notice("a1/new/1", "queue", "Title", "Text", {"id": "a1", "query": "사람"})


def make_notifier(connection: MqttConnection) -> MqttNotifier:
    return MqttNotifier(connection, lambda rule: f"ovd/alerts/{rule}")


def test_alert_comes_at_the_topic_of_its_rule(tmp_path: Path):
    broker = Mosquitto(tmp_path)
    broker.start()
    watcher = Watcher(broker)
    connection = MqttConnection(
        MqttBroker("127.0.0.1", broker.port, "ovd"), MqttPresence("ovd/available")
    )
    connection.start()
    wait_until(lambda: connection.health.connected)

    make_notifier(connection).send(NOTICE)

    came = watcher.wait_for("ovd/alerts/queue", lambda text: text.startswith("{"))
    assert json.loads(came) == {"id": "a1", "query": "사람"}
    connection.close()
    watcher.close()
    broker.kill()


def test_broker_that_is_away_is_a_failed_delivery():
    connection = MqttConnection(MqttBroker("127.0.0.1", 1, "ovd"), MqttPresence("ovd/available"))

    with pytest.raises(DeliveryError, match="not connected"):
        make_notifier(connection).send(NOTICE)
