from datetime import UTC, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovd.domain.sites import OpeningHours
from ovd.services.sites.occupancy import (
    Correction,
    DoorErrors,
    DoorRecord,
    Drift,
    OccupancyPoint,
    Passage,
    RoomCount,
    Unobserved,
    estimate_occupancy,
    learn_errors,
    measure_drifts,
)
from ovd.services.sites.profile import FlowProfile
from tests.services.sites.mall import Mall, MallOptions

START = datetime(2026, 3, 2, 4, tzinfo=UTC)
END = START + timedelta(days=1)


class SteadyFlow:
    """So many people a second each way."""

    def __init__(self, per_s: float = 0.0, leaving_per_s: float | None = None) -> None:
        self._rates = per_s, per_s if leaving_per_s is None else leaving_per_s

    def expected(self, door: str, start_at: datetime, end_at: datetime) -> tuple[float, float]:
        seconds = (end_at - start_at).total_seconds()
        return self._rates[0] * seconds, self._rates[1] * seconds


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def go(minutes: float, enters: bool, door: str = "front") -> Passage:
    return Passage(at(minutes), door, enters)


def make_record(**values) -> DoorRecord:
    return DoorRecord(START, END, ("front",), **({"corrections": [Correction(START)]} | values))


def estimate(
    record: DoorRecord,
    *minutes: float,
    usual: SteadyFlow | None = None,
) -> tuple[OccupancyPoint, ...]:
    return estimate_occupancy(
        record, map(at, minutes), lambda _: DoorErrors(), usual or SteadyFlow()
    )


def test_people_inside_are_entered_minus_left():
    record = make_record(passages=[go(1, True), go(2, True), go(3, False)])

    counted = [point.counted for point in estimate(record, 0.5, 1, 2, 3, 60)]

    assert counted == [0, 1, 2, 1, 1]


def test_occupancy_is_never_below_zero():
    record = make_record(passages=[go(1, False), go(2, False), go(3, True)])

    points = estimate(record, 2, 3)

    assert [(point.counted, point.people) for point in points] == [(0, 0.0), (1, 1.0)]


def test_reset_empties_the_site_and_a_correction_sets_it():
    corrections = [Correction(START), Correction(at(10)), Correction(at(20), 7, False)]
    record = make_record(passages=[go(1, True)], corrections=corrections)

    assert [point.counted for point in estimate(record, 5, 10, 20)] == [1, 0, 7]


def test_band_grows_with_passages():
    record = make_record(passages=[go(minute, minute % 2 == 0) for minute in range(200)])

    early, late = estimate(record, 2, 199)

    assert early.high - early.low < late.high - late.low


def test_time_that_was_not_observed_widens_the_band_and_keeps_the_number():
    gap = Unobserved("front", at(10), at(40))
    record = make_record(passages=[go(minute, True) for minute in range(9)], unobserved=[gap])

    before, during, after = estimate(record, 9, 30, 40, usual=SteadyFlow(0.01, 0.002))

    assert before.counted == during.counted == after.counted == 9
    assert (before.observed, during.observed, after.observed) == (True, False, True)
    assert before.high < during.high < after.high
    assert after.low == before.low or after.low < before.low
    assert after.high - after.people > after.people - after.low  # more come than go


def test_site_is_unknown_until_a_door_was_observed():
    record = make_record(unobserved=[Unobserved("front", START, at(30))])

    unknown, known = estimate(record, 20, 31)

    assert (unknown.people, unknown.low, unknown.high, unknown.counted) == (None,) * 4
    assert known.counted == 0


def test_camera_that_sees_the_whole_site_corrects_the_number():
    passages = [go(minute / 10, True) for minute in range(100)]
    seen = [RoomCount(at(minute), 40.0) for minute in (20, 30, 40)]

    without, corrected = (
        estimate(make_record(passages=passages, room_counts=counts), 50)[0] for counts in ([], seen)
    )

    assert without.people == 100
    assert 40 < corrected.people < 100
    assert corrected.counted == 100


