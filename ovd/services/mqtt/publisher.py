"""MqttPublisher: keeps a broker, and Home Assistant behind it, up to date with the cameras."""

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovd.domain.cameras import Camera
from ovd.domain.ports import CameraStatus
from ovd.domain.ports.mqtt import Broker
from ovd.errors import OvdError, StoreError
from ovd.services.events import Event
from ovd.services.mqtt.camera_values import OFFLINE, ONLINE, STOPPED, CameraValues
from ovd.services.mqtt.discovery import (
    Discovery,
    DiscoveryConfig,
    build_discovery,
    build_removal,
    discovery_topic,
)
from ovd.services.mqtt.observations import CrossingTotals, NewestObservations, Observation
from ovd.services.mqtt.shapes import CameraShape
from ovd.services.mqtt.shaping import ShapeBuilder
from ovd.services.streaming.signal import name_state
from ovd.threads import SupervisedThread, ThreadHealth

CHECK_S = 1.0
# Cameras are read from the database again this often.
READ_S = 2.0
MOST_COMMANDS = 100
_STATUSES = {"counting": ONLINE, "stopped": STOPPED, "done": STOPPED}
_COMMANDS = {"ON": True, "OFF": False}

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class MqttCommand:
    """A command to a camera: its topic level, and ON or OFF."""

    slug: str
    payload: str


