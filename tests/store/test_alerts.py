from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.domain.alerts import (
    AlertChange,
    AlertRule,
    AlertState,
    AlertStatus,
    Clearing,
    Condition,
    Direction,
    Holding,
    LogSelection,
    OpenAlert,
    OutboxStatus,
    SavedStatus,
    SavedView,
    Severity,
    Target,
    TargetOptions,
    TargetSecrets,
)
from ovd.domain.ports import CountStore
from ovd.errors import (
    AlertRuleListedError,
    TargetError,
    UnknownAlertRuleError,
    UnknownTargetError,
)
from tests.builders import START, make_alert_message, make_alert_rule
from tests.store.databases import make_empty, make_url, open_store

LATER = START + timedelta(minutes=1)
FULL = AlertRule(
    name="Gate",
    when=Condition.CROSSED,
    cameras=("gate", "yard"),
    query="사람",
    zone="line",
    count=3,
    direction=Direction.IN,
    within_s=60.0,
    for_s=5.0,
    clear=Clearing(for_s=2.0),
    cooldown_s=30.0,
    schedule=("mon-fri 22:00-06:00",),
    tz="Asia/Seoul",
    severity=Severity.CRITICAL,
    to=("ops",),
    enabled=False,
    snoozed_until=LATER,
)
STATUS = AlertStatus(
    camera="gate",
    state=AlertState.FIRING,
    since=START,
    count=6,
    holding=Holding(START, LATER, 3.5),
    alert=OpenAlert("a1", START, 2, LATER),
    clearing=Holding(START, LATER),
    quiet_until=LATER,
    crossed_at=(START, LATER),
    unobserved_until=START,
    alerts=4,
)


def no_ending(*_: object) -> None:
    return None


def test_rules_come_back_as_they_were_by_name(any_store: CountStore):
    any_store.alerts.add([make_alert_rule("zebra"), FULL])

    assert [saved.rule for saved in any_store.alerts.rules()] == [FULL, make_alert_rule("zebra")]
    assert any_store.alerts.find("GATE").rule == FULL


def test_two_rules_of_one_name_are_refused_and_none_is_added(any_store: CountStore):
    with pytest.raises(AlertRuleListedError):
        any_store.alerts.add([make_alert_rule("crowd"), make_alert_rule("Crowd")])

    assert any_store.alerts.rules() == ()


def test_rule_that_is_changed_keeps_its_id_and_gets_another_version(any_store: CountStore):
    (before,) = any_store.alerts.add([make_alert_rule("crowd")])

    after = any_store.alerts.replace("crowd", make_alert_rule("big crowd", count=9))

    assert (after.id, after.rule.count) == (before.id, 9)
    assert any_store.alerts.versions() == {after.version} != {before.version}
    with pytest.raises(UnknownAlertRuleError):
        any_store.alerts.find("crowd")


def test_rule_cannot_take_the_name_of_another(any_store: CountStore):
    any_store.alerts.add([make_alert_rule("crowd"), make_alert_rule("queue")])

    with pytest.raises(AlertRuleListedError):
        any_store.alerts.replace("queue", make_alert_rule("Crowd"))


def test_states_come_back_as_they_were(any_store: CountStore):
    (saved,) = any_store.alerts.add([make_alert_rule()])

    any_store.alerts.record([AlertChange(saved.id, AlertStatus("gate"))])
    any_store.alerts.record([AlertChange(saved.id, STATUS)])

    assert any_store.alerts.statuses() == (SavedStatus(saved.id, STATUS),)


def test_message_is_logged_and_queued_once_however_often_it_is_recorded(any_store: CountStore):
    (saved,) = any_store.alerts.add([make_alert_rule(to=("ops", "desk"))])
    change = AlertChange(saved.id, STATUS, (make_alert_message(),), ("ops", "desk"))

    any_store.alerts.record([change])
    any_store.alerts.record([change])

    assert [logged.message for logged in any_store.alerts.log(LogSelection())] == [
        make_alert_message()
    ]
    assert [entry.target for entry in any_store.outbox.entries()] == ["desk", "ops"]


def test_changes_of_a_removed_rule_are_passed_over(any_store: CountStore):
    (saved,) = any_store.alerts.add([make_alert_rule()])
    any_store.alerts.remove("crowd", no_ending)

    any_store.alerts.record([AlertChange(saved.id, STATUS, (make_alert_message(),))])

    assert any_store.alerts.statuses() == ()
    assert any_store.alerts.log(LogSelection()) == ()


def test_removing_a_rule_ends_its_alerts(any_store: CountStore):
    (saved,) = any_store.alerts.add([make_alert_rule(to=("ops",))])
    any_store.alerts.record([AlertChange(saved.id, STATUS, (make_alert_message(),), ("ops",))])
    end = make_alert_message(2, ended_at=LATER)

    any_store.alerts.remove("crowd", lambda _, status: end if status == STATUS else None)

    assert [entry.message for entry in any_store.outbox.entries()] == [end, make_alert_message()]
    assert any_store.alerts.statuses() == ()


