"""Messages of alerts that go by age or are erased, and rules that follow a renamed camera."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ovd.domain.alerts import (
    AlertChange,
    AlertMessage,
    AlertStatus,
    Condition,
    LogSelection,
    OutboxStatus,
    SavedView,
)
from ovd.domain.cameras import CameraAddress, CameraChanges, CameraSettings
from ovd.domain.records import Erasure, Keep, RetentionPolicy
from ovd.store import SqlStore
from tests.builders import START, make_alert_message, make_alert_rule, make_frame, make_result
from tests.fakes import FixedClock
from tests.store.databases import open_store

DAY = timedelta(days=1)
TWO_DAYS = RetentionPolicy(alerts=Keep(days=2))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def store(url: str, clock: FixedClock) -> Iterator[SqlStore]:
    with closing(open_store(url, now=clock.now)) as store:
        store.alerts.add([make_alert_rule(to=("ops",))])
        yield store


def tell(store: SqlStore, alert: str, at: datetime = START, **values: Any) -> AlertMessage:
    """Log a message and queue it for `ops`."""
    message = make_alert_message(id=alert, at=at, started_at=at, **values)
    [saved] = store.alerts.rules()
    change = AlertChange(saved.id, AlertStatus(message.camera), (message,), ("ops",))
    store.alerts.record([change])
    return message


def logged(store: SqlStore) -> list[str]:
    return [item.message.id for item in reversed(store.alerts.log(LogSelection()))]


def queued(store: SqlStore, status: OutboxStatus | None = None) -> list[str]:
    return [entry.message.id for entry in reversed(store.outbox.entries(status))]


def give_up(store: SqlStore) -> None:
    waiting = store.outbox.entries(OutboxStatus.WAITING)
    store.outbox.update([replace(entry, status=OutboxStatus.DEAD) for entry in waiting])


def erase(store: SqlStore, *cameras: str, queries: tuple[str, ...] = (), days: int = 1) -> int:
    return store.erase(Erasure(cameras, queries, START, START + days * DAY, START)).alerts


def test_old_messages_go_by_when_they_were_logged(store: SqlStore, clock: FixedClock):
    tell(store, "old", START - 300 * DAY)
    give_up(store)
    clock.advance(3 * DAY.total_seconds())
    tell(store, "new", START - 300 * DAY)

    assert store.trim(TWO_DAYS) == 2
    assert (logged(store), queued(store)) == (["new"], ["new"])
    assert store.trim(TWO_DAYS) == 0


def test_message_that_waits_is_kept_however_old(store: SqlStore, clock: FixedClock):
    tell(store, "waits")
    clock.advance(3 * DAY.total_seconds())

    store.trim(TWO_DAYS)

    assert (logged(store), queued(store)) == ([], ["waits"])


def test_messages_stay_without_a_limit(store: SqlStore, clock: FixedClock):
    tell(store, "old")
    clock.advance(3000 * DAY.total_seconds())

    assert store.trim(RetentionPolicy()) == 0
    assert logged(store) == ["old"]


def test_erasing_a_camera_takes_its_messages_and_what_is_queued(store: SqlStore):
    tell(store, "gate", camera="gate")
    tell(store, "later", START + 2 * DAY, camera="gate")
    tell(store, "yard", camera="yard")

    assert erase(store, "gate") == 1
    assert logged(store) == queued(store) == ["later", "yard"]


def test_erasing_a_query_takes_its_messages_however_it_was_typed(store: SqlStore):
    run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
    store.counts.add_result(run, make_result(make_frame(0, camera="gate"), {"person": 1}))
    store.flush()
    tell(store, "persons", camera="gate", query="person")
    tell(store, "cars", camera="gate", query="car")
    tell(store, "lost", camera="gate", query="", when=Condition.LOST)

    assert erase(store, queries=("person",)) == 1
    assert logged(store) == ["cars", "lost"]


def test_erasing_a_camera_takes_its_reference_view(store: SqlStore):
    for camera in ("gate", "yard"):
        store.views.save(SavedView(camera, START, b"png"))

    erase(store, "gate", queries=("person",))
    assert store.views.find("gate") is not None
    erase(store, "gate")

    assert store.views.find("gate") is None
    assert store.views.find("yard") is not None


def test_rules_states_and_log_follow_a_renamed_camera(store: SqlStore):
    address = CameraAddress.without_credentials("rtsp://192.0.2.7/1")
    store.cameras.add(CameraSettings("gate", address))
    store.alerts.replace("crowd", make_alert_rule(cameras=("gate", "yard")))
    before = store.alerts.versions()
    tell(store, "a", camera="gate")
    store.views.save(SavedView("gate", START, b"png"))

    store.cameras.update("gate", CameraChanges(name="front door"))

    [saved] = store.alerts.rules()
    assert saved.rule.cameras == ("front door", "yard")
    assert store.alerts.versions() != before
    [status] = store.alerts.statuses()
    assert status.status.camera == "front door"
    [message] = store.alerts.log(LogSelection(camera="front door"))
    assert message.message.camera == "front door"
    assert store.views.find("front door") is not None


def test_given_up_messages_are_dropped_and_no_others(store: SqlStore):
    tell(store, "first")
    give_up(store)
    tell(store, "second")
    [dead] = store.outbox.entries(OutboxStatus.DEAD)

    assert store.outbox.drop(target="mail") == 0
    assert store.outbox.drop([dead.id + 1]) == 0
    assert store.outbox.drop([dead.id]) == 1
    assert queued(store) == ["second"]
    assert logged(store) == ["first", "second"]


def test_message_of_the_log_is_found_by_its_key(store: SqlStore):
    message = tell(store, "a", image_query="person")

    assert store.alerts.find_message(message.idempotency_key) == message
    assert store.alerts.find_message("b/new/1") is None
