"""An engine of alerts over a store in memory, driven by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ovd.domain.alerts import AlertMessage, AlertState, LogSelection
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus, StoreHealth, StoreState
from ovd.services.alerts.engine import AlertAppendices, AlertEngine
from ovd.services.alerts.images.links import AlertLinks
from ovd.services.alerts.images.snapshots import AlertSnapshots
from ovd.services.alerts.surroundings import Surroundings
from ovd.services.events import FrameCounted
from tests.builders import START, make_alert_rule, make_frame, make_result, make_run
from tests.fakes import MemoryStore

RUN = make_run()
CAMERA = RUN.camera.name
LINKS = AlertLinks("https://ovd.example.com/", lambda text: f"s{len(text)}", lambda: START)


class StepClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s


class Scene:
    """An engine over a store in memory; frames come once a second."""

    def __init__(
        self, store: MemoryStore | None = None, snapshots: AlertSnapshots | None = None
    ) -> None:
        self.store = store or MemoryStore()
        self.clock = StepClock()
        self.statuses: list[CameraStatus] = []
        self.free_bytes = 10**12
        self.announced: list[AlertMessage] = []
        self.people: int | None = 0
        surroundings = Surroundings(lambda: self.statuses, self.health, self.clock, sites=self)
        self.engine = AlertEngine(
            self.store.alerts,
            surroundings,
            self.clock,
            self.announced.append,
            AlertAppendices(LINKS, snapshots),
        )
        self.engine.step()

    threads = ()

    def close(self) -> None:
        """End nothing: it observes sites without threads."""

    def people_inside(self, site: str) -> int | None:
        return self.people

    def health(self) -> StoreHealth:
        return StoreHealth(StoreState.GOOD, 0, self.free_bytes)

    def add(self, *names: str, **values: Any) -> None:
        self.store.alerts.add([make_alert_rule(name, **values) for name in names])
        self.reload()

    def reload(self) -> None:
        self.engine.follow()
        self.engine.step()

    def count(self, counts: Sequence[int], start_s: float = 0.0, camera: str = CAMERA) -> None:
        for number, count in enumerate(counts):
            self.frame(count, start_s + number, camera)
        self.engine.step()

    def frame(self, count: int, at_s: float, camera: str = CAMERA) -> None:
        frame = make_frame(0, time_s=at_s, camera=camera)
        result = make_result(frame, {"person": count}, observed_s=1.0)
        run = replace(RUN, camera=replace(RUN.camera, name=camera))
        self.engine.handle(FrameCounted(run, 1, result))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.passed_s += 1.0
            self.engine.step()

    @property
    def told(self) -> list[tuple[str, str, float]]:
        return [
            (item.message.rule, item.message.type.value, (item.message.at - START).total_seconds())
            for item in reversed(self.store.alerts.log(LogSelection()))
        ]

    @property
    def states(self) -> list[AlertState]:
        return [s.state for standing in self.engine.standings() for s in standing.statuses]


def make_status(
    state: RunStatus = RunStatus.RUNNING,
    source: SourceState = SourceState.GOOD,
    age_s: float | None = 0.1,
) -> CameraStatus:
    return CameraStatus(
        camera=CAMERA,
        uri="rtsp://camera/",
        state=state,
        error="",
        queries=(),
        run_id=1,
        frames_counted=1,
        frame_count=None,
        counted_fps=1.0,
        media_time_s=1.0,
        frame_age_s=age_s,
        health=SourceHealth(source),
    )
