"""A night of two cameras: the alerts that are told are those that were expected, live and replayed.

In the yard somebody walks by at 21:30, stays from 23:10 to 23:20, and is there again from 05:50 to
06:20; the stream is lost from 02:00 to 02:05. At the counter the queue is long twice: from 22:00:00
for 30 s, and from 23:00:00 for 6 s.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ovd.domain.alerts import AlertMessage, AlertRule, Condition, LogSelection
from ovd.domain.cameras import Camera
from ovd.domain.events import Gap
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import CameraStatus
from ovd.domain.records import Run, RunStatus
from ovd.services.alerts.engine import AlertEngine
from ovd.services.alerts.replay import AlertReplay
from ovd.services.alerts.surroundings import Surroundings
from ovd.services.events import CameraStateChanged, Event, FrameCounted, GapObserved
from ovd.store import SqlStore
from tests.builders import make_frame, make_query, make_result
from tests.store.databases import make_empty, make_url, open_store

SEOUL = ZoneInfo("Asia/Seoul")
EVENING = datetime(2026, 3, 2, 21, 0, tzinfo=SEOUL)
MORNING = EVENING + timedelta(hours=10)
YARD = AlertRule(
    name="person in the yard",
    when=Condition.PRESENT,
    cameras=("yard",),
    query="person",
    for_s=5.0,
    schedule=("daily 22:00-06:00",),
    tz="Asia/Seoul",
)
LOST = AlertRule(name="camera lost", when=Condition.LOST, for_s=60.0)
QUEUE = AlertRule(
    name="queue",
    when=Condition.ABOVE,
    cameras=("counter",),
    query="person",
    count=4,
    for_s=10.0,
)
EXPECTED = {
    ("queue", "counter", "new", "22:00:10"),
    ("queue", "counter", "end", "22:00:30"),
    ("person in the yard", "yard", "new", "23:10:05"),
    ("person in the yard", "yard", "end", "23:20:00"),
    ("camera lost", "yard", "new", "02:01:00"),
    ("camera lost", "yard", "end", "02:05:00"),
    ("person in the yard", "yard", "new", "05:50:05"),
    ("person in the yard", "yard", "end", "06:00:00"),  # its hours end
}
# The times around which the night is lived second by second; in between, it passes faster.
TURNS = (
    *("21:30:00", "22:00:00", "23:00:00", "23:10:00", "23:20:00", "02:00:00", "02:01:00"),
    *("02:03:00", "02:05:00", "05:50:00", "05:55:00", "06:00:00", "06:20:00"),
)
NEAR = timedelta(seconds=65)
Told = tuple[str, str, str, str]


def at(clock: str) -> datetime:
    hour, minute, second = map(int, clock.split(":"))
    day = EVENING + timedelta(days=hour < 12)
    return day.replace(hour=hour, minute=minute, second=second)


def between(moment: datetime, start: str, end: str) -> bool:
    return at(start) <= moment < at(end)


def persons_in_yard(moment: datetime) -> int | None:
    if between(moment, "02:00:00", "02:05:00"):
        return None
    walks = ("21:30:00", "21:30:40"), ("23:10:00", "23:20:00"), ("05:50:00", "06:20:00")
    return int(any(between(moment, *walk) for walk in walks))


def persons_at_counter(moment: datetime) -> int:
    long = between(moment, "22:00:00", "22:00:30") or between(moment, "23:00:00", "23:00:06")
    return 7 if long else 3


class NightClock:
    """The clock of the night, set by its events."""

    def __init__(self) -> None:
        self.moment = EVENING

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return (self.moment - EVENING).total_seconds()


class Night:
    """Two cameras, a store, and an engine that is restarted in the middle of the night."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.clock = NightClock()
        self.runs = {name: self._start(name) for name in ("yard", "counter")}
        self.frames = dict.fromkeys(self.runs, 0)
        self.last_at: dict[str, datetime] = {}
        self.gaps = {*self.runs}
        self.away = False
        self.engine = self._open()

    def _start(self, name: str) -> Run:
        camera: Camera = self.store.cameras.record(name, f"rtsp://192.0.2.7/{name}")
        return self.store.runs.start(camera, "fake", "", EVENING)

    def _open(self) -> AlertEngine:
        health = self.store.health
        surroundings = Surroundings(self.statuses, health, self.clock)
        engine = AlertEngine(self.store.alerts, surroundings, self.clock)
        engine.step()
        return engine

    def restart(self) -> None:
        self.engine.close()
        self.engine = self._open()

    def statuses(self) -> list[CameraStatus]:
        return [self._status(name, self.away and name == "yard") for name in self.runs]

    def _status(self, name: str, away: bool) -> CameraStatus:
        source = SourceState.AWAY if away else SourceState.GOOD
        query = (make_query(),)
        return CameraStatus(
            *(name, "rtsp://192.0.2.7/", RunStatus.RUNNING, "", query, 1, 1, None, 1.0, 0.0, 0.1),
            health=SourceHealth(source),
        )

    @property
    def step_s(self) -> int:
        moment = self.clock.moment
        near = any(abs(moment - at(turn)) <= NEAR for turn in TURNS)
        return 1 if near or moment.second % 30 else 30

    def live(self, restarts: tuple[str, ...] = ()) -> None:
        """Live through the night, second by second, and restart the engine at some times."""
        waiting = [at(clock) for clock in restarts]
        while self.clock.moment < MORNING:
            for event in self.events():
                self.engine.handle(event)
            if waiting and self.clock.moment >= waiting[0]:
                waiting.pop(0)
                self.restart()
            if self.clock.moment.second % 5 == 0:
                self.engine.step()
            self.clock.moment += timedelta(seconds=self.step_s)
        self.engine.close()
        self.store.flush()

    def events(self) -> Iterator[Event]:
        moment = self.clock.moment
        if moment.second % 2 == 0:
            yield self.frame("counter", persons_at_counter(moment))
        if moment.second % 5:
            return
        persons = persons_in_yard(moment)
        if persons is not None:
            if self.away:
                gap = Gap("yard", at("02:00:00"), moment, "stream stalled")
                self.store.counts.add_gap(self.runs["yard"], gap)
                yield GapObserved(self.runs["yard"], gap)
            self.away = False
            yield self.frame("yard", persons)
        elif not self.away:
            self.away = True
            self.gaps.add("yard")
            state = SourceState.AWAY
            yield CameraStateChanged("yard", RunStatus.RUNNING, state, "", moment)

    def frame(self, name: str, persons: int) -> FrameCounted:
        run, number, now = self.runs[name], self.frames[name], self.clock.now()
        passed_s = (now - self.last_at.get(name, now)).total_seconds()
        observed_s = 1.0 if name in self.gaps else passed_s
        self.last_at[name] = now
        self.gaps.discard(name)
        self.frames[name] += 1
        frame = make_frame(number, size_hw=(8, 8), camera=name)
        frame = replace(frame, captured_at=now)
        result = make_result(frame, {"person": persons}, observed_s)
        self.store.counts.add_result(run, result)
        return FrameCounted(run, number + 1, result)

    @property
    def told(self) -> list[Told]:
        logged = self.store.alerts.log(LogSelection(limit=1000))
        return [describe(item.message) for item in reversed(logged)]