class MqttPublisher:
    """Publishes from a thread of its own; counting never waits for it.

    It keeps the newest counts of each camera only, so a slow broker misses values in between and
    no more than that. Each value is published when it changes.
    """

    def __init__(  # noqa: PLR0913 -- the collaborators of a composition root
        self,
        broker: Broker,
        shapes: ShapeBuilder,
        config: DiscoveryConfig,
        cameras: Callable[[], Sequence[Camera]],
        statuses: Callable[[], Sequence[CameraStatus]],
        switch: Callable[[str, bool], None],
        now_s: Callable[[], float],
    ) -> None:
        """Prepare; `start` begins.

        Args:
            broker: Where to publish.
            shapes: Knows the topics of cameras.
            config: How Home Assistant is told.
            cameras: Reads the cameras of the database, without those that were removed.
            statuses: Tells how the cameras of the fleet stand; does no I/O.
            switch: Switches the counting of a camera on or off, for good.
            now_s: Monotonic clock, in seconds.
        """
        self._broker = broker
        self._shapes = shapes
        self._config = config
        self._read_cameras = cameras
        self._statuses = statuses
        self._now_s = now_s
        self._switch = switch
        self._newest = NewestObservations()
        self._totals = CrossingTotals()
        self._cameras: dict[str, CameraValues] = {}
        self._enabled: dict[str, bool] = {}
        self._told: dict[str, Discovery] = {}
        self._known: dict[str, CameraStatus] = {}
        self._commands: deque[MqttCommand] = deque(maxlen=MOST_COMMANDS)
        self._check_at_s = 0.0
        self._read_at_s = 0.0
        self._began = False
        self._problem = ""
        self._thread = SupervisedThread("mqtt cameras", self._work, self._newest.wake)

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of its thread."""
        return (self._thread.health,)

    def handle(self, event: Event) -> None:
        """Take over what an event tells; returns at once."""
        self._newest.handle(event)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def close(self) -> None:
        """Say that no camera is observed any more. Calling it twice is harmless."""
        self._thread.stop()
        for values in self._cameras.values():
            values.set_status(STOPPED)

    def announce(self) -> None:
        """Send the discovery messages again, as when Home Assistant has started."""
        for topic in tuple(self._told):
            self._broker.refresh(topic)

    def command(self, command: MqttCommand) -> None:
        """Switch a camera soon; returns at once."""
        self._commands.append(command)
        self._newest.wake()

    def step(self, timeout_s: float = CHECK_S) -> None:
        """Wait for something to happen, at most this long, and publish it."""
        observations, something_else = self._newest.take(timeout_s)
        if something_else or self._now_s() >= self._check_at_s:
            self._check_cameras()
        for observation in observations:
            self._publish(observation)
        while self._commands:
            self._obey(self._commands.popleft())

    def _work(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self.step()

    def _check_cameras(self) -> None:
        """Publish how cameras stand, and now and then which there are."""
        now_s = self._now_s()
        self._check_at_s = now_s + CHECK_S
        self._known = {status.camera: status for status in self._statuses()}
        if now_s >= self._read_at_s:
            self._read_at_s = now_s + READ_S
            self._follow_database()
        for name, values in self._cameras.items():
            values.set_status(self._status_of(name))

    def _status_of(self, name: str) -> str:
        state = name_state(self._known.get(name), self._enabled.get(name, False))
        return _STATUSES.get(state, OFFLINE)

    def _follow_database(self) -> None:
        try:
            cameras = {
                camera.name: camera
                for camera in self._read_cameras()
                if camera.added or camera.enabled
            }
            shapes = [
                self._shapes.build(camera, self._known.get(camera.name))
                for camera in cameras.values()
            ]
        except StoreError as error:
            if str(error) != self._problem:
                _LOG.warning("cameras cannot be read for MQTT: %s", error)
            self._problem = str(error)
            return
        self._problem = ""
        self._enabled = {camera.name: camera.enabled for camera in cameras.values()}
        if not self._began:
            self._began = True
            self._clear_former(shapes)
        for shape in shapes:
            self._take(shape)
        for name in self._cameras.keys() - cameras.keys():
            self._remove(name)

    def _clear_former(self, shapes: Sequence[CameraShape]) -> None:
        """Remove from the broker what went away while ovd did not run."""
        used = {shape.status for shape in shapes}
        used.update(topic for shape in shapes for topic in shape.value_topics)
        present = {shape.camera_id for shape in shapes}
        for shape in self._shapes.former():
            for topic in {shape.status, *shape.value_topics} - used:
                self._broker.retain(topic, "")
            topic = discovery_topic(self._config, shape)
            if shape.camera_id in present:
                self._told[topic] = build_discovery(self._config, shape)
            else:
                self._broker.retain(topic, "")

    def _take(self, shape: CameraShape) -> None:
        values = self._cameras.get(shape.name)
        if values is not None and values.shape == shape:
            return
        if values is None:
            self._cameras[shape.name] = CameraValues(self._broker, shape, self._now_s)
        else:
            values.change_shape(shape)
        topic = discovery_topic(self._config, shape)
        message = build_discovery(self._config, shape)
        removal = build_removal(self._told[topic], message) if topic in self._told else None
        self._told[topic] = message
        if removal is None:
            self._broker.retain(topic, _to_json(message))
        else:
            self._broker.replace(topic, _to_json(removal), _to_json(message))

    def _remove(self, name: str) -> None:
        values = self._cameras.pop(name)
        topic = discovery_topic(self._config, values.shape)
        self._told.pop(topic, None)
        self._broker.retain(topic, "")
        values.remove()
        self._totals.forget(name)

    def _publish(self, observation: Observation) -> None:
        values = self._cameras.get(observation.camera)
        if values is None:
            return
        if not values.online:
            self._known = {status.camera: status for status in self._statuses()}
            values.set_status(self._status_of(observation.camera))
        if not values.online:
            return  # the frame is older than what the fleet knows by now
        values.publish(observation)
        for item, total_in, total_out in self._totals.add(observation):
            values.publish_total(item, total_in, total_out)

    def _obey(self, command: MqttCommand) -> None:
        shapes = [values.shape for values in self._cameras.values()]
        name = next((shape.name for shape in shapes if shape.slug == command.slug), None)
        wanted = _COMMANDS.get(command.payload.strip().upper())
        if name is None or wanted is None:
            _LOG.warning(
                "MQTT command %r for %r is ignored: ON or OFF for a camera is wanted",
                command.payload[:20],
                command.slug[:60],
            )
            return
        try:
            self._switch(name, wanted)
        except OvdError as error:
            _LOG.warning("MQTT command for %s failed: %s", name, error)
        self._read_at_s = 0.0


def _to_json(message: Discovery) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
