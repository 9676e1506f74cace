from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.alerts import AlertState, Clearing, Condition
from ovd.services.alerts.judging import Amount, Observation
from tests.builders import START, make_alert_rule
from tests.services.alerts.timelines import Timeline, observe


def test_alert_begins_when_the_condition_held_for_long_enough():
    timeline = Timeline(make_alert_rule(for_s=3.0))

    assert timeline.run([6, 6, 6, 6, 6]) == [("new", 3.0)]
    assert timeline.messages[0].started_at == START
    assert timeline.status.state is AlertState.FIRING


def test_condition_that_ends_too_soon_begins_anew():
    timeline = Timeline(make_alert_rule(for_s=3.0))

    assert timeline.run([6, 6, 5, 6, 6]) == []
    assert timeline.status.state is AlertState.PENDING


def test_alert_ends_when_the_condition_holds_no_longer():
    timeline = Timeline(make_alert_rule())

    assert timeline.run([6, 6, 5, 5]) == [("new", 0.0), ("end", 2.0)]
    assert timeline.ends[0].ended_at == START + timedelta(seconds=2)


def test_alert_ends_by_its_own_condition_for_its_own_time():
    timeline = Timeline(make_alert_rule(clear=Clearing(count=2, for_s=2.0)))

    assert timeline.run([6, 3, 2, 2, 3, 2, 2, 2]) == [("new", 0.0), ("end", 7.0)]
    assert timeline.ends[0].ended_at == START + timedelta(seconds=5)


def test_no_alert_begins_in_the_cooldown():
    timeline = Timeline(make_alert_rule(cooldown_s=3.0))

    assert timeline.run([6, 0, 6, 6, 6]) == [("new", 0.0), ("end", 1.0), ("new", 4.0)]
    assert timeline.messages[-1].started_at == START + timedelta(seconds=2)


def test_time_that_is_not_observed_neither_begins_nor_ends_an_alert():
    waiting, firing = Timeline(make_alert_rule(for_s=3.0)), Timeline(make_alert_rule())

    assert waiting.run([6, 6, None, None, None]) == []
    assert firing.run([6, None, None, None]) == [("new", 0.0)]
    assert firing.status.state is AlertState.UNKNOWN
    assert firing.run([6], 4.0) == [("new", 0.0)]
    assert firing.status.state is AlertState.FIRING


def test_short_gap_is_left_out_of_the_time_that_a_condition_holds():
    timeline = Timeline(make_alert_rule(for_s=3.0))

    assert timeline.run([6, 6, None, None, None, 6, 6]) == [("new", 6.0)]


def test_condition_holds_anew_after_a_long_gap():
    timeline = Timeline(make_alert_rule(for_s=3.0))
    timeline.run([6, 6, 6])

    assert timeline.run([6, 6, 6, 6], start_s=100.0) == [("new", 103.0)]


def test_gap_in_an_alert_is_told_once_it_lasts():
    timeline = Timeline(make_alert_rule())
    timeline.run([6] * 60)

    told = timeline.run([None] * 20 + [6], start_s=60.0)

    assert told == [("new", 0.0), ("update", 70.0), ("update", 80.0)]
    assert [message.observed for message in timeline.messages] == [True, False, True]
    assert [message.count for message in timeline.messages] == [6, None, 6]


def test_alert_that_ends_during_a_gap_ends_when_it_is_observed_again():
    timeline = Timeline(make_alert_rule())

    assert timeline.run([6, None, None, 0]) == [("new", 0.0), ("end", 3.0)]


def test_clock_that_is_set_back_does_not_stop_a_rule():
    timeline = Timeline(make_alert_rule(for_s=3.0))
    timeline.run([6, 6])

    assert timeline.run([6, 6, 6], start_s=-3600.0) == [("new", -3599.0)]


def test_cooldown_does_not_last_longer_when_the_clock_is_set_back():
    timeline = Timeline(make_alert_rule(cooldown_s=60.0))
    timeline.run([6, 0])

    assert timeline.run([6], start_s=-3600.0)[-1] == ("new", -3600.0)


