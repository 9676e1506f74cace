"""What holds for every rule and every course of counts, gaps, steps of the clock and restarts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from ovd.domain.alerts import (
    AlertMessage,
    AlertRule,
    AlertStatus,
    Clearing,
    Condition,
    MessageType,
    SavedRule,
)
from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, QueryCount
from ovd.services.alerts.boards import Board, Entry
from ovd.services.alerts.judging import Amount, Observation
from ovd.services.alerts.machine import step
from ovd.store.alerts.json_values import status_from_json, status_to_json
from tests.builders import make_alert_rule, make_frame, make_query

# Half an hour before clocks go back in Berlin, where the schedules below begin and end.
NIGHT = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
SCHEDULES = ((), ("sun 02:00-03:00",), ("sat 22:00-02:30", "sun 02:45-04:00"))


@dataclass(frozen=True)
class Moment:
    """What happens next: time passes, and a frame with a count follows, or none."""

    passed_s: float
    count: int | None
    unjudged: int = 0


moments = st.lists(
    st.builds(
        Moment,
        passed_s=st.sampled_from([0.5, 0.5, 0.5, 1.0, 30.0, 300.0, -3600.0]),
        count=st.sampled_from([None, 0, 2, 4, 5, 6, 6, 6, 9]),
        unjudged=st.sampled_from([0, 0, 0, 3]),
    ),
    max_size=60,
)
times = st.sampled_from([0.0, 0.5, 2.0, 60.0])


@st.composite
def rules(draw: st.DrawFn) -> AlertRule:
    when = draw(st.sampled_from([Condition.ABOVE, Condition.BELOW, Condition.ABSENT]))
    count = None if when is Condition.ABSENT else 5
    clear = draw(st.sampled_from([None, 2])) if when is Condition.ABOVE else None
    return make_alert_rule(
        when=when,
        query="person",
        count=count,
        for_s=draw(times),
        clear=Clearing(clear, draw(times)),
        cooldown_s=draw(times),
        schedule=draw(st.sampled_from(SCHEDULES)),
        tz="Europe/Berlin",
    )


def observations(course: Sequence[Moment]) -> list[Observation]:
    made, at = [], NIGHT
    for moment in course:
        at += timedelta(seconds=moment.passed_s)
        observed_s = min(max(moment.passed_s, 0.5), 2.0)
        if moment.count is None:
            made.append(Observation(at))
        else:
            amount = Amount(moment.count, moment.count + moment.unjudged)
            made.append(Observation(at, observed_s, amount, count=moment.count))
    return made


def run(
    rule: AlertRule, course: Sequence[Observation], restarts: frozenset[int] = frozenset()
) -> list[AlertMessage]:
    status, messages = AlertStatus("gate"), []
    for number, observation in enumerate(course):
        if number in restarts:
            status = status_from_json(json.loads(json.dumps(status_to_json(status))))
        result = step(rule, status, observation)
        status, messages = result.status, [*messages, *result.messages]
    return messages


@given(rules(), moments, st.frozensets(st.integers(0, 59)))
@settings(max_examples=300, deadline=None)
def test_restarts_change_nothing(rule: AlertRule, course: list[Moment], restarts: frozenset[int]):
    seen = observations(course)

    assert run(rule, seen, restarts) == run(rule, seen)


@given(rules(), moments)
@settings(max_examples=300, deadline=None)
def test_every_alert_begins_once_and_ends_at_most_once(rule: AlertRule, course: list[Moment]):
    messages = run(rule, observations(course))

    for _, group in groupby(messages, key=lambda message: message.id):
        told = list(group)
        assert [message.number for message in told] == list(range(1, len(told) + 1))
        assert told[0].type is MessageType.NEW
        assert all(message.type is MessageType.UPDATE for message in told[1:-1])
    keys = [message.idempotency_key for message in messages]
    assert len(set(keys)) == len(keys)


@given(rules(), moments)
@settings(max_examples=300, deadline=None)
def test_nothing_begins_or_ends_while_it_is_not_observed(rule: AlertRule, course: list[Moment]):
    always = replace(rule, schedule=())
    seen = {observation.at: observation for observation in observations(course)}

    for message in run(always, observations(course)):
        if message.type is not MessageType.UPDATE:
            assert message.observed
            assert message.at in seen


@given(rules(), moments)
@settings(max_examples=300, deadline=None)
def test_no_alert_begins_outside_of_the_schedule(rule: AlertRule, course: list[Moment]):
    begun = [m for m in run(rule, observations(course)) if m.type is MessageType.NEW]

    assert all(rule.is_active(message.at) for message in begun)


@given(rules(), moments)
@settings(max_examples=300, deadline=None)
def test_board_that_passes_over_what_did_not_change_tells_the_same(
    rule: AlertRule, course: list[Moment]
):
    board = Board("gate")
    board.put(Entry(SavedRule(1, "v1", rule, NIGHT), AlertStatus("gate")))
    told: list[AlertMessage] = []

    for moment, observation in zip(course, observations(course), strict=True):
        if moment.count is None:
            outcomes = list(board.miss(observation.at))
        else:
            outcomes = list(board.judge_frame(frame_of(moment, observation)))
        told += [message for outcome in outcomes for message in outcome.step.messages]

    assert told == run(rule, observations(course))


def frame_of(moment: Moment, observation: Observation) -> FrameResult:
    counted = QueryCount(make_query("person"), moment.count or 0, 0.5, pending=moment.unjudged)
    frame = replace(make_frame(0), captured_at=observation.at)
    return FrameResult(frame, Detections.none(), (counted,), observation.observed_s)
