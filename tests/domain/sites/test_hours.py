from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.domain.sites import OpeningHours, ResetAt, SpecialDay
from ovd.domain.sites.hours import parse_hours
from ovd.errors import SiteError

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, tzinfo=BERLIN)


def make_hours(*weekly: str, special: tuple[SpecialDay, ...] = ()) -> OpeningHours:
    return OpeningHours(BERLIN, tuple(map(parse_hours, weekly)), special)


def local(hours: OpeningHours, start: datetime, days: int) -> list[str]:
    spans = hours.open_spans(start, start + timedelta(days=days))
    return [
        f"{opens.astimezone(BERLIN):%a %H:%M}-{closes.astimezone(BERLIN):%a %H:%M}"
        for opens, closes in spans
    ]


def test_weekly_hours_are_read_from_the_local_clock():
    hours = make_hours("mon-tue 09:00-18:00", "wed 09:00-12:00", "wed 14:00-18:00")

    assert local(hours, MONDAY, 7) == [
        "Mon 09:00-Mon 18:00",
        "Tue 09:00-Tue 18:00",
        "Wed 09:00-Wed 12:00",
        "Wed 14:00-Wed 18:00",
    ]


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin():
    hours = make_hours("sun 20:00-02:00")

    assert local(hours, MONDAY, 1) == ["Mon 00:00-Mon 02:00"]
    assert hours.is_open(datetime(2026, 3, 9, 1, 59, tzinfo=BERLIN))
    assert not hours.is_open(datetime(2026, 3, 9, 2, 0, tzinfo=BERLIN))


def test_site_without_hours_is_always_open():
    assert local(make_hours(), MONDAY, 3) == ["Mon 00:00-Thu 00:00"]


def test_holiday_replaces_the_hours_of_its_weekday():
    special = (
        SpecialDay(date(2026, 3, 3), "Holiday"),
        SpecialDay(date(2026, 3, 4), "Half", (parse_hours("10:00-12:00"),)),
    )
    hours = make_hours("mon-wed 09:00-18:00", special=special)

    assert local(hours, MONDAY, 7) == ["Mon 09:00-Mon 18:00", "Wed 10:00-Wed 12:00"]


@pytest.mark.parametrize(("day", "hours_open"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_whole_day_is_as_long_as_its_local_day(day: str, hours_open: int):
    start = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    spans = make_hours("daily 00:00-24:00").open_spans(start, start + timedelta(days=1))

    assert sum((b - a).total_seconds() for a, b in spans) == 3600 * hours_open


@pytest.mark.parametrize(
    "weekly",
    [
        ("mon-fri 09:00-18:00", "fri 17:00-20:00"),
        ("sun 22:00-03:00", "mon 02:00-04:00"),
        ("daily 00:00-24:00", "mon 10:00-11:00"),
    ],
)
def test_overlapping_hours_are_refused(weekly: tuple[str, ...]):
    with pytest.raises(SiteError, match="overlap"):
        make_hours(*weekly)


def test_day_with_hours_of_its_own_twice_is_refused():
    day = date(2026, 12, 25)

    with pytest.raises(SiteError, match="2026-12-25 has hours of its own twice"):
        make_hours(special=(SpecialDay(day, "a"), SpecialDay(day, "b")))


def test_hours_that_cannot_be_read_are_refused():
    with pytest.raises(SiteError, match="opening hours 'mon 25:00-26:00'"):
        parse_hours("mon 25:00-26:00")


@given(st.integers(0, 400 * 96), st.integers(1, 96), st.integers(1, 96))
def test_open_time_of_parts_adds_up(quarter: int, first: int, second: int):
    hours = make_hours("mon-fri 08:30-20:15", "sat 22:00-04:00")
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    middle = start + timedelta(minutes=15 * first)
    end = middle + timedelta(minutes=15 * second)

    def open_s(since: datetime, until: datetime) -> float:
        return sum((b - a).total_seconds() for a, b in hours.open_spans(since, until))

    assert open_s(start, end) == open_s(start, middle) + open_s(middle, end)


def test_nightly_reset_follows_the_local_clock():
    resets = ResetAt(time(4)).between(
        datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC), make_hours()
    )

    assert [at.isoformat() for at in resets] == [
        "2026-03-28T03:00:00+00:00",
        "2026-03-29T02:00:00+00:00",
        "2026-03-30T02:00:00+00:00",
    ]


def test_reset_after_closing_comes_an_hour_later_once_a_day():
    hours = make_hours("mon 09:00-12:00", "mon 12:30-18:00")

    resets = ResetAt(None).between(MONDAY, MONDAY + timedelta(days=7), hours)

    assert [f"{at.astimezone(BERLIN):%a %H:%M}" for at in resets] == ["Mon 19:00"]
