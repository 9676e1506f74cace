from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.services.history.periods import (
    Period,
    choose_bucket,
    find_interval,
    previous_of,
    shift_back,
)
from ovd.services.reports.buckets import Interval

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 10, 3, 7, tzinfo=UTC)  # 12:07 in Seoul


def local(text: str, zone: ZoneInfo = SEOUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period.HOUR, "2026-03-10T11:08", "2026-03-10T12:08"),
        (Period.TODAY, "2026-03-10T00:00", "2026-03-10T12:15"),
        (Period.YESTERDAY, "2026-03-09T00:00", "2026-03-10T00:00"),
        (Period.WEEK, "2026-03-04T00:00", "2026-03-10T13:00"),
        (Period.MONTH, "2026-02-09T00:00", "2026-03-11T00:00"),
    ],
)
def test_period_has_local_days_and_ends_with_the_bucket_of_now(
    period: Period, start: str, end: str
):
    assert find_interval(period, NOW, SEOUL) == (local(start), local(end))


@pytest.mark.parametrize(
    ("hours", "bucket"), [(1, "1m"), (4, "1m"), (5, "15m"), (48, "15m"), (50, "1h"), (400, "1d")]
)
def test_bucket_gives_a_few_hundred_points_at_most(hours: int, bucket: str):
    assert choose_bucket(Interval(NOW, NOW + timedelta(hours=hours))) == bucket


def test_a_week_earlier_keeps_the_clock_times_when_clocks_change():
    sunday = Interval(local("2026-03-29T00:00", BERLIN), local("2026-03-30T00:00", BERLIN))

    earlier = shift_back(sunday, timedelta(days=7), BERLIN)

    assert earlier == (local("2026-03-22T00:00", BERLIN), local("2026-03-23T00:00", BERLIN))
    assert sunday.end_at - sunday.start_at == timedelta(hours=23)


def test_before_today_so_far_is_the_same_part_of_yesterday():
    today = find_interval(Period.TODAY, NOW, SEOUL)

    assert previous_of(today, SEOUL) == (local("2026-03-09T00:00"), local("2026-03-09T12:15"))


def test_before_whole_days_are_as_many_days():
    week = Interval(local("2026-03-04T00:00"), local("2026-03-11T00:00"))

    assert previous_of(week, SEOUL) == (local("2026-02-25T00:00"), local("2026-03-04T00:00"))


def test_before_a_part_of_a_day_is_as_long_a_part():
    noon = Interval(local("2026-03-04T12:00"), local("2026-03-04T13:00"))

    assert previous_of(noon, SEOUL) == (local("2026-03-04T11:00"), local("2026-03-04T12:00"))
