"""Ports of MQTT: the broker, and the names of topic levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class TopicKind(StrEnum):
    """The kinds of things that have a topic level of their own."""

    CAMERA = "camera"
    QUERY = "query"
    ZONE = "zone"
    RULE = "rule"


@dataclass(frozen=True)
class TopicName:
    """The topic level of something; it stays, so that subscriptions stay valid.

    Attributes:
        kind: What it is.
        camera_id: Key of the camera, also of the one that a query or zone belongs to; 0 for a rule.
        text: Its name; the reading of a query.
        slug: The topic level, unique among those of its kind and camera.
    """

    kind: TopicKind
    camera_id: int
    text: str
    slug: str


class TopicNameRepository(Protocol):
    """Topic levels that were given out.

    Raises:
        StoreError: From every method, when the database cannot be used.
    """

    def all(self) -> Sequence[TopicName]:
        """Return all of them."""
        ...

    def add(self, name: TopicName) -> None:
        """Keep another one."""
        ...


class Broker(Protocol):
    """Retained values of a broker; see `ovd.notify.mqtt.connection.MqttConnection`."""

    def retain(self, topic: str, payload: str) -> None:
        """Keep this value at a topic; returns at once. An empty payload removes the value."""
        ...

    def replace(self, topic: str, passing: str, payload: str) -> None:
        """Send `passing`, then keep `payload`; `passing` is left out without a connection."""
        ...

    def refresh(self, topic: str) -> None:
        """Send the value of a topic again; returns at once."""
        ...
