from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.domain.sites import OpeningHours
from ovd.domain.sites.hours import parse_hours
from ovd.services.sites.occupancy import DoorRecord, Passage, Unobserved
from ovd.services.sites.profile import FlowProfile

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = OpeningHours(ZoneInfo("UTC"), (parse_hours("daily 08:00-20:00"),))


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def make_profile(*passages: Passage, unobserved: tuple[Unobserved, ...] = ()) -> FlowProfile:
    return FlowProfile(DoorRecord(MONDAY, at(28 * 24), ("front",), passages, unobserved), HOURS)


def test_usual_flow_is_that_of_the_hour_of_the_week():
    passages = [
        Passage(at(10 + 7 * 24 * week + minute / 60), "front", enters)
        for week in range(4)
        for minute in range(60)
        for enters in (True, minute % 2 == 0)
    ]

    profile = make_profile(*passages)

    assert profile.expected("front", at(28 * 24 + 10), at(28 * 24 + 11)) == pytest.approx((90, 30))
    assert profile.expected("front", at(28 * 24 + 9), at(28 * 24 + 10)) == (0, 0)


def test_hour_that_was_not_observed_takes_the_mean_of_the_door_while_open():
    gap = Unobserved("front", at(1), at(28 * 24))
    passages = [Passage(at(minute / 60), "front", True) for minute in range(60)]

    profile = make_profile(*passages, unobserved=(gap,))

    assert profile.expected("front", at(34), at(35)) == pytest.approx((60, 0))
    assert profile.expected("front", at(46), at(47)) == pytest.approx((1.2, 0))


def test_nothing_is_usual_where_nothing_was_observed():
    profile = make_profile(unobserved=(Unobserved("front", MONDAY, at(28 * 24)),))

    assert profile.expected("front", at(34), at(35)) == (0, 0)
