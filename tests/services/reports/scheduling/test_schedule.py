from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovd.services.reports.scheduling.schedule import (
    Recurrence,
    Schedule,
    last_due,
    local_time_to_utc,
    next_due,
)

ZONES = (
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def make_schedule(
    every: str = "daily", at: str = "07:00", zone: str = "America/New_York", weekday: int = 0
) -> Schedule:
    return Schedule("gate", Recurrence(every), time.fromisoformat(at), ZoneInfo(zone), weekday)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_daily_report_tells_about_the_local_day_before():
    due = next_due(make_schedule(zone="Asia/Seoul"), utc("2026-03-01T12:00"))

    assert due.at == utc("2026-03-01T22:00")
    assert due.start_at.isoformat() == "2026-03-01T00:00:00+09:00"
    assert due.end_at.isoformat() == "2026-03-02T00:00:00+09:00"
    assert due.period == "2026-03-01"


def test_weekly_report_tells_about_the_seven_days_before():
    due = next_due(make_schedule("weekly", weekday=6), utc("2026-03-02T00:00"))

    assert due.at == utc("2026-03-08T11:00")  # a Sunday; clocks were put forward at 2
    assert (due.start_at.isoformat(), due.end_at.isoformat()) == (
        "2026-03-01T00:00:00-05:00",
        "2026-03-08T00:00:00-05:00",
    )


def test_time_that_clocks_skip_runs_when_they_go_on():
    due = next_due(make_schedule(at="02:30"), utc("2026-03-08T05:00"))

    assert due.at == utc("2026-03-08T07:00")  # 03:00 in summer time
    assert due.period == "2026-03-07"


def test_time_that_clocks_repeat_runs_once():
    schedule = make_schedule(at="01:30")

    first = next_due(schedule, utc("2026-11-01T00:00"))
    second = next_due(schedule, first.at)

    assert first.at == utc("2026-11-01T05:30")
    assert second.at == utc("2026-11-02T06:30")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-09", 23), ("2026-11-02", 25)])
def test_day_on_which_clocks_change_is_told_whole(day, hours):
    due = next_due(make_schedule(), utc(f"{day}T05:00"))

    assert due.end_at.astimezone(UTC) - due.start_at.astimezone(UTC) == timedelta(hours=hours)


def test_day_that_a_place_skipped_is_not_told():
    schedule = make_schedule(zone="Pacific/Apia")  # had no 30 December 2011

    periods = []
    due = last_due(schedule, utc("2011-12-28T20:00"))
    for _ in range(4):
        periods.append(due.period)
        due = next_due(schedule, due.at)

    assert periods == ["2011-12-27", "2011-12-28", "2011-12-29", "2011-12-31"]


@given(zone=st.sampled_from(ZONES), at=TIMES, day=st.dates(date(2005, 1, 1), date(2035, 1, 1)))
@settings(max_examples=150, deadline=None)
def test_local_time_to_utc_is_the_first_time_the_clock_shows_it_or_later(zone, at, day):
    found = local_time_to_utc(day, at, ZoneInfo(zone))

    wanted = datetime.combine(day, at)
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    just_before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown >= wanted
    assert just_before < wanted


@given(
    zone=st.sampled_from(ZONES), at=TIMES, start=MOMENTS, every=st.sampled_from(list(Recurrence))
)
@settings(max_examples=60, deadline=None)
def test_reports_follow_each_other_without_hole_or_overlap(zone, at, start, every):
    schedule = make_schedule(every.value, at.isoformat(), zone, start.weekday())

    due = next_due(schedule, start)
    for _ in range(6):
        following = next_due(schedule, due.at)
        assert following.start_at.astimezone(UTC) == due.end_at.astimezone(UTC)
        assert following.at > due.at >= due.end_at.astimezone(UTC)
        assert last_due(schedule, following.at - timedelta(seconds=1)) == due
        due = following
