import logging
import threading
from collections.abc import Iterator

import pytest

from ovd.domain.records import Camera, Run, RunStatus
from ovd.services.events import Event, EventHub, FrameCounted, RunEnded, RunStarted
from tests.builders import START, make_frame, make_result

RUN = Run(7, Camera(1, "gate", "list", START), "fake", "0" * 64, START, None, RunStatus.RUNNING)
WAIT_S = 10.0


def counted(number: int) -> FrameCounted:
    return FrameCounted(RUN, number, make_result(make_frame(number), {"person": number}))


class Listener:
    """Keeps the events it is given; with a closed gate it waits at the first one."""

    def __init__(self, gate_open: bool = True) -> None:
        self.events: list[Event] = []
        self.entered = threading.Event()
        self.gate = threading.Event()
        if gate_open:
            self.gate.set()

    def handle(self, event: Event) -> None:
        self.entered.set()
        assert self.gate.wait(WAIT_S)
        self.events.append(event)


@pytest.fixture
def hub() -> Iterator[EventHub]:
    made = EventHub()
    yield made
    made.close()


def test_every_subscriber_gets_every_event_in_order(hub: EventHub):
    events: list[Event] = [RunStarted(RUN), counted(1), RunEnded(RUN, RunStatus.DONE, "")]
    first, second = Listener(), Listener()
    hub.subscribe("first", first.handle)
    hub.subscribe("second", second.handle)

    for event in events:
        hub.publish(event)

    assert hub.wait_idle(WAIT_S)
    assert first.events == second.events == events


def test_slow_subscriber_holds_nobody_up_and_misses_the_oldest_frames(
    hub: EventHub, caplog: pytest.LogCaptureFixture
):
    slow, quick = Listener(gate_open=False), Listener()
    hub.subscribe("slow", slow.handle, max_frames=2)
    hub.subscribe("quick", quick.handle)
    hub.publish(RunStarted(RUN))
    assert slow.entered.wait(WAIT_S)
    frames = [counted(number) for number in range(1, 6)]
    end = RunEnded(RUN, RunStatus.DONE, "")

    with caplog.at_level(logging.WARNING):
        for event in (*frames, end):
            hub.publish(event)
    (kept_up,) = (health for health in hub.subscribers if health.name == "quick")
    slow.gate.set()
    assert hub.wait_idle(WAIT_S)

    assert slow.events == [RunStarted(RUN), *frames[3:], end]
    assert [health.dropped for health in hub.subscribers] == [3, 0]
    assert kept_up.dropped == 0
    assert [record.getMessage() for record in caplog.records] == [
        "slow is too slow: frames are kept from it; counting goes on"
    ]


def test_failing_subscriber_misses_that_event_and_others_miss_nothing(hub: EventHub):
    frames = [counted(1), counted(2)]
    seen: list[Event] = []

    def fail_at_the_first(event: Event) -> None:
        if event is frames[0]:
            raise RuntimeError("a bug")
        seen.append(event)

    sound = Listener()
    hub.subscribe("failing", fail_at_the_first)
    hub.subscribe("sound", sound.handle)

    for event in frames:
        hub.publish(event)
    assert hub.wait_idle(WAIT_S)

    assert seen == [frames[1]]
    assert sound.events == frames
    assert [health.dropped for health in hub.subscribers] == [1, 0]
    assert [thread.last_failure for thread in hub.threads] == ["RuntimeError: a bug", ""]


def test_closing_hands_over_what_is_queued():
    hub, slow = EventHub(), Listener(gate_open=False)
    hub.subscribe("slow", slow.handle)
    for number in (1, 2):
        hub.publish(counted(number))

    assert slow.entered.wait(WAIT_S)
    slow.gate.set()
    hub.close()
    hub.close()
    hub.publish(counted(3))

    assert [event.number for event in slow.events if isinstance(event, FrameCounted)] == [1, 2]


def test_waiting_for_a_subscriber_that_hangs_ends_in_time(hub: EventHub):
    hanging = Listener(gate_open=False)
    hub.subscribe("hanging", hanging.handle)
    hub.publish(RunStarted(RUN))

    assert not hub.wait_idle(0.01)
    hanging.gate.set()
