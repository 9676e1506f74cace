"""MqttNotifier: alerts at the broker, each at the topic of its rule."""

import json
from collections.abc import Callable

from ovd.domain.ports.notify import Notice
from ovd.errors import DeliveryError, MqttError
from ovd.notify.mqtt.connection import MqttConnection
from ovd.notify.mqtt.session import MqttMessage

LONGEST_S = 10.0


class MqttNotifier:
    """Implements `ovd.domain.ports.notify.Notifier`; messages are not retained."""

    def __init__(self, connection: MqttConnection, topic_of: Callable[[str], str]) -> None:
        """Send nothing yet.

        Args:
            connection: The broker.
            topic_of: Returns the topic of a rule.
        """
        self._connection = connection
        self._topic_of = topic_of

    def send(self, notice: Notice) -> None:
        """Publish a message; see the port."""
        payload = json.dumps(notice.body, ensure_ascii=False)
        try:
            message = MqttMessage(self._topic_of(notice.topic), payload)
            self._connection.publish(message, LONGEST_S)
        except MqttError as error:
            raise DeliveryError(str(error)) from error
