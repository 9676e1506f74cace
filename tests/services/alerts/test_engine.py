from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ovd.domain.alerts import (
    AlertState,
    Clearing,
    Condition,
)
from ovd.domain.events import Gap
from ovd.domain.live import SourceState
from ovd.domain.records import RunStatus
from ovd.errors import StoreWriteError
from ovd.services.events import (
    CameraRemoved,
    CameraRenamed,
    CameraStateChanged,
    GapObserved,
    RunEnded,
)
from tests.builders import START, make_alert_rule
from tests.services.alerts.scene import CAMERA, RUN, Scene, make_status


def test_alert_is_logged_queued_for_its_targets_and_announced():
    scene = Scene()
    scene.add("crowd", to=("ops", "desk"))

    scene.count([6, 6, 0])

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 2.0)]
    assert [(e.target, e.message.type.value) for e in reversed(scene.store.outbox.entries())] == [
        ("ops", "new"),
        ("desk", "new"),
        ("ops", "end"),
        ("desk", "end"),
    ]
    assert [message.type.value for message in scene.announced] == ["new", "end"]
    assert scene.announced[0].link == (
        f"https://ovd.example.com/?view=history&camera={CAMERA}&at=2026-03-01T12%3A00%3A00%2B00%3A00"
    )


def test_number_of_firing_alerts_is_known():
    scene = Scene()
    scene.add("crowd", "queue")

    scene.count([6])

    assert scene.engine.firing == 2
    assert scene.states == [AlertState.FIRING] * 2


def test_rule_of_another_camera_is_not_judged():
    scene = Scene()
    scene.add("crowd", cameras=("elsewhere",))

    scene.count([6])

    assert scene.told == []


def test_frames_in_which_nothing_changes_write_nothing():
    scene = Scene()
    scene.add("crowd")
    scene.count([0])
    scene.wait(5)
    before = scene.store.alerts.writes

    scene.count([0] * 50, 1.0)
    scene.wait(10)

    assert scene.store.alerts.writes == before


def test_restart_neither_doubles_nor_loses_a_message():
    first = Scene()
    first.add("crowd")
    first.count([6, 6])
    first.engine.close()

    second = Scene(first.store)
    assert second.states == []
    second.count([6, 6, 0], 2.0)

    assert second.told == [("crowd", "new", 0.0), ("crowd", "end", 4.0)]


def test_time_that_a_condition_held_is_kept_over_a_restart():
    first = Scene()
    first.add("crowd", for_s=5.0)
    first.count([6, 6, 6])
    first.engine.close()

    second = Scene(first.store)
    second.count([6, 6, 6], 3.0)

    assert second.told == [("crowd", "new", 5.0)]


@pytest.mark.parametrize(
    "event",
    [
        GapObserved(RUN, Gap(CAMERA, START, START + timedelta(seconds=1), "stalled")),
        RunEnded(RUN, RunStatus.STOPPED, ""),
        CameraStateChanged(CAMERA, RunStatus.RUNNING, SourceState.AWAY, "", START),
    ],
)
def test_state_is_unknown_while_the_camera_is_not_observed(event: Any):
    scene = Scene()
    scene.add("crowd")
    scene.count([6])

    scene.engine.handle(event)

    assert scene.states == [AlertState.UNKNOWN]
    assert scene.engine.firing == 1


def test_frame_from_before_the_camera_was_lost_comes_late_and_ends_nothing_unknown():
    scene = Scene()
    scene.add("crowd")
    away_at = START + timedelta(seconds=5)
    scene.engine.handle(
        CameraStateChanged(CAMERA, RunStatus.RUNNING, SourceState.AWAY, "", away_at)
    )

    scene.count([0], 4.0)
    late = scene.states
    scene.count([0], 9.0)

    assert (late, scene.states) == ([AlertState.UNKNOWN], [AlertState.OK])


def test_alert_tells_that_its_camera_stays_away():
    scene = Scene()
    scene.add("crowd")
    scene.count([6] * 61)
    scene.clock.passed_s = 61.0
    scene.engine.handle(
        CameraStateChanged(CAMERA, RunStatus.RUNNING, SourceState.AWAY, "", scene.clock.now())
    )

    scene.wait(15)

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "update", 71.0)]


def test_alert_ends_when_its_camera_is_removed():
    scene = Scene()
    scene.add("crowd")
    scene.count([6])

    scene.engine.handle(CameraRemoved(CAMERA))
    scene.engine.step()

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 0.0)]


def test_rule_that_is_disabled_by_someone_else_ends_its_alert_within_the_pace():
    scene = Scene()
    scene.add("crowd")
    scene.count([6])

    scene.store.alerts.replace("crowd", make_alert_rule("crowd", enabled=False))
    scene.wait(3)

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 0.0)]


def test_rule_that_is_changed_goes_on_with_its_alert():
    scene = Scene()
    scene.add("crowd")
    scene.count([6])

    scene.store.alerts.replace("crowd", make_alert_rule("crowd", count=3))
    scene.reload()
    scene.count([6, 4, 3], 1.0)

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 3.0)]