def test_what_was_not_judged_leaves_a_condition_open():
    absent = Timeline(make_alert_rule(when=Condition.ABSENT, query="person"))
    unsure = Observation(START, 1.0, Amount(0, 2), count=0)

    absent.see(unsure)

    assert absent.status.state is AlertState.UNKNOWN
    assert absent.run([0], 1.0) == [("new", 1.0)]


@pytest.mark.parametrize(
    ("values", "counts", "told"),
    [
        ({"when": Condition.BELOW, "query": "person", "count": 2}, [2, 1, 2], [1.0, 2.0]),
        ({"when": Condition.PRESENT, "query": "person"}, [0, 1, 0], [1.0, 2.0]),
        ({"when": Condition.ABSENT, "query": "person"}, [1, 0, 1], [1.0, 2.0]),
        ({"when": Condition.LOST}, [0, 1, 0], [1.0, 2.0]),
    ],
)
def test_each_condition_begins_and_ends(values: dict[str, object], counts: list[int], told: object):
    timeline = Timeline(make_alert_rule(**values))

    assert [at for _, at in timeline.run(counts)] == told


def test_alert_that_is_snoozed_begins_when_the_snooze_ends():
    timeline = Timeline(make_alert_rule(snoozed_until=START + timedelta(seconds=3)))

    assert timeline.run([6] * 5) == [("new", 3.0)]


def test_end_is_told_while_snoozed():
    timeline = Timeline(make_alert_rule())
    timeline.run([6])
    timeline.rule = replace(timeline.rule, snoozed_until=START + timedelta(hours=1))

    assert timeline.run([0], 1.0) == [("new", 0.0), ("end", 1.0)]


def test_alert_begins_and_ends_with_the_schedule():
    timeline = Timeline(make_alert_rule(schedule=("sun 12:01-12:02",)))  # START is 12:00 on Sunday

    assert timeline.run([6] * 180) == [("new", 60.0), ("end", 120.0)]


def test_rule_that_is_disabled_ends_its_alert():
    timeline = Timeline(make_alert_rule())
    timeline.run([6])
    timeline.rule = replace(timeline.rule, enabled=False)

    assert timeline.run([6, 6], 1.0) == [("new", 0.0), ("end", 1.0)]


def crossing(at_s: float, *crossed_s: float) -> Observation:
    crossed = tuple(START + timedelta(seconds=item) for item in crossed_s)
    return replace(observe(0, at_s), crossed_at=crossed)


CROSSED = {
    "when": Condition.CROSSED,
    "query": "person",
    "zone": "line",
    "count": 2,
    "within_s": 5.0,
}


def test_crossings_are_summed_over_an_interval():
    timeline = Timeline(make_alert_rule(**CROSSED))
    for at_s in range(20):
        timeline.see(crossing(at_s, *(item for item in (8, 11) if item == at_s)))

    assert timeline.told == [("new", 11.0), ("end", 13.0)]
    assert [message.count for message in timeline.messages] == [2, 1]


def test_crossings_that_may_have_been_missed_keep_an_alert_open():
    timeline = Timeline(make_alert_rule(**CROSSED))
    for at_s in range(9):
        timeline.see(crossing(at_s, *(item for item in (7, 8) if item == at_s)))
    timeline.see(observe(None, 9))
    for at_s in range(11, 20):
        timeline.see(crossing(at_s))

    assert timeline.told == [("new", 8.0), ("end", 15.0)]


def test_ids_differ_between_alerts_and_are_the_same_when_judged_again():
    first, again = (Timeline(make_alert_rule()) for _ in range(2))
    for timeline in (first, again):
        timeline.run([6, 0, 6, 0])

    ids = [message.id for message in first.messages]
    assert ids == [message.id for message in again.messages]
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert [message.number for message in first.messages] == [1, 2, 1, 2]
