from collections.abc import Iterator

import pytest

from ovd.domain.events import ZoneEventKind
from ovd.domain.zones import LineZone
from ovd.services.reports.summary import summarise
from ovd.services.reports.zones import Occupancy, ZoneTotal, read_zone_totals
from tests.services.zone_scenes import DOOR, HALL, ZoneScene, tell_a_day
from tests.store.databases import open_store

MOVED = LineZone("door", ((0.2, 0.6), (0.9, 0.6)))


@pytest.fixture
def scene(url: str) -> Iterator[ZoneScene]:
    with open_store(url, flush_interval_s=0.01) as store:
        yield ZoneScene(store)


def totals_of(scene: ZoneScene, start_s: float = 0, end_s: float = 200) -> tuple[ZoneTotal, ...]:
    report = scene.report(start_s, end_s)
    return read_zone_totals(report.store.zones, report.selection)


def stay_of(scene: ZoneScene, start_s: float = 0, end_s: float = 200) -> Occupancy:
    (total,) = totals_of(scene, start_s, end_s)
    assert total.occupancy is not None
    return total.occupancy


def test_totals_of_a_hand_made_day(scene):
    tell_a_day(scene)

    occupancy = Occupancy(1.14, 3, 8.5, 6.0, 1)
    assert totals_of(scene) == (
        ZoneTotal("gate", "person", "door", 100.0, 3, 1, None, moved=False),
        ZoneTotal("gate", "person", "hall", 100.0, 5, 4, occupancy, moved=False),
    )
    assert [total.balance for total in totals_of(scene)] == [2, 1]


def test_summary_of_a_report_holds_its_zones(scene):
    tell_a_day(scene)

    assert summarise(scene.report()).zones == totals_of(scene)


def test_object_inside_before_the_period_counts_with_its_whole_dwell(scene):
    scene.watch(0, 100, HALL)
    scene.visit(1, 5, 30)
    scene.visit(2, 10, None)

    occupancy = stay_of(scene, 20, 60)
    (total,) = totals_of(scene, 20, 60)

    assert (total.count_in, total.count_out, total.observed_s) == (0, 1, 40.0)
    assert occupancy == Occupancy((10 + 40) / 40, 2, 25.0, 25.0, 1)


def test_visit_longer_than_the_period_has_no_dwell_yet(scene):
    scene.watch(0, 100, HALL)
    scene.visit(1, 5, 90)

    assert stay_of(scene, 20, 60) == Occupancy(1.0, 1, None, None, 1)


def test_object_that_left_as_the_period_began_was_not_inside(scene):
    scene.watch(0, 100, HALL)
    scene.visit(1, 5, 20)

    assert stay_of(scene, 20, 60) == Occupancy(0.0, 0, 15.0, 15.0, 0)


def test_observed_zone_without_events_is_zero_and_has_no_dwell(scene):
    scene.watch(0, 100, DOOR, HALL)

    door, hall = totals_of(scene)

    assert (door.count_in, door.count_out, door.occupancy) == (0, 0, None)
    assert hall.occupancy == Occupancy(0.0, 0, None, None, 0)


def test_zone_that_was_not_observed_in_the_period_is_left_out(scene):
    tell_a_day(scene)
    scene.watch(150, 160)

    assert totals_of(scene, 120, 200) == ()
    assert summarise(scene.report(120, 200)).zones == ()


def test_occupancy_is_over_the_observed_time(scene):
    scene.watch(0, 10, HALL)
    scene.watch(50, 60, HALL)
    scene.visit(1, 0, 10)
    scene.visit(2, 50, 55)

    (total,) = totals_of(scene)

    assert total.observed_s == 20.0
    assert stay_of(scene).mean_inside == 15 / 20


def test_visit_whose_end_was_lost_in_a_crash_ends_with_the_watch(scene):
    scene.watch(0, 10, HALL)
    scene.visit(1, 4, None)
    second = scene.start_run()
    scene.watch(20, 40, HALL, run=second)
    scene.visit(1, 30, 40, second)

    assert stay_of(scene) == Occupancy((6 + 10) / 30, 1, 10.0, 10.0, 1)


def test_an_instant_of_observation_has_no_mean(scene):
    scene.watch(5, 5, HALL)
    scene.visit(1, 5, None)

    assert stay_of(scene) == Occupancy(None, 1, None, None, 1)


def test_object_that_enters_as_another_leaves_does_not_overlap(scene):
    scene.watch(0, 100, HALL)
    scene.visit(2, 10, 20)
    scene.visit(1, 5, 10)

    assert stay_of(scene).max_inside == 1


def test_visit_of_one_instant_was_inside(scene):
    scene.watch(0, 100, HALL)
    scene.visit(1, 7, 7)

    assert stay_of(scene) == Occupancy(0.0, 1, 0.0, 0.0, 0)


def test_runs_at_the_same_time_add_events_and_share_the_occupancy(scene):
    second = scene.start_run()
    for run in (scene.run, second):
        scene.watch(0, 100, HALL, run=run)
        scene.visit(1, 0, 50, run)

    (total,) = totals_of(scene)

    assert (total.count_in, total.observed_s) == (2, 200.0)
    assert stay_of(scene) == Occupancy(0.5, 1, 50.0, 50.0, 0)


def test_moved_zone_is_one_row_and_marked(scene):
    scene.watch(0, 40, DOOR)
    scene.cross(1, 10, ZoneEventKind.IN)
    scene.set_zones(MOVED)
    second = scene.start_run()
    scene.watch(50, 90, MOVED, run=second)

    (total,) = totals_of(scene)

    assert (total.count_in, total.observed_s, total.moved) == (1, 80.0, True)