def test_rule_that_is_about_something_else_now_ends_its_alert():
    scene = Scene()
    scene.add("crowd")
    scene.count([6])

    scene.store.alerts.replace("crowd", make_alert_rule("crowd", query="car"))
    scene.reload()

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 0.0)]


def test_rule_that_is_removed_is_forgotten():
    scene = Scene()
    scene.add("crowd")
    scene.count([6])

    scene.store.alerts.remove("crowd", lambda *_: None)
    scene.reload()

    assert scene.engine.standings() == ()


def test_what_could_not_be_written_is_written_later_in_order(monkeypatch: pytest.MonkeyPatch):
    scene = Scene()
    scene.add("crowd")

    def refuse(_: object) -> None:
        raise StoreWriteError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(scene.store.alerts, "record", refuse)
        scene.count([6, 0])
        assert scene.announced == []
    scene.engine.step()

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 1.0)]
    assert [message.type.value for message in scene.announced] == ["new", "end"]


def test_open_alert_goes_on_when_its_camera_is_renamed():
    scene = Scene()
    scene.add("crowd", cameras=(CAMERA,))
    scene.count([6])

    scene.engine.handle(CameraRenamed(CAMERA, "front door"))
    scene.engine.handle(CameraRemoved(CAMERA))
    scene.store.alerts.replace("crowd", make_alert_rule(cameras=("front door",)))
    scene.reload()
    scene.count([6, 0], start_s=5.0, camera="front door")

    assert scene.told == [("crowd", "new", 0.0), ("crowd", "end", 6.0)]
    assert [message.camera for message in scene.announced] == [CAMERA, "front door"]
    assert len({message.id for message in scene.announced}) == 1


def test_camera_is_lost_and_back():
    scene = Scene()
    scene.statuses = [make_status()]
    scene.add("blind", when=Condition.LOST, for_s=3.0)
    scene.wait(2)

    scene.statuses = [make_status(source=SourceState.AWAY)]
    scene.wait(5)
    scene.statuses = [make_status()]
    scene.wait(2)

    assert scene.told == [("blind", "new", 6.0), ("blind", "end", 8.0)]
    assert scene.announced[0].count is None


def test_camera_that_never_connects_is_lost_after_a_while():
    scene = Scene()
    scene.statuses = [make_status(source=SourceState.CONNECTING, age_s=None)]
    scene.add("blind", when=Condition.LOST)

    scene.wait(12)

    assert scene.told == [("blind", "new", 11.0)]


def test_camera_that_is_stopped_is_not_lost():
    scene = Scene()
    scene.statuses = [make_status(RunStatus.STOPPED)]
    scene.add("blind", when=Condition.LOST)

    scene.wait(12)

    assert scene.told == []


def test_camera_whose_newest_frame_is_old_is_stale():
    scene = Scene()
    scene.statuses = [make_status(age_s=31.0)]
    scene.add("old", when=Condition.STALE, within_s=30.0)

    scene.wait(1)

    assert scene.told == [("old", "new", 1.0)]
    assert scene.announced[0].count == 31.0


def test_occupancy_of_a_site_is_told_above_the_limit_and_ends_at_its_own():
    scene = Scene()
    limits = {"count": 40, "clear": Clearing(35), "query": "", "cameras": (), "zone": "shop"}
    scene.add("full", when=Condition.OCCUPANCY_ABOVE, **limits)
    for people in (40, 41, 38, 35):
        scene.people = people
        scene.wait(6)

    assert [kind for _, kind, _ in scene.told] == ["new", "end"]
    message = scene.announced[0]
    assert (message.zone, message.camera, message.count, message.threshold) == ("shop", "", 41, 40)


def test_occupancy_that_is_not_known_neither_begins_nor_ends_an_alert():
    scene = Scene()
    limits = {"count": 5, "query": "", "cameras": (), "zone": "shop"}
    scene.add("empty", when=Condition.OCCUPANCY_BELOW, **limits)
    scene.people = None
    scene.wait(6)
    before = scene.told
    scene.people = 3
    scene.wait(6)
    scene.people = None
    scene.wait(6)

    assert before == []
    assert [kind for _, kind, _ in scene.told] == ["new"]
    assert scene.states == [AlertState.UNKNOWN]


def test_disk_is_low_below_the_gigabytes_of_the_rule():
    scene = Scene()
    scene.add("full", when=Condition.DISK_LOW, count=5)
    scene.free_bytes = 4 * 10**9
    scene.wait(16)

    assert [(rule, kind) for rule, kind, _ in scene.told] == [("full", "new")]
    assert (scene.announced[0].camera, scene.announced[0].count) == ("", 4.0)


def test_rule_that_snoozes_begins_its_alert_later():
    scene = Scene()
    scene.add("crowd", snoozed_until=START + timedelta(seconds=2))

    scene.count([6] * 4)

    assert scene.told == [("crowd", "new", 2.0)]
    assert replace(scene.announced[0], link="").started_at == START
