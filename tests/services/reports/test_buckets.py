from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovd.domain.time_zones import load_zone
from ovd.errors import TimeRangeError
from ovd.services.reports.buckets import (
    BUCKETS,
    floor_edge,
    next_edge,
    split_by_offset,
    split_range,
)

ZONES = (
    "UTC",
    "Asia/Seoul",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Africa/Casablanca",
)
# 2026 holds every change of clocks of these zones.
MOMENTS = st.integers(1767225600 * 10**6, 1798761600 * 10**6).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def split(day: str, until: str, bucket: str, zone_name: str) -> list[str]:
    """Local starts of the intervals between two local times."""
    zone = ZoneInfo(zone_name)
    start_at, end_at = local(day, zone), local(until, zone)
    return [
        start.astimezone(zone).strftime("%d %H:%M%z")
        for start, _ in split_range(start_at, end_at, bucket, zone)
    ]


def hours_of(day: str, until: str, zone_name: str) -> list[float]:
    zone = ZoneInfo(zone_name)
    intervals = split_range(local(day, zone), local(until, zone), "1d", zone)
    return [(end - start) / timedelta(hours=1) for start, end in intervals]


def test_days_are_23_and_25_hours_long_when_clocks_change():
    assert hours_of("2026-03-28", "2026-03-31", "Europe/Berlin") == [24, 23, 24]
    assert hours_of("2026-10-24", "2026-10-27", "Europe/Berlin") == [24, 25, 24]
    assert hours_of("2026-04-04", "2026-04-07", "Australia/Lord_Howe") == [24, 24.5, 24]


def test_a_day_whose_midnight_is_skipped_starts_when_it_starts():
    assert split("2018-11-03", "2018-11-06", "1d", "America/Sao_Paulo") == [
        "03 00:00-0300",
        "04 01:00-0200",
        "05 00:00-0200",
    ]


def test_a_day_that_a_zone_left_out_has_no_bucket():
    assert split("2011-12-29", "2012-01-01", "1d", "Pacific/Apia") == [
        "29 00:00-1000",
        "31 00:00+1400",
    ]


def test_a_skipped_hour_has_no_bucket():
    assert split("2026-03-29T01:00", "2026-03-29T05:00", "1h", "Europe/Berlin") == [
        "29 01:00+0100",
        "29 03:00+0200",
        "29 04:00+0200",
    ]


def test_a_repeated_hour_has_two_buckets():
    assert split("2026-10-25T01:00", "2026-10-25T04:00", "1h", "Europe/Berlin") == [
        "25 01:00+0200",
        "25 02:00+0200",
        "25 02:00+0100",
        "25 03:00+0100",
    ]


def test_a_change_of_half_an_hour_starts_a_bucket_of_its_own():
    assert split("2026-10-04T01:00", "2026-10-04T04:00", "1h", "Australia/Lord_Howe") == [
        "04 01:00+1030",
        "04 02:30+1100",
        "04 03:00+1100",
    ]


def test_hours_follow_the_local_clock_of_a_zone_off_the_hour():
    zone = ZoneInfo("Asia/Kathmandu")
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

    assert floor_edge(moment, "1h", zone) == datetime(2026, 3, 1, 12, 15, tzinfo=UTC)
    assert next_edge(moment, "1h", zone) == datetime(2026, 3, 1, 13, 15, tzinfo=UTC)


def test_the_range_cuts_its_first_and_last_bucket():
    assert split("2026-03-01T10:30", "2026-03-01T12:15", "1h", "Asia/Seoul") == [
        "01 10:30+0900",
        "01 11:00+0900",
        "01 12:00+0900",
    ]


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.sampled_from(sorted(BUCKETS)), st.sampled_from(ZONES))
def test_every_moment_lies_in_one_bucket(moment: datetime, bucket: str, zone_name: str):
    zone = ZoneInfo(zone_name)

    start, end = floor_edge(moment, bucket, zone), next_edge(moment, bucket, zone)

    assert start <= moment < end
    assert next_edge(start, bucket, zone) == end
    assert floor_edge(end, bucket, zone) == end


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.sampled_from(sorted(BUCKETS)), st.sampled_from(ZONES), st.floats(0, 60))
def test_intervals_are_contiguous_and_follow_the_local_clock(
    start_at: datetime, bucket: str, zone_name: str, buckets: float
):
    zone = ZoneInfo(zone_name)
    end_at = start_at + timedelta(seconds=1 + BUCKETS[bucket] * buckets)

    intervals = list(split_range(start_at, end_at, bucket, zone))

    assert (intervals[0][0], intervals[-1][1]) == (start_at, end_at)
    for (start, end), (following, _) in pairwise(intervals):
        assert start < end == following
        assert end - start <= timedelta(seconds=BUCKETS[bucket], hours=bucket == "1d")
        edge, before = end.astimezone(zone), (end - timedelta(seconds=1)).astimezone(zone)
        since_midnight = timedelta(hours=edge.hour, minutes=edge.minute, seconds=edge.second)
        on_the_clock = since_midnight.total_seconds() % BUCKETS[bucket] == 0
        assert on_the_clock or edge.utcoffset() != before.utcoffset()
        assert bucket != "1d" or edge.date() > before.date()


@pytest.mark.parametrize(
    "name", ["", "Asia/Seol", "../etc/passwd", "/etc/passwd", "Asia", "KST\0", "x" * 5000]
)
def test_an_unknown_zone_is_refused(name: str):
    with pytest.raises(TimeRangeError, match="unknown time zone"):
        load_zone(name)


def test_similar_names_of_a_zone_are_suggested():
    with pytest.raises(TimeRangeError, match="did you mean Asia/Seoul"):
        load_zone("asia/seoul ")


def test_a_range_is_cut_where_clocks_change():
    zone = ZoneInfo("Australia/Lord_Howe")
    start_at, end_at = local("2026-01-01", zone), local("2027-01-01", zone)

    parts = [
        (start.isoformat(), offset_s / 3600)
        for start, _, offset_s in split_by_offset(start_at, end_at, zone)
    ]

    assert parts == [
        ("2025-12-31T13:00:00+00:00", 11.0),
        ("2026-04-04T15:00:00+00:00", 10.5),
        ("2026-10-03T15:30:00+00:00", 11.0),
    ]


@given(moment=MOMENTS, hours=st.integers(1, 24 * 40), zone_name=st.sampled_from(ZONES))
def test_the_parts_of_a_range_touch_and_each_has_one_offset(
    moment: datetime, hours: int, zone_name: str
):
    zone = ZoneInfo(zone_name)
    end_at = moment + timedelta(hours=hours)

    parts = list(split_by_offset(moment, end_at, zone))

    assert (parts[0][0], parts[-1][1]) == (moment, end_at)
    for part, following in pairwise(parts):
        assert part[1] == following[0]
        assert part[2] != following[2]
    for start, end, offset_s in parts:
        for share in (0.0, 0.25, 0.5, 0.75, 0.999):
            inside = (start + share * (end - start)).astimezone(zone)
            assert inside.utcoffset() == timedelta(seconds=offset_s)
