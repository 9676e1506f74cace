from datetime import datetime, timedelta

from ovd.domain.records import CountTotal
from ovd.services.reports.buckets import Interval
from ovd.services.reports.series.overlaps import choose_totals, find_overlaps
from tests.builders import START


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def totals_of(typed: str, *samples: int) -> list[CountTotal]:
    return [
        CountTotal("gate", typed, at(minute), 60.0, number, number, 1)
        for minute, number in enumerate(samples)
        if number
    ]


def test_interval_takes_the_form_with_more_samples():
    totals = {"person": totals_of("person", 10, 2), "사람": totals_of("사람", 4, 5)}

    chosen = choose_totals(totals)

    assert [(total.query, total.samples) for total in chosen.values()] == [
        ("person", 10),
        ("사람", 5),
    ]


def test_of_equal_ones_that_with_more_samples_in_all_is_taken():
    totals = {"a": totals_of("a", 5, 5), "b": totals_of("b", 5, 5, 5)}

    assert {total.query for total in choose_totals(totals).values()} == {"b"}


def test_form_leaves_the_time_of_the_others():
    totals = {"a": totals_of("a", 5, 1, 1, 5), "b": totals_of("b", 1, 5, 5, 1)}

    overlaps = find_overlaps(totals, 60)

    assert overlaps.left["a"] == (Interval(at(1), at(3)),)
    assert overlaps.keeps("a", at(0.5))
    assert not overlaps.keeps("a", at(1))
    assert overlaps.keeps("a", at(3))


def test_interval_is_cut_to_what_is_taken():
    overlaps = find_overlaps({"a": totals_of("a", 5, 1, 5), "b": totals_of("b", 1, 5, 1)}, 60)

    first, last = overlaps.cut("a", at(0.5), at(2.5))

    assert (first.start_at, last.start_at, last.end_at) == (at(0.5), at(2), at(2.5))
    assert at(1) - first.end_at == timedelta(microseconds=1)
    assert overlaps.cut("b", at(0.2), at(0.8)) == []
