from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ovd.domain.sites import parse_site
from ovd.domain.sites.records import SalesTotal
from ovd.services.sites.period.buckets import SiteBucket, merge_buckets
from ovd.services.sites.period.passing import PassingCount
from ovd.services.sites.period.plain import bucket_of_plain, bucket_to_plain
from ovd.services.sites.period.summary import NoStay, summarise

SITE = parse_site(
    {
        "name": "shop",
        "doors": [{"camera": "gate", "line": "a"}, {"camera": "gate", "line": "b"}],
        "hours": ["daily 09:00-11:00"],
    }
)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def hour(index: int, entered: int | None = 60, left: int | None = 60, **values) -> SiteBucket:
    start_at = NINE + timedelta(hours=index)
    is_open = index < 2
    known = {
        "doors": {} if entered is None else {"a": (entered, left), "b": (0, 0)},
        "people": 10.0,
        "low": 8,
        "high": 12,
        "most": 12.0,
        "open_s": 3600.0 if is_open else 0.0,
        "coverage": 1.0,
        "open_coverage": 1.0 if is_open else None,
        "entered_outside": 0 if is_open else entered or 0,
        "people_s": 36000.0 if is_open else 0.0,
        "known_s": 3600.0 if is_open else 0.0,
        "door_coverage": {"a": 1.0, "b": 1.0},
    } | values
    return SiteBucket(start_at, start_at + timedelta(hours=1), entered, left, **known)


def test_mean_stay_is_people_inside_over_those_who_leave():
    found = summarise(SITE, [hour(0), hour(1)], None)

    assert found.mean_stay_s == pytest.approx(600)
    assert found.mean_people == pytest.approx(10)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"entered": 20, "left": 20}, NoStay.FEW),
        ({"entered": 80, "left": 60}, NoStay.UNBALANCED),
        ({"open_coverage": 0.7}, NoStay.UNOBSERVED),
        ({"known_s": 1000.0}, NoStay.UNOBSERVED),
        ({"entered": None, "left": None}, NoStay.UNOBSERVED),
    ],
)
def test_mean_stay_is_told_under_its_conditions_only(change: dict, reason: NoStay):
    found = summarise(SITE, [hour(0, **change)], None)

    assert (found.mean_stay_s, found.no_stay) == (None, reason)


def test_presence_after_closing_and_entries_outside_are_apart():
    found = summarise(SITE, [hour(0), hour(1), hour(2, 3, 1, people=2.0)], None)

    assert (found.entered_open, found.total.entered_outside) == (120, 3)
    [after] = found.after_closing
    assert (after.closed_at, after.people) == (NINE + timedelta(hours=2), 2.0)


def test_hour_after_closing_that_is_not_over_tells_nothing():
    begun = replace(hour(2, 0, 0), end_at=NINE + timedelta(hours=2, minutes=20))

    assert summarise(SITE, [hour(1), begun], None).after_closing == ()


def test_shares_are_not_told_while_a_door_is_unknown():
    whole = summarise(SITE, [hour(0)], None)
    partly = summarise(SITE, [hour(0, door_coverage={"a": 1.0, "b": 0.0})], None)

    assert [door.share for door in whole.doors] == [1.0, 0.0]
    assert [door.share for door in partly.doors] == [None, None]


def test_best_and_worst_hours_are_observed_ones():
    hours = [hour(0, 9, 9), hour(1, 90, 80), hour(2, 500, 1)]

    found = summarise(SITE, hours, None)
    gone = summarise(SITE, [hour(0, 9, 9, open_coverage=0.5), hours[1]], None)

    assert (found.best, found.worst) == (hours[1], hours[0])
    assert (gone.best, gone.worst) == (hours[1], hours[1])


def test_conversion_needs_observed_opening_hours():
    sales = SalesTotal(30, Decimal(600), NINE, NINE)

    known = summarise(SITE, [hour(0), hour(1)], sales)
    unknown = summarise(SITE, [hour(0, open_coverage=0.5), hour(1, open_coverage=0.5)], sales)

    assert (known.conversion, known.sales_per_visitor) == (0.25, 5.0)
    assert (unknown.conversion, unknown.sales_per_visitor) == (None, None)
    assert summarise(SITE, [hour(0)], None).conversion is None


def test_hours_that_are_merged_in_any_way_have_the_same_sums():
    hours = [
        hour(0, passing={"a": PassingCount(3, 9, 60.0)}),
        hour(1, None, None, coverage=0.0, open_coverage=0.0, most=None, known_s=0.0),
        hour(2, 5, 4, passing={"a": PassingCount(1, 4, 30.0)}),
    ]

    at_once = merge_buckets(hours)

    assert merge_buckets([merge_buckets(hours[:2]), hours[2]]) == at_once
    assert (at_once.entered, at_once.open_coverage, at_once.coverage) == (65, 0.5, 2 / 3)
    assert at_once.passing["a"] == PassingCount(4, 13, 90.0)


def test_hour_is_kept_as_plain_values_that_lose_nothing():
    kept = hour(1, passing={"a": PassingCount(3, 9, 60.0)})

    assert bucket_of_plain(bucket_to_plain(kept)) == kept
