"""A publisher over a broker that is a dictionary."""

import json
from dataclasses import replace
from typing import Any

from ovd.domain.cameras import Camera, CameraQuery
from ovd.domain.events import FrameResult, ZoneEventKind, ZoneTally
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import CameraStatus
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.domain.zones import LineZone, Zone
from ovd.services.events import FrameCounted
from ovd.services.mqtt.discovery import DiscoveryConfig
from ovd.services.mqtt.publisher import MqttPublisher
from ovd.services.mqtt.shaping import ShapeBuilder
from ovd.services.mqtt.slugs import TopicSlugs
from tests.builders import START, make_frame, make_query, make_result, make_run
from tests.fakes import FixedClock, MemoryTopicNames

DOOR = LineZone("door", ((0.5, 0.0), (0.5, 1.0)))
GATE = Camera(1, "gate", "rtsp://192.0.2.7/s", START, enabled=True, added=True)


class MemoryBroker:
    """Implements `ovd.domain.ports.mqtt.Broker`; `sent` holds every message in order."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.sent: list[tuple[str, str]] = []

    def retain(self, topic: str, payload: str) -> None:
        if self.values.get(topic) != payload:
            self.values[topic] = payload
            self.sent.append((topic, payload))

    def replace(self, topic: str, passing: str, payload: str) -> None:
        self.sent.append((topic, passing))
        self.retain(topic, payload)

    def refresh(self, topic: str) -> None:
        if topic in self.values:
            self.sent.append((topic, self.values[topic]))

    def json(self, topic: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.values[topic])
        return content


class MqttStage:
    """Cameras that tests set, and what was published of them."""

    def __init__(self, names: MemoryTopicNames | None = None, commands: bool = False) -> None:
        self.broker = MemoryBroker()
        self.names = names or MemoryTopicNames()
        self.clock = FixedClock()
        self.cameras: dict[str, Camera] = {}
        self.statuses: dict[str, CameraStatus] = {}
        self.zones: tuple[Zone, ...] = ()
        self.switched: list[tuple[str, bool]] = []
        self._number = 0
        self.publisher = MqttPublisher(
            self.broker,
            ShapeBuilder("ovd", TopicSlugs(self.names), lambda _: self.zones, lambda _: ()),
            DiscoveryConfig("homeassistant", commands),
            lambda: tuple(self.cameras.values()),
            lambda: tuple(self.statuses.values()),
            lambda name, on: self.switched.append((name, on)),
            self.clock.monotonic,
        )

    def add(self, camera: Camera = GATE, *queries: Query) -> None:
        """Let a camera be counted."""
        counted = queries or (make_query("person"),)
        self.cameras[camera.name] = replace(
            camera, queries=tuple(CameraQuery(query.text) for query in counted)
        )
        self.statuses[camera.name] = CameraStatus(
            camera=camera.name,
            uri=camera.uri,
            state=RunStatus.RUNNING,
            error="",
            queries=counted,
            run_id=1,
            frames_counted=0,
            frame_count=None,
            counted_fps=2.0,
            media_time_s=0.0,
            frame_age_s=0.1,
        )

    def lose(self, name: str = "gate") -> None:
        """Let the source of a camera be away."""
        away = SourceHealth(SourceState.AWAY, "no answer")
        self.statuses[name] = replace(self.statuses[name], health=away)
        self.step()

    def find_again(self, name: str = "gate") -> None:
        self.statuses[name] = replace(self.statuses[name], health=SourceHealth(SourceState.GOOD))

    def count(self, name: str = "gate", run_id: int = 1, **counts: int) -> None:
        """Count a frame, and let it be published."""
        self._number += 1
        result = make_result(make_frame(self._number, camera=name), counts)
        self.publish(result, name, run_id)

    def cross(
        self,
        times_in: int,
        times_out: int = 0,
        run_id: int = 1,
        queries: tuple[str, ...] = ("person",),
    ) -> None:
        """Count a frame in whose run the door was crossed so often."""
        counts = {ZoneEventKind.IN: times_in, ZoneEventKind.OUT: times_out}
        result = make_result(make_frame(camera="gate"), dict.fromkeys(queries, 1))
        zones = tuple(ZoneTally(DOOR, query, counts, None, None) for query in queries)
        self.publish(replace(result, zones=zones), "gate", run_id)

    def publish(self, result: FrameResult, name: str, run_id: int) -> None:
        run = make_run(self.cameras[name], run_id)
        self.publisher.handle(FrameCounted(run, self._number, result))
        self.step()

    def step(self, seconds: float = 3.0) -> None:
        """Let time pass, and the publisher work."""
        self.clock.advance(seconds)
        self.publisher.step(0.0)

    def discovery(self, camera_id: int = 1) -> dict[str, Any]:
        return self.broker.json(f"homeassistant/device/ovd_{camera_id}/config")
