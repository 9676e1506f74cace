from collections.abc import Iterator
from datetime import timedelta

import pytest

from ovd.domain.alerts import OutboxStatus, Target
from ovd.domain.ports.notify import Attachment
from ovd.errors import DeliveryError
from tests.builders import START, make_alert_message
from tests.services.alerts.delivery.stage import DeliveryStage

SENT, WAITING, DEAD = OutboxStatus.SENT, OutboxStatus.WAITING, OutboxStatus.DEAD


@pytest.fixture
def make_stage() -> Iterator[type[DeliveryStage]]:
    made: list[DeliveryStage] = []

    class Kept(DeliveryStage):
        def __init__(self, **options: object) -> None:
            super().__init__(**options)
            made.append(self)

    yield Kept
    for stage in made:
        stage.worker.close()


def test_message_is_sent_once_and_marked(make_stage):
    stage = make_stage()
    stage.put()

    stage.run()
    stage.run(after_s=3600)

    assert stage.recorder.keys == ["a1/new/1"]
    assert stage.statuses() == [SENT]
    assert stage.outbox.kept[0].sent_at == START


def test_failure_is_tried_again_later_with_the_same_key(make_stage):
    stage = make_stage()
    answers = [DeliveryError("away"), None]
    stage.recorder.answer = lambda _: answers.pop(0)
    stage.put()

    stage.run()
    assert stage.outbox.kept[0].last_error == "away"
    assert stage.worker.health.problems == {"ops": "away"}
    stage.run(after_s=1.0)
    assert stage.recorder.keys == ["a1/new/1"]
    stage.run(after_s=2.0)

    assert stage.recorder.keys == ["a1/new/1"] * 2
    assert stage.statuses() == [SENT]
    assert stage.worker.health.problems == {}


def test_pauses_grow_up_to_a_ceiling(make_stage):
    stage = make_stage()
    stage.recorder.answer = lambda _: DeliveryError("away")
    stage.put()
    pauses = []

    for _ in range(12):
        stage.run()
        pauses.append(stage.next_in().total_seconds())
        stage.clock.advance(pauses[-1])

    assert 1.5 <= pauses[0] <= 2.5
    assert pauses[3] > pauses[0]
    assert max(pauses) <= 1800 * 1.25


def test_target_that_asks_for_a_pause_gets_it(make_stage):
    stage = make_stage()
    stage.recorder.answer = lambda _: DeliveryError("busy", wait_s=120.0)
    stage.put()

    stage.run()

    assert stage.next_in() == timedelta(seconds=120)


def test_lasting_refusal_is_dead_at_once_and_can_be_sent_again(make_stage):
    stage = make_stage()
    answers = [DeliveryError("gone", lasting=True), None]
    stage.recorder.answer = lambda _: answers.pop(0)
    stage.put()

    stage.run()
    assert stage.statuses() == [DEAD]
    assert stage.worker.health.dead == 1
    assert stage.outbox.resend() == 1
    stage.run()

    assert stage.statuses() == [SENT]


def test_message_is_given_up_after_many_failures(make_stage):
    stage = make_stage()
    stage.recorder.answer = lambda _: DeliveryError("away")
    stage.put()

    for _ in range(stage.pace.most_attempts):
        stage.run(after_s=3000)

    assert stage.statuses() == [DEAD]
    assert len(stage.recorder.keys) == stage.pace.most_attempts


def test_messages_of_an_alert_keep_their_order(make_stage):
    stage = make_stage()
    answers = [DeliveryError("away")]
    stage.recorder.answer = lambda _: answers.pop(0) if answers else None
    end = make_alert_message(2, ended_at=START)
    stage.put(make_alert_message(), end)

    stage.run()
    stage.run(after_s=5)

    assert stage.recorder.keys == ["a1/new/1", "a1/new/1", "a1/end/2"]


def test_failing_target_is_not_asked_for_every_message(make_stage):
    stage = make_stage()
    stage.recorder.answer = lambda _: DeliveryError("away")
    stage.put(*(make_alert_message(id=f"a{number}") for number in range(10)))

    stage.run()

    assert len(stage.recorder.keys) == 1
    assert stage.statuses() == [WAITING] * 10


