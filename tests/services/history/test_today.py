from datetime import datetime, timedelta

import pytest

from ovd.services.history.today import (
    FORGOTTEN_AFTER_S,
    SHORTEST_INTERVAL_S,
    DayNumbers,
    Numbers,
    TodayCounts,
)
from ovd.services.reports.report import ReportService
from ovd.services.reports.series.key import SeriesKey
from ovd.store import SqlStore
from tests.builders import START
from tests.services.zone_scenes import ZoneScene, tell_a_day
from tests.store.databases import make_empty, make_url, open_store

GATE = SeriesKey("gate", "person")


class Day:
    """Numbers of a day, and the clocks that they are read by."""

    def __init__(self, store: SqlStore) -> None:
        self.scene = ZoneScene(store)
        self.moment, self.now = 0.0, START
        self.counts = TodayCounts(ReportService(store), lambda: self.moment, lambda: self.now)

    def read(self, now: datetime | None = None) -> Numbers:
        self.now = now or self.now
        self.scene.store.flush()
        self.counts.peek("UTC")
        self.counts.refresh()
        return self.counts.peek("UTC")


@pytest.fixture
def day(tmp_path):
    with open_store(make_url(make_empty(tmp_path / "ovd.db"))) as store:
        yield Day(store)


def test_numbers_of_the_day_are_those_of_its_report(day):
    tell_a_day(day.scene)

    assert day.read() == {GATE: DayNumbers(0, 3, 1)}


def test_what_was_not_tracked_is_unknown(day):
    assert day.read() == {GATE: DayNumbers(None, None, None)}


def test_the_next_day_begins_without_numbers(day):
    tell_a_day(day.scene)
    day.read()
    day.moment += SHORTEST_INTERVAL_S

    later = day.read(START + timedelta(days=1))

    assert GATE not in later or later[GATE] == DayNumbers(None, None, None)


def test_numbers_are_read_every_now_and_then_only(day):
    day.read()
    tell_a_day(day.scene)

    assert day.read()[GATE].crossed_in is None
    day.moment += SHORTEST_INTERVAL_S
    assert day.read()[GATE].crossed_in == 3


def test_what_nobody_looks_at_is_not_read(day):
    day.read()
    day.moment += FORGOTTEN_AFTER_S

    assert not day.counts.refresh()