def test_log_is_selected_and_paged(any_store: CountStore):
    (saved,) = any_store.alerts.add([make_alert_rule()])
    messages = [
        make_alert_message(n, camera=camera, at=START + timedelta(seconds=n))
        for n, camera in enumerate(("gate", "yard", "gate", ""), start=1)
    ]
    any_store.alerts.record([AlertChange(saved.id, STATUS, tuple(messages))])

    def numbers(**selection: object) -> list[int]:
        logged = any_store.alerts.log(LogSelection(**selection))
        return [item.message.number for item in logged]

    (_, newest_but_one, *_) = any_store.alerts.log(LogSelection())
    assert numbers(limit=2) == [4, 3]
    assert numbers(before_id=newest_but_one.id) == [2, 1]
    assert numbers(camera="gate") == [3, 1]
    assert numbers(cameras=("yard",)) == [4, 2]
    assert numbers(rule="other") == []
    assert numbers(start_at=START + timedelta(seconds=2), end_at=START + timedelta(seconds=4)) == [
        3,
        2,
    ]


def test_outbox_gives_the_messages_of_an_alert_in_order(any_store: CountStore):
    first, second = make_alert_message(1), make_alert_message(2)
    other = make_alert_message(1, id="b2")
    any_store.outbox.put([first, second, other], ["ops"])

    (due, of_other) = any_store.outbox.due(START)
    any_store.outbox.update([replace(due, status=OutboxStatus.SENT, sent_at=START, attempt=1)])

    assert (due.message, of_other.message) == (first, other)
    assert [entry.message for entry in any_store.outbox.due(START)] == [second, other]


def test_outbox_holds_back_what_is_to_be_tried_later(any_store: CountStore):
    any_store.outbox.put([make_alert_message(1), make_alert_message(2)], ["ops"])
    (due,) = any_store.outbox.due(START)

    failed = replace(due, attempt=1, next_attempt_at=LATER, last_error="refused")
    any_store.outbox.update([failed])

    assert any_store.outbox.due(START) == ()
    assert any_store.outbox.due(LATER) == (failed,)
    assert any_store.outbox.next_due_at() == START


def test_outbox_forgets_what_was_sent_long_ago(any_store: CountStore):
    any_store.outbox.put([make_alert_message(1)], ["ops", "desk"])
    (entry, _) = any_store.outbox.due(START)
    any_store.outbox.update([replace(entry, status=OutboxStatus.SENT, sent_at=START)])

    assert any_store.outbox.remove_sent(LATER) == 1
    assert [entry.target for entry in any_store.outbox.entries(OutboxStatus.WAITING)] == ["desk"]


def test_targets_come_back_without_their_secrets(any_store: CountStore):
    options = TargetOptions("ko", 6, ("daily 22:00-07:00",), "Asia/Seoul", 30.0)
    target = Target("ops", "https://hooks.example.com/***", True, options)

    any_store.targets.add(target, TargetSecrets("https://hooks.example.com/abc", "s3cret"))

    assert any_store.targets.all() == (target,)
    assert any_store.targets.secrets("OPS") == TargetSecrets(
        "https://hooks.example.com/abc", "s3cret"
    )


def test_target_of_a_name_that_is_taken_or_unknown_is_refused(any_store: CountStore):
    any_store.targets.add(Target("ops", "https://a/"), TargetSecrets("https://a/"))

    with pytest.raises(TargetError):
        any_store.targets.add(Target("Ops", "https://b/"), TargetSecrets("https://b/"))
    with pytest.raises(UnknownTargetError):
        any_store.targets.remove("desk")


def test_secrets_of_targets_are_not_readable_in_the_file(tmp_path: Path):
    path = make_empty(tmp_path / "ovd.db")
    with open_store(make_url(path)) as store:
        store.targets.add(Target("ops", "https://h/***"), TargetSecrets("https://h/abc", "s3cret"))

    assert b"s3cret" not in path.read_bytes()


def test_what_waits_for_a_target_is_dead_once_it_is_removed(tmp_path: Path):
    with open_store(make_url(make_empty(tmp_path / "ovd.db"))) as store:
        store.targets.add(Target("ops", "https://h/"), TargetSecrets("https://h/"))
        store.outbox.put([make_alert_message()], ["ops"])

        store.targets.remove("ops")

        assert [entry.last_error for entry in store.outbox.entries(OutboxStatus.DEAD)] == [
            "the target was removed"
        ]


def test_reference_view_is_replaced_and_removed(any_store: CountStore):
    first, second = (SavedView("gate", at, b"png") for at in (START, LATER))

    any_store.views.save(first)
    any_store.views.save(second)
    found = any_store.views.find("gate")
    any_store.views.remove("gate")

    assert found == second
    assert any_store.views.find("gate") is None
