"""MqttSession: one connection to a broker, driven by the thread that opened it."""

import select
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ovd.errors import MqttError

CONNECT_S = 10.0
KEEPALIVE_S = 30
# Unacknowledged messages beyond which a session waits before it sends more.
MOST_IN_FLIGHT = 100
_AT_LEAST_ONCE = 1


@dataclass(frozen=True)
class MqttBroker:
    """A broker and how to log in.

    Attributes:
        host: Its name or address.
        port: Its port.
        client_id: Name of this client; a new connection of that name ends the one before.
        user: Name to log in with; empty connects without login.
        password: Its password; never shown.
        tls: Whether the connection is encrypted and the certificate of the broker verified.
        ca_file: Certificates to trust instead of the system's.
    """

    host: str
    port: int
    client_id: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        """Return the broker in words, without credentials."""
        return f"the MQTT broker {self.host}:{self.port}"


@dataclass(frozen=True)
class MqttMessage:
    """A message for a topic; an empty payload that is retained removes the one before."""

    topic: str
    payload: str
    retain: bool = False


@dataclass(frozen=True)
class ReceivedMessage:
    """A message from the broker.

    Attributes:
        topic: Its topic.
        payload: Its content as text; bytes that are no UTF-8 are replaced.
        retained: Whether the broker kept it from before the subscription.
    """

    topic: str
    payload: str
    retained: bool


class MqttSession:
    """One connection, from login to its end; every method but `wake` is for its own thread.

    Messages are sent with QoS 1: each is sent again within the session until the broker has
    acknowledged it.
    """

    def __init__(self, broker: MqttBroker, will: MqttMessage) -> None:
        """Prepare; `connect` opens the connection.

        Args:
            broker: Where to connect.
            will: What the broker publishes once this client is lost.

        Raises:
            MqttError: If the certificates to trust cannot be read.
        """
        self._broker = broker
        self._refused = ""
        self._accepted = False
        self._lost = ""
        self._unacknowledged: dict[int, Callable[[], None]] = {}
        self._received: list[ReceivedMessage] = []
        self._tls: _ClientContext | None = None
        self._client = self._prepare(will)
        self._waker, self._wakes = socket.socketpair()
        self._waker.setblocking(False)
        self._wakes.setblocking(False)

    @property
    def has_room(self) -> bool:
        """Return whether more messages may be sent before some are acknowledged."""
        return len(self._unacknowledged) < MOST_IN_FLIGHT

    @property
    def idle(self) -> bool:
        """Return whether everything that was sent is acknowledged."""
        return not self._unacknowledged

    def connect(self, subscriptions: Sequence[str]) -> None:
        """Connect, log in and subscribe.

        Raises:
            MqttError: If the broker cannot be reached, is not trusted or refuses the login.
        """
        broker = self._broker
        try:
            self._client.connect(broker.host, broker.port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise MqttError(f"cannot connect to {broker.name} ({_reason(error)})") from None
        until_s = time.monotonic() + CONNECT_S
        while not self._accepted:
            if self._refused:
                raise MqttError(f"{broker.name} refused the login: {self._refused}")
            if time.monotonic() > until_s:
                raise MqttError(f"{broker.name} does not answer as a broker does")
            self.step(0.2)
        for topic in subscriptions:
            self._client.subscribe(topic, _AT_LEAST_ONCE)

    def send(self, message: MqttMessage, acknowledged: Callable[[], None]) -> None:
        """Send a message.

        Args:
            message: What to publish.
            acknowledged: Called by a later `step`, once the broker has it.

        Raises:
            MqttError: If the connection has ended.
        """
        info = self._client.publish(
            message.topic, message.payload.encode(), _AT_LEAST_ONCE, message.retain
        )
        if info.rc is paho.MQTT_ERR_NO_CONN:
            raise MqttError(f"the connection to {self._broker.name} ended")
        self._unacknowledged[info.mid] = acknowledged

    def step(self, timeout_s: float) -> list[ReceivedMessage]:
        """Exchange packets, waiting for something to do at most this long.

        Returns:
            Messages that came.

        Raises:
            MqttError: If the connection has ended.
        """
        connection = self._client.socket()
        if connection is None or self._lost:
            raise MqttError(
                f"the connection to {self._broker.name} ended ({self._lost or 'closed'})"
            )
        writers = [connection] if self._client.want_write() else []
        pending = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
        readable, writable, _ = select.select(
            [connection, self._wakes], writers, [], 0.0 if pending else timeout_s
        )
        if self._wakes in readable:
            self._drain()
        if connection in readable or pending:
            self._client.loop_read(MOST_IN_FLIGHT)
        if writable or self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()
        received, self._received = self._received, []
        return received

    def wake(self) -> None:
        """End the wait of `step`; from any thread."""
        try:
            self._waker.send(b"!")
        except (BlockingIOError, OSError):
            return  # there are wakes enough, or the session is closed

    def disconnect(self) -> None:
        """Tell the broker that this is a clean end: it publishes no will."""
        self._client.disconnect()
        self._client.loop_write()

    def close(self) -> None:
        """Release the connection. Without `disconnect` the broker publishes the will."""
        connection = self._client.socket()
        if connection is not None:
            connection.close()
        if self._tls is not None and self._tls.made is not None:
            self._tls.made.close()
        self._waker.close()
        self._wakes.close()

    def _prepare(self, will: MqttMessage) -> paho.Client:
        broker = self._broker
        client = paho.Client(
            CallbackAPIVersion.VERSION2, broker.client_id, protocol=MQTTProtocolVersion.MQTTv311
        )
        client.connect_timeout = CONNECT_S
        client.will_set(will.topic, will.payload.encode(), _AT_LEAST_ONCE, retain=True)
        if broker.user:
            client.username_pw_set(broker.user, broker.password or None)
        if broker.tls:
            self._tls = self._tls_context()
            client.tls_set_context(self._tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        # With these set, paho writes in `step` only, never in the thread that publishes.
        client.on_socket_register_write = _leave_to_step
        return client

    def _tls_context(self) -> "_ClientContext":
        context = _ClientContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if self._broker.ca_file is None:
                context.load_default_certs()
            else:
                context.load_verify_locations(self._broker.ca_file)
            return context
        except OSError as error:
            raise MqttError(
                f"the certificates for {self._broker.name} cannot be read from "
                f"{self._broker.ca_file} ({_reason(error)}); check ca_file in [mqtt]"
            ) from None

    def _drain(self) -> None:
        try:
            while self._wakes.recv(4096):
                continue
        except BlockingIOError:
            return

    def _on_connect(
        self,
        client: paho.Client,
        userdata: object,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._refused = str(reason).lower()
        else:
            self._accepted = True

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: object,
        flags: paho.DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._lost = str(reason).lower()

    def _on_publish(
        self,
        client: paho.Client,
        userdata: object,
        message_id: int,
        reason: ReasonCode,
        properties: Properties,
    ) -> None:
        acknowledged = self._unacknowledged.pop(message_id, None)
        if acknowledged is not None:
            acknowledged()

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        text = message.payload.decode("utf-8", "replace")
        self._received.append(ReceivedMessage(message.topic, text, message.retain))


class _ClientContext(ssl.SSLContext):
    """Verifies certificates, and knows the socket that paho leaves open if one is refused."""

    made: ssl.SSLSocket | None = None

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        self.made = super().wrap_socket(*args, **options)
        return self.made


def _leave_to_step(client: paho.Client, userdata: object, connection: object) -> None:
    """Write nothing here."""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
