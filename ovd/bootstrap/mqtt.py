"""MQTT: the connection, what is published on it, and the commands that come."""

import hashlib
import socket
from collections.abc import Callable
from dataclasses import dataclass

from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.cameras import CameraChanges
from ovd.domain.ports import CameraFleet, CountStore
from ovd.notify.mqtt.connection import MqttConnection, MqttHealth, MqttPresence
from ovd.notify.mqtt.session import MqttBroker, ReceivedMessage
from ovd.services.access.audit import AuditLog
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.events import EventHub
from ovd.services.mqtt.discovery import DiscoveryConfig
from ovd.services.mqtt.publisher import MqttCommand, MqttPublisher
from ovd.services.mqtt.shapes import presence_topic
from ovd.services.mqtt.shaping import ShapeBuilder
from ovd.services.mqtt.slugs import TopicSlugs, ascii_slug
from ovd.settings import MqttSettings, Settings
from ovd.threads import ThreadHealth
from ovd.video.clock import SystemClock

PLAIN_PORT, TLS_PORT = 1883, 8883
_COMMANDER = Identity(IdentityKind.BROKER, "mqtt", Role.OPERATOR)


@dataclass(frozen=True)
class Mqtt:
    """A broker that is kept up to date.

    Attributes:
        connection: The connection to it.
        publisher: Publishes what happens at cameras.
        slugs: Levels of topics.
        prefix: Topic that everything is below.
    """

    connection: MqttConnection
    publisher: MqttPublisher
    slugs: TopicSlugs
    prefix: str

    def start(self) -> None:
        """Connect, and publish from now on."""
        # What an earlier process left at the broker is replaced before ovd says it is online.
        self.publisher.step(0.0)
        self.publisher.start()
        self.connection.start()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the threads."""
        return self.connection.threads + self.publisher.threads

    @property
    def health(self) -> MqttHealth:
        """Return how the connection stands."""
        return self.connection.health

    def close(self) -> None:
        """Say that nothing is observed any more, and end. Calling it twice is harmless."""
        self.publisher.close()
        self.connection.close()


def build_mqtt(
    settings: Settings,
    store: CountStore,
    fleet: CameraFleet,
    queries: CameraQueryReader,
    events: EventHub,
    audit: AuditLog,
) -> Mqtt | None:
    """Return the connection to the broker of the settings, not started; None without one.

    Raises:
        StoreError: If the levels of topics cannot be read.
    """
    table = settings.mqtt
    if table is None:
        return None
    listener = _Listener(table)
    connection = MqttConnection(
        build_broker(table, settings),
        MqttPresence(presence_topic(table.prefix)),
        listener.subscriptions,
        listener.handle,
    )

    def switch(name: str, on: bool) -> None:
        store.cameras.update(name, CameraChanges(enabled=on))
        audit.note(_COMMANDER, "cameras.start" if on else "cameras.stop", name)

    slugs = TopicSlugs(store.topic_names)
    publisher = MqttPublisher(
        connection,
        ShapeBuilder(table.prefix, slugs, store.zones.of, queries.read),
        DiscoveryConfig(table.discovery_prefix, table.commands),
        store.cameras.all,
        fleet.statuses,
        switch,
        SystemClock().monotonic,
    )
    listener.announce, listener.command = publisher.announce, publisher.command
    events.subscribe("mqtt", publisher.handle)
    return Mqtt(connection, publisher, slugs, table.prefix)


def build_broker(table: MqttSettings, settings: Settings) -> MqttBroker:
    """Return the broker of the settings.

    The name of the client is that of this installation: a process that follows one which was
    killed takes its place, and the broker publishes the will of the former one before, not after.
    """
    place = f"{socket.gethostname()} {settings.data_dir.absolute()}"
    digest = hashlib.sha256(place.encode()).hexdigest()[:10]
    return MqttBroker(
        host=table.host,
        port=table.port or (TLS_PORT if table.tls else PLAIN_PORT),
        client_id=f"{ascii_slug(table.prefix) or 'ovd'}-{digest}",
        user=table.user,
        password=table.password,
        tls=table.tls,
        ca_file=table.ca_file,
    )


def _ignore() -> None:
    """Announce nothing: the publisher is not there yet."""


class _Listener:
    """Hands messages of the broker to those whom they concern."""

    def __init__(self, table: MqttSettings) -> None:
        self._birth = f"{table.discovery_prefix}/status"
        self._prefix = f"{table.prefix}/"
        commands = (f"{table.prefix}/+/set",) if table.commands else ()
        self.subscriptions = (self._birth, *commands)
        self.announce: Callable[[], None] = _ignore
        self.command: Callable[[MqttCommand], None] = lambda _: None

    def handle(self, message: ReceivedMessage) -> None:
        if message.topic == self._birth:
            if message.payload == "online" and not message.retained:
                self.announce()
            return
        slug, _, rest = message.topic.removeprefix(self._prefix).partition("/")
        # A command that the broker kept would be obeyed again with every connection.
        if rest == "set" and not message.retained:
            self.command(MqttCommand(slug, message.payload))