@given(st.data())
def test_estimate_does_not_depend_on_the_other_times_that_are_asked_for(data):
    seed = data.draw(st.integers(0, 999))
    rng = np.random.default_rng(seed)
    passages = [go(rng.uniform(0, 600), rng.random() < 0.5) for _ in range(60)]
    gaps = [Unobserved("front", at(100), at(160)), Unobserved("front", at(150), at(200))]
    record = make_record(passages=passages, unobserved=gaps, room_counts=[RoomCount(at(300), 5)])
    times = data.draw(st.lists(st.floats(0, 700), min_size=2, max_size=30, unique=True))
    flow = SteadyFlow(0.01)

    alone = estimate(record, times[0], usual=flow)[0]
    among = {point.at: point for point in estimate(record, *times, usual=flow)}

    found = among[at(times[0])]
    assert (found.counted, found.observed) == (alone.counted, alone.observed)
    assert found.people == pytest.approx(alone.people, abs=0.02)
    assert abs(found.high - alone.high) <= 1


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 79))
def test_estimate_is_the_same_when_reading_begins_at_a_reset(enters: list[bool], cut: int):
    passages = [go(minute, value) for minute, value in enumerate(enters)]
    corrections = [Correction(START), Correction(at(cut))]
    record = make_record(passages=passages, corrections=corrections)

    whole, late = estimate(record, 90), estimate(record.since(at(cut)), 90)

    assert whole == late


def test_resets_measure_the_drift_of_a_day():
    corrections = [Correction(START), Correction(END)]
    gap = Unobserved("front", START, START + timedelta(hours=6))
    passages = [go(1, True), go(2, True), go(3, False)]
    record = make_record(passages=passages, corrections=corrections, unobserved=[gap])

    assert measure_drifts(record) == (Drift(END, 1, 3, 0.75, is_automatic=True),)


def test_imbalance_is_learned_from_whole_days_only():
    days = [START + timedelta(days=day) for day in range(1, 6)]
    whole = [Drift(day, 20, 400, 1.0, True) for day in days]
    broken = [Drift(days[0], 300, 400, 0.5, True), Drift(days[1], 300, 400, 1.0, False)]

    learned = learn_errors([*whole, *broken], days[-1])

    assert learned.imbalance == pytest.approx(0.05)
    assert learned.days == 5
    assert learn_errors(whole[:2], days[-1]) == DoorErrors()
    assert learn_errors(whole, days[0] - timedelta(days=1)) == DoorErrors()


def mean_error(mall: Mall, record: DoorRecord, learn: bool, after_days: int) -> float:
    drifts = measure_drifts(record)
    points = estimate_occupancy(
        record,
        mall.open_hours(after_days),
        (lambda reset_at: learn_errors(drifts, reset_at)) if learn else lambda _: DoorErrors(),
        FlowProfile(record, OpeningHours(ZoneInfo("UTC"))),
    )
    return fmean(abs((point.people or 0) - mall.inside(point.at)) for point in points)


def test_learned_imbalance_makes_a_simulated_mall_more_exact():
    mall = Mall(days=16, seed=3)
    record = mall.record()

    raw, corrected = (mean_error(mall, record, learn, after_days=10) for learn in (False, True))

    assert corrected < 0.6 * raw


def test_camera_of_the_whole_mall_makes_it_more_exact():
    mall = Mall(days=3, seed=5)

    raw = mean_error(mall, mall.record(), False, 0)
    corrected = mean_error(mall, mall.record(room_every_min=10), False, 0)

    assert corrected < 0.5 * raw


def test_truth_lies_within_the_band_of_a_mall_with_outages():
    mall = Mall(days=10, seed=7, options=MallOptions(outages_per_day=2))
    record = mall.record()
    drifts = measure_drifts(record)

    points = estimate_occupancy(
        record,
        mall.open_hours(5),
        lambda reset_at: learn_errors(drifts, reset_at),
        FlowProfile(record, OpeningHours(ZoneInfo("UTC"))),
    )

    inside = [point.low <= mall.inside(point.at) <= point.high for point in points]
    assert fmean(inside) > 0.85