def describe(message: AlertMessage) -> Told:
    clock = f"{message.at.astimezone(SEOUL):%H:%M:%S}"
    return (message.rule, message.camera, message.type.value, clock)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(make_url(make_empty(tmp_path / "ovd.db")), now=lambda: EVENING) as store:
        store.alerts.add([YARD, LOST, QUEUE])
        yield store


def test_alerts_of_the_night_are_those_expected(store: SqlStore):
    night = Night(store)

    night.live()

    assert sorted(night.told) == sorted(EXPECTED)


def test_restarts_in_the_night_double_and_lose_nothing(store: SqlStore):
    night = Night(store)

    night.live(restarts=("22:00:05", "22:00:20", "23:15:00", "02:00:30", "02:03:00", "05:55:00"))

    told = night.told
    assert len(set(told)) == len(told)
    assert {item[:3] for item in told} == {item[:3] for item in EXPECTED}
    assert len(told) == len(EXPECTED)


def test_replay_of_the_night_tells_the_same(store: SqlStore):
    night = Night(store)
    night.live()
    replay = AlertReplay(store)

    replayed = [
        describe(message)
        for rule in (YARD, QUEUE, LOST)
        for message in replay.run(rule, replay.read(rule, EVENING, MORNING))
    ]

    assert sorted(replayed) == sorted(EXPECTED)


def test_other_thresholds_of_the_night_are_counted(store: SqlStore):
    Night(store).live()
    replay = AlertReplay(store)

    tried = replay.try_thresholds(QUEUE, replay.read(QUEUE, EVENING, MORNING))

    assert {item.count: item.alerts for item in tried} == {
        **dict.fromkeys(range(3), 1),  # three persons are always there
        **dict.fromkeys(range(3, 7), 1),
        7: 0,
        8: 0,
    }


def test_replay_says_when_older_frames_were_left_out(store: SqlStore):
    Night(store).live()

    whole = AlertReplay(store).read(QUEUE, EVENING, MORNING)
    newest = AlertReplay(store, most_frames=100).read(QUEUE, EVENING, MORNING)

    assert (whole.is_cut, newest.is_cut) == (False, True)
    assert newest.start_at > whole.start_at