def test_refused_message_does_not_hold_up_others(make_stage):
    stage = make_stage()
    stage.recorder.answer = lambda notice: (
        DeliveryError("bad", lasting=True) if notice.key.startswith("a1/") else None
    )
    stage.put(make_alert_message(), make_alert_message(id="a2"))

    stage.run()

    assert stage.statuses() == [DEAD, SENT]


def test_unknown_failure_is_tried_again(make_stage, caplog):
    stage = make_stage()
    answers = [ZeroDivisionError("bug"), None]
    stage.recorder.answer = lambda _: answers.pop(0)
    stage.put()

    stage.run()
    stage.run(after_s=5)

    assert stage.statuses() == [SENT]


def test_removed_target_gives_its_messages_up(make_stage):
    stage = make_stage()
    stage.put(to="gone")

    stage.run()

    assert stage.statuses() == [DEAD]
    assert "no target of that name" in stage.outbox.kept[0].last_error


def test_messages_wait_in_quiet_hours_and_come_after(make_stage):
    stage = make_stage(quiet_hours=("daily 11:00-13:30",))
    stage.put()

    stage.run()
    assert stage.recorder.keys == []
    assert stage.next_in() == timedelta(minutes=90)
    stage.run(after_s=90 * 60)

    assert stage.recorder.keys == ["a1/new/1"]


def test_rate_of_a_target_is_kept(make_stage):
    stage = make_stage(per_minute=2)
    stage.put(*(make_alert_message(id=f"a{number}") for number in range(5)))

    stage.run()
    assert len(stage.recorder.keys) == 2
    stage.run(after_s=59)
    assert len(stage.recorder.keys) == 2
    stage.run(after_s=1)
    assert len(stage.recorder.keys) == 4
    stage.run(after_s=60)

    assert stage.statuses() == [SENT] * 5


def test_digest_gathers_messages_of_several_alerts(make_stage):
    stage = make_stage(digest_s=300.0)
    stage.put(make_alert_message(), make_alert_message(2, ended_at=START))
    stage.run(after_s=60)
    stage.put(make_alert_message(id="a2"))
    assert stage.recorder.notices == []

    stage.run(after_s=240)

    [notice] = stage.recorder.notices
    assert notice.body["type"] == "digest"
    assert [item["id"] for item in notice.body["messages"]] == ["a1", "a1", "a2"]  # type: ignore[index, union-attr]
    assert notice.title == "3 alerts"
    assert stage.statuses() == [SENT] * 3


def test_digest_of_one_message_is_that_message(make_stage):
    stage = make_stage(digest_s=10.0)
    stage.put()

    stage.run(after_s=10)

    assert stage.recorder.keys == ["a1/new/1"]


def test_digest_that_failed_is_tried_again_as_one(make_stage):
    stage = make_stage(digest_s=10.0)
    answers = [DeliveryError("away"), None]
    stage.recorder.answer = lambda _: answers.pop(0)
    stage.put(make_alert_message(), make_alert_message(id="a2"))

    stage.run(after_s=10)
    stage.run(after_s=5)

    assert len(stage.recorder.notices) == 2
    assert stage.recorder.keys[0] == stage.recorder.keys[1]


def test_image_goes_along(make_stage):
    stage = make_stage()
    stage.images = (Attachment("gate.jpg", "image/jpeg", b"x"),)
    stage.put()

    stage.run()

    assert stage.recorder.notices[0].attachments == stage.images


def test_claimed_message_is_free_again_after_its_lease(make_stage):
    stage = make_stage()
    stage.put()
    now = stage.clock.now()
    stage.outbox.claim(now, now + timedelta(seconds=stage.pace.lease_s))

    stage.run()
    assert stage.recorder.keys == []
    stage.run(after_s=stage.pace.lease_s)

    assert stage.recorder.keys == ["a1/new/1"]


def test_sent_messages_are_forgotten_after_a_week(make_stage):
    stage = make_stage()
    stage.put()
    stage.run()

    stage.run(after_s=8 * 86400)

    assert stage.outbox.kept == []


def test_targets_do_not_wait_for_each_other(make_stage):
    stage = make_stage()
    stage.targets["mail"] = Target("mail", "mailto:a@b")
    stage.put()
    stage.put(to="mail")

    stage.run()

    assert sorted(stage.recorder.keys) == ["a1/new/1", "a1/new/1"]
    assert stage.statuses() == [SENT, SENT]
