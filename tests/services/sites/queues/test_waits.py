from collections.abc import Iterator
from datetime import timedelta

import pytest

from ovd.domain.events import ZoneEventKind
from ovd.domain.sites import Queue
from ovd.domain.tracking import ZoneEventRecord
from ovd.domain.zones import LineZone, PolygonZone
from ovd.services.sites.queues.waits import (
    Outcome,
    build_visits,
    quantile,
    queue_now,
    summarise_queue,
)
from tests.builders import START

AREA = PolygonZone("queue", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
FRONT = LineZone("till", ((0.1, 0.5), (0.9, 0.5)))
TILL = Queue("till", "hall", "queue", "till", limit_s=60)
OPEN = Queue("till", "hall", "queue")


def at(second: float):
    return START + timedelta(seconds=second)


def event(track: int, second: float, kind: str, dwell_s: float | None = None) -> ZoneEventRecord:
    zone = FRONT if kind in ("in", "out") else AREA
    return ZoneEventRecord(
        "Hall", "person", 1, zone, track, ZoneEventKind(kind), at(second), dwell_s
    )


def visit(track: int, first: float, last: float, served: bool = True) -> Iterator[ZoneEventRecord]:
    yield event(track, first, "enter")
    if served:
        yield event(track, last - 1, "in")
    yield event(track, last, "exit", last - first)


def test_who_crosses_the_front_was_served_and_who_leaves_otherwise_gave_up():
    visits = build_visits(TILL, [*visit(1, 0, 31), *visit(2, 5, 40, served=False)], {})

    assert [(v.outcome, v.waited_s(at(99))) for v in visits] == [
        (Outcome.SERVED, 30),
        (Outcome.ABANDONED, 35),
    ]


def test_who_was_lost_sight_of_neither_was_served_nor_gave_up():
    visits = build_visits(TILL, visit(1, 0, 30, served=False), {("hall", 1, 1): at(30)})

    assert [v.outcome for v in visits] == [Outcome.LOST]


def test_without_a_front_whoever_leaves_was_served():
    visits = build_visits(OPEN, visit(1, 0, 30, served=False), {})

    assert [v.outcome for v in visits] == [Outcome.SERVED]
    assert summarise_queue(OPEN, visits, (at(0), at(60)), []).abandoned is None


def test_who_passes_through_or_comes_back_at_once_makes_no_visit_of_its_own():
    events = [
        *visit(1, 0, 1, served=False),
        event(2, 0, "enter"),
        event(2, 20, "exit", 20),
        *visit(2, 23, 51),
    ]

    [only] = build_visits(TILL, events, {})

    assert (only.entered_at, only.ended_at, only.outcome) == (at(0), at(50), Outcome.SERVED)


def test_visit_that_began_before_is_known_by_its_end():
    [only] = build_visits(TILL, [event(1, 9, "in"), event(1, 10, "exit", 100.0)], {})

    assert only.waited_s(at(99)) == 99


def test_waits_lengths_and_limits_of_a_period():
    events = [e for track in range(10) for e in visit(track, 10 * track, 10 * track + 41)]
    events += visit(20, 100, 221)
    visits = build_visits(TILL, events, {})

    found = summarise_queue(TILL, visits, (at(0), at(400)), [(at(300), at(400))])

    assert (found.joined, found.served, found.abandoned, found.lost) == (11, 11, 0, 0)
    assert (found.wait_p50_s, found.wait_p90_s, found.longest_s) == (40, 40, 120)
    assert (found.over_limit, found.over_limit_s) == (pytest.approx(1 / 11), 60)
    assert found.mean_length == pytest.approx((10 * 40 + 120) / 300)
    assert (found.most, found.coverage) == (4, 0.75)


def test_queue_that_was_not_observed_has_no_numbers():
    found = summarise_queue(TILL, [], (at(0), at(60)), [(at(0), at(60))])

    assert (found.joined, found.mean_length, found.most, found.over_limit_s) == (None,) * 4
    assert queue_now(TILL, [], at(0), is_observed=False).length is None


def test_expected_wait_follows_from_who_was_served_lately():
    events = [e for track in range(9) for e in visit(track, 100 * track, 100 * track + 50)]
    events += [event(20, 880, "enter"), event(21, 890, "enter")]
    visits = build_visits(TILL, events, {})

    now = queue_now(TILL, visits, at(900), is_observed=True)

    assert (now.length, now.longest_s, now.expected_wait_s) == (2, 20, 200)
    assert queue_now(TILL, visits[:9], at(900), is_observed=True).expected_wait_s == 0
    assert queue_now(TILL, visits[9:], at(900), is_observed=True).expected_wait_s is None


def test_quantile_is_a_value_that_occurred():
    assert [quantile([1, 2, 3, 4], share) for share in (0.5, 0.9)] == [2, 4]
    assert quantile([], 0.5) is None
