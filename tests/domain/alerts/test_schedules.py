from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ovd.domain.alerts import WeeklyHours, WeeklySchedule

BERLIN = ZoneInfo("Europe/Berlin")


def contains(text: str, local: str, zone: ZoneInfo = BERLIN) -> bool:
    at = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    return WeeklySchedule((WeeklyHours.parse(text),), zone).contains(at)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("mon-fri 9:00-18:00", "2026-03-02 09:00", "2026-03-02 18:00"),  # a Monday
        ("mon-fri 22:00-06:00", "2026-03-07 05:59", "2026-03-07 22:00"),  # Friday into Saturday
        ("sat,sun", "2026-03-01 00:00", "2026-03-02 00:00"),
        ("daily 22:00-24:00", "2026-03-02 23:59", "2026-03-02 00:00"),
        ("fri-mon 10:00-11:00", "2026-03-01 10:30", "2026-03-03 10:30"),
        ("Monday 10:00 - 11:00", "2026-03-02 10:30", "2026-03-03 10:30"),
        ("월-금 22:00-06:00", "2026-03-07 05:59", "2026-03-07 22:00"),
        ("매일 10:00-11:00", "2026-03-01 10:30", "2026-03-03 11:30"),
        ("토요일, 일", "2026-03-01 00:00", "2026-03-02 00:00"),
        ("08:00-09:00", "2026-03-04 08:00", "2026-03-04 09:00"),
    ],
)
def test_hours_begin_and_end_by_the_local_clock(text: str, inside: str, outside: str):
    assert contains(text, inside)
    assert not contains(text, outside)


def test_hour_that_clocks_repeat_is_inside_twice():
    hours = WeeklySchedule((WeeklyHours.parse("sun 02:00-03:00"),), BERLIN)

    inside = [hours.contains(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in range(4)]

    assert inside == [True, True, False, False]


def test_hour_that_clocks_skip_does_not_occur():
    hours = WeeklySchedule((WeeklyHours.parse("sun 02:00-03:00"),), BERLIN)

    inside = [hours.contains(datetime(2026, 3, 29, hour, 30, tzinfo=UTC)) for hour in range(4)]

    assert inside == [False] * 4


def test_schedule_without_hours_is_always():
    assert WeeklySchedule((), BERLIN).contains(datetime(2026, 3, 1, tzinfo=UTC))
