from datetime import timedelta
from pathlib import Path

import pytest

from ovd.services.history.reading import HistoryRequest, read_history
from ovd.services.reports.buckets import Interval
from ovd.services.reports.report import ReportService
from tests.builders import START
from tests.services.zone_scenes import HALL, ZoneScene, at, tell_a_day
from tests.store.databases import make_empty, make_url, open_store


@pytest.fixture
def scene(tmp_path: Path):
    with open_store(make_url(make_empty(tmp_path / "counts.db"))) as store:
        yield ZoneScene(store)


def stays_of(scene: ZoneScene):
    scene.store.flush()
    interval = Interval(START, START + timedelta(minutes=3))
    history = read_history(ReportService(scene.store), HistoryRequest("gate", interval, "UTC"))
    (person,) = history.series
    return person.inside, person.dwell_s


def test_minutes_tell_how_many_were_inside_and_how_long_they_stayed(scene: ZoneScene):
    tell_a_day(scene)

    inside, dwell_s = stays_of(scene)

    # 10 + 20 + 2 + 2 s by those who left, and 40 of 60 s by one who stayed.
    assert inside == (pytest.approx(74 / 60), pytest.approx(1.0), None)
    assert dwell_s == (pytest.approx(8.5), None, None)


def test_visit_that_began_before_counts_from_the_start(scene: ZoneScene):
    scene.watch(0, 100, HALL)
    scene.visit(1, 30, 90)
    scene.store.flush()
    later = Interval(at(60), at(180))
    history = read_history(ReportService(scene.store), HistoryRequest("gate", later, "UTC"))

    assert history.series[0].inside[0] == pytest.approx(30 / 40)


def test_camera_without_areas_has_none(scene: ZoneScene):
    assert stays_of(scene) == ((), ())
