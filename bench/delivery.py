"""Seconds from the capture of a frame until its alert and its count have arrived elsewhere.

Cameras are counted by a fake detector twice a second, each in its own phase; what they show
changes between nothing and something every few frames, and a rule "person present" for each tells
a webhook on this machine and a real mosquitto. Latency is from `captured_at` of the frame to the
request at the HTTP server, and to the message at an MQTT client. It includes the detector's time
(next to nothing here), the writing of state and outbox, and the delivery.

Example: python -m bench.delivery --cameras 8 --fps 2 --seconds 30
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ovd.bootstrap.alerts import build_alert_engine
from ovd.bootstrap.delivery import build_delivery, build_targets
from ovd.bootstrap.mqtt import build_mqtt
from ovd.domain.access import Identity, IdentityKind, Role
from ovd.domain.alerts import AlertRule, Condition, TargetOptions, TargetSecrets
from ovd.domain.cameras import CameraAddress, CameraSettings
from ovd.domain.frame import Frame
from ovd.domain.ports import SourceInfo, SourceOptions
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.settings import MqttSettings
from ovd.video.clock import SystemClock
from tests.builders import make_query
from tests.fakes import FakeReader
from tests.http_receiver import HttpReceiver
from tests.mosquitto import Mosquitto, Watcher, wait_until
from tests.stages import Stage

WARM_UP_S = 3.0
FRAMES_PER_STATE = 3
ROOT = Identity(IdentityKind.COMMAND, "bench", Role.ADMIN)


class BlinkingSource:
    """A live camera whose first pixel, by which the fake detector counts, changes now and then."""

    def __init__(self, camera: str, fps: float, phase_s: float) -> None:
        self.info = SourceInfo(f"bench://{camera}", (48, 64), fps, None, 1 / fps, True)
        self.frames_read = 0
        self._camera = camera
        self._phase_s = phase_s
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        start_s = time.monotonic() + self._phase_s
        fps = self.info.fps
        while not self._closed.wait(max(0.0, start_s + self.frames_read / fps - time.monotonic())):
            image = np.zeros((48, 64, 3), dtype=np.uint8)
            image[0, 0] = self.frames_read // FRAMES_PER_STATE % 2
            yield Frame(
                image, self.frames_read, self.frames_read / fps, datetime.now(UTC), self._camera
            )
            self.frames_read += 1

    def close(self) -> None:
        """End the camera."""
        self._closed.set()


@dataclass(frozen=True)
class Size:
    """The size of a measurement."""

    cameras: int
    fps: float
    seconds: float


class Arrivals:
    """Seconds from capture to arrival, of alerts that began and of counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._from = datetime.now(UTC)
        self._values: dict[str, list[float]] = {}

    def begin(self) -> None:
        """Count from now on only."""
        self._from = datetime.now(UTC)

    def note(self, kind: str, captured_at: str | None) -> None:
        """Note that something arrived now."""
        if captured_at is None:
            return
        captured = datetime.fromisoformat(captured_at)
        if captured >= self._from:
            with self._lock:
                seconds = (datetime.now(UTC) - captured).total_seconds()
                self._values.setdefault(kind, []).append(seconds)

    def print(self) -> None:
        """Print medians and 95th percentiles in milliseconds."""
        for kind, values in sorted(self._values.items()):
            p50, p95 = (1000 * np.percentile(values, (50, 95))).tolist()
            print(f"{kind:28} {len(values):5} arrived  p50 {p50:6.0f} ms  p95 {p95:6.0f} ms")


class TimedReceiver(HttpReceiver):
    """Notes every alert that begins when its request comes."""

    def __init__(self, arrivals: Arrivals) -> None:
        super().__init__()
        self._arrivals = arrivals
        self._seen = 0

    def follow(self, stopping: threading.Event) -> None:
        """Note requests until told to stop."""
        while not stopping.is_set():
            with self.came:
                self.came.wait_for(lambda: len(self.received) > self._seen, 0.1)
                new, self._seen = self.received[self._seen :], len(self.received)
            for request in new:
                body = json.loads(request.body)
                if body["type"] == "new":
                    self._arrivals.note("webhook, alert begins", body["started_at"])


class TimedWatcher(Watcher):
    """Notes counts and alerts when they come from the broker."""

    def __init__(self, broker: Mosquitto, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        super().__init__(broker, "ovd/#")

    def note(self, topic: str, payload: str) -> None:
        """Note one message."""
        if topic.endswith("/state"):
            self._arrivals.note("MQTT, count", json.loads(payload)["captured_at"])
        elif topic.startswith("ovd/alerts/"):
            body = json.loads(payload)
            if body["type"] == "new":
                self._arrivals.note("MQTT, alert begins", body["started_at"])


def measure(size: Size) -> Arrivals:
    """Count cameras for a while; return when what they showed arrived elsewhere."""
    arrivals = Arrivals()
    with tempfile.TemporaryDirectory() as folder:
        broker, stage = Mosquitto(Path(folder)), Stage(Path(folder))
        broker.start()
        watcher = TimedWatcher(broker, arrivals)
        try:
            with TimedReceiver(arrivals) as receiver, closing(stage.services):
                run(stage, broker, receiver, size, arrivals)
        finally:
            watcher.close()
            broker.kill()
    return arrivals


def run(
    stage: Stage,
    broker: Mosquitto,
    receiver: TimedReceiver,
    size: Size,
    arrivals: Arrivals,
) -> None:
    """Start everything as `ovd serve` does, and let it run."""
    services, clock, stopping = stage.services, SystemClock(), threading.Event()
    store, events, audit = services.store, services.events, services.access.audit
    assert events is not None
    table = MqttSettings(host="127.0.0.1", port=broker.port)
    settings = services.settings.model_copy(update={"mqtt": table})
    queries = CameraQueryReader(FakeReader(), store.saved_queries)
    mqtt = build_mqtt(settings, store, services.fleet, queries, events, audit)
    assert mqtt is not None
    targets = build_targets(settings, store, audit, clock, mqtt)
    targets.add(ROOT, "hook", TargetSecrets(receiver.url, "s3cret"), TargetOptions())
    delivery = build_delivery(store, targets, services.evidence, clock)
    engine = build_alert_engine(settings, store, services.fleet, events, delivery.wake)
    names = [f"camera-{number}" for number in range(size.cameras)]
    rules = [
        AlertRule(f"rule {name}", Condition.PRESENT, (name,), "person", to=("hook", "mqtt"))
        for name in names
    ]
    for name in names:
        address = CameraAddress.without_credentials(f"rtsp://192.0.2.1/{name}")
        store.cameras.add(CameraSettings(name, address))
    store.alerts.add(rules)
    threading.Thread(target=receiver.follow, args=(stopping,), daemon=True).start()
    for part in (engine, delivery, mqtt):
        part.start()
    for number, name in enumerate(names):
        uri = f"rtsp://192.0.2.1/{name}"
        stage.sources[uri] = BlinkingSource(name, size.fps, number / size.cameras / size.fps)
        services.fleet.start(name, uri, [make_query()], SourceOptions())
    wait_until(lambda: mqtt.health.connected)
    time.sleep(WARM_UP_S)
    arrivals.begin()
    time.sleep(size.seconds)
    counted = sum(status.counted_fps for status in services.fleet.statuses())
    print(f"{size.cameras} cameras, {counted:.1f} frames counted in a second")
    stopping.set()
    for part in (delivery, mqtt, engine):
        part.close()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    measure(Size(options.cameras, options.fps, options.seconds)).print()


if __name__ == "__main__":
    main()
