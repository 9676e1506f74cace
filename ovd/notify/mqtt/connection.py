"""MqttConnection: keeps a broker up to date with values, across lost connections."""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovd.errors import MqttError
from ovd.notify.mqtt.session import MqttBroker, MqttMessage, MqttSession, ReceivedMessage
from ovd.threads import Backoff, Caught, SupervisedThread, ThreadHealth

# Values are sent again, and the state of the connection checked, at least this often.
STEP_S = 1.0
FAREWELL_S = 5.0
# Messages that may wait for the broker, beside the newest value of every topic.
MOST_QUEUED = 1000

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class MqttHealth:
    """The state of a connection.

    Attributes:
        connected: Whether the broker accepted this client.
        problem: Why it is not connected, credentials removed; empty when it is.
        waiting: Values and messages that the broker has not acknowledged.
    """

    connected: bool
    problem: str
    waiting: int


@dataclass(frozen=True)
class MqttPresence:
    """The messages by which others see whether this client is there.

    Attributes:
        topic: Where they are retained.
        online: Payload while it is connected.
        stopped: Payload after a clean end.
        offline: Payload that the broker publishes when it is lost.
    """

    topic: str
    online: str = "online"
    stopped: str = "stopped"
    offline: str = "offline"


class MqttConnection:
    """Publishes from a thread of its own; every method may be called from any thread.

    Of a retained topic only the newest value matters: values that the broker has not taken yet
    are replaced, and after a reconnect all of them are published again, since a broker may have
    lost them. Presence is published after them, so that values of an earlier process are never
    taken for present ones.
    """

    def __init__(
        self,
        broker: MqttBroker,
        presence: MqttPresence,
        subscriptions: Sequence[str] = (),
        handle: Callable[[ReceivedMessage], None] = lambda _: None,
        backoff: Backoff | None = None,
    ) -> None:
        """Prepare; `start` connects.

        Args:
            broker: Where to connect.
            presence: How this client shows that it is there.
            subscriptions: Topics to listen to.
            handle: Called with what comes, in the connection's thread; must return soon.
            backoff: Pauses between attempts to connect.
        """
        self._broker = broker
        self._presence = presence
        self._subscriptions = (*subscriptions, presence.topic)
        self._handle = handle
        self._backoff = backoff or Backoff(first_s=1.0, ceiling_s=60.0)
        self._changed = threading.Condition()
        self._values: dict[str, str] = {}
        self._unsent: dict[str, None] = {}
        self._messages: deque[tuple[MqttMessage, threading.Event]] = deque()
        self._session: MqttSession | None = None
        self._problem = "not connected yet"
        self._warned = ""
        self._in_flight = 0
        self._thread = SupervisedThread("mqtt", self._work, self._wake)

    def start(self) -> None:
        """Connect, and stay connected until `close`."""
        self._thread.start()

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    @property
    def health(self) -> MqttHealth:
        """Return how the connection stands."""
        with self._changed:
            waiting = len(self._unsent) + len(self._messages) + self._in_flight
            return MqttHealth(not self._problem, self._problem, waiting)

    def retain(self, topic: str, payload: str) -> None:
        """Keep this value at a topic; one that it has already is not sent again."""
        with self._changed:
            if self._values.get(topic) == payload:
                return
            self._values[topic] = payload
            self._unsent[topic] = None
        self._wake()

    def replace(self, topic: str, passing: str, payload: str) -> None:
        """Send `passing` to a retained topic, then keep `payload` there.

        Without a connection `passing` is left out, as are other values in between.
        """
        with self._changed:
            if not self._problem:
                message = MqttMessage(topic, passing, retain=True)
                self._messages.append((message, threading.Event()))
            self._values[topic] = payload
            self._unsent[topic] = None
        self._wake()

    def refresh(self, topic: str) -> None:
        """Send the value of a topic again, which shows that it still holds."""
        with self._changed:
            if topic in self._values:
                self._unsent[topic] = None
        self._wake()

    def publish(self, message: MqttMessage, timeout_s: float) -> None:
        """Publish a message that is not retained, and wait until the broker has it.

        Raises:
            MqttError: If it did not acknowledge the message in time; it may have it all the same.
        """
        done = threading.Event()
        with self._changed:
            if self._problem or len(self._messages) >= MOST_QUEUED:
                raise MqttError(self._problem or f"{self._broker.name} is too slow")
            self._messages.append((message, done))
        self._wake()
        if not done.wait(timeout_s):
            raise MqttError(f"{self._broker.name} did not acknowledge a message in {timeout_s:g} s")

    def close(self, farewell: Sequence[MqttMessage] = ()) -> None:
        """Publish what is left and then that this is a clean end. Calling it twice is harmless."""
        for message in farewell:
            self.retain(message.topic, message.payload)
        self._thread.stop(FAREWELL_S + STEP_S)

    def _wake(self) -> None:
        session = self._session
        if session is not None:
            session.wake()

    def _work(self, stopping: threading.Event) -> None:
        pause_s = 0.0
        while not stopping.is_set():
            started_s = time.monotonic()
            try:
                self._serve(stopping)
            except MqttError as error:
                self._note(str(error))
            pause_s = self._backoff.next_pause_s(pause_s, time.monotonic() - started_s)
            # Clients that lost the same broker should not all come back in the same moment.
            stopping.wait(pause_s * random.uniform(0.75, 1.25))  # noqa: S311

    def _serve(self, stopping: threading.Event) -> None:
        """Connect, and publish until the connection ends or the thread is to stop."""
        presence = self._presence
        session = MqttSession(
            self._broker, MqttMessage(presence.topic, presence.offline, retain=True)
        )
        try:
            session.connect(self._subscriptions)
            self._begin(session)
            while not stopping.is_set():
                self._send(session)
                self._take(session.step(STEP_S))
            self._end(session)
        finally:
            self._session = None
            with self._changed:
                self._messages.clear()
                self._in_flight = 0
            session.close()

    def _begin(self, session: MqttSession) -> None:
        with self._changed:
            self._values.pop(self._presence.topic, None)
            self._unsent = dict.fromkeys(self._values)
            self._values[self._presence.topic] = self._presence.online
            self._unsent[self._presence.topic] = None
            warned, self._warned = self._warned, ""
            self._problem = ""
        self._session = session
        if warned:
            _LOG.warning("connected to %s again", self._broker.name)

    def _send(self, session: MqttSession) -> None:
        while session.has_room:
            with self._changed:
                if self._messages:
                    message, done = self._messages.popleft()
                elif self._unsent:
                    topic = next(iter(self._unsent))
                    del self._unsent[topic]
                    message, done = MqttMessage(topic, self._values[topic], retain=True), None
                else:
                    return
                self._in_flight += 1
            session.send(message, lambda done=done: self._acknowledge(done))  # type: ignore[misc]

    def _acknowledge(self, done: threading.Event | None) -> None:
        with self._changed:
            self._in_flight -= 1
        if done is not None:
            done.set()

    def _take(self, received: Sequence[ReceivedMessage]) -> None:
        presence = self._presence
        for message in received:
            if message.topic != presence.topic:
                with Caught() as caught:
                    self._handle(message)
                if caught.error is not None:
                    raise caught.error
            elif message.payload != presence.online:
                # The will of an earlier connection may come late, and would stay.
                self.refresh(presence.topic)

    def _end(self, session: MqttSession) -> None:
        """Publish what is left, then that this client has stopped."""
        self.retain(self._presence.topic, self._presence.stopped)
        until_s = time.monotonic() + FAREWELL_S
        while time.monotonic() < until_s:
            self._send(session)
            if session.idle and not self._unsent:
                break
            session.step(0.1)
        session.disconnect()

    def _note(self, problem: str) -> None:
        with self._changed:
            self._problem = problem
            new = problem != self._warned
            self._warned = problem
        if new:
            _LOG.warning("%s; it is tried again", problem)
