from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ovd.domain.cameras import CameraAddress, CameraSettings
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.sites import Site, parse_site
from ovd.domain.zones import LineZone, PolygonZone
from ovd.errors import SiteError, TimeRangeError, UnknownSiteError
from ovd.services.sites.service import SiteService
from ovd.store import SqlStore
from tests.builders import START, make_frame, make_query, make_result
from tests.fakes import FixedClock
from tests.store.databases import open_store

DOOR = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
HALL = PolygonZone("hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
NOON = START  # 12:00 UTC
SHOP = parse_site(
    {
        "name": "shop",
        "doors": [
            {"camera": "gate", "line": "door", "name": "front"},
            {"camera": "yard", "line": "door", "name": "back", "enter": "out"},
        ],
        "hours": ["daily 12:10-13:00"],
        "capacity": 10,
    }
)


def minute(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Shop:
    """A shop with two doors, each a line of a camera."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.clock = FixedClock(minute(90))
        self.sites = SiteService(store.sites, store, self.clock)
        self.runs = {}
        for name in ("gate", "yard"):
            address = CameraAddress.without_credentials(f"rtsp://127.0.0.1/{name}")
            camera = store.cameras.add(CameraSettings(name, address)).camera
            store.zones.replace(camera, (DOOR, HALL))
            self.runs[name] = store.runs.start(camera, "fake", "0" * 64, NOON)
        self.sites.add(SHOP)

    def observe(self, camera: str, first: float, last: float) -> None:
        self.store.zones.add_tracked_interval(
            self.runs[camera], make_query(), (DOOR,), minute(first), minute(last)
        )

    def cross(self, camera: str, at: float, kind: str) -> None:
        event = CountEvent(
            DOOR, "person", 1, ZoneEventKind(kind), 0, minute(at), 0.5, (0.0, 0.0, 1.0, 1.0)
        )
        self.store.zones.add_event(self.runs[camera], make_query(), event)

    def history(self, first: float, last: float, bucket: str = "1h"):
        self.store.flush()
        return self.sites.history("shop", minute(first), minute(last), bucket)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_store(f"sqlite:///{tmp_path / 'ovd.db'}", now=lambda: START) as store:
        yield Shop(store)


def test_doors_count_in_their_own_sense(shop: Shop):
    for camera in ("gate", "yard"):
        shop.observe(camera, 0, 90)
        shop.cross(camera, 15, "in")
        shop.cross(camera, 20, "in")
        shop.cross(camera, 30, "out")

    [hour] = shop.history(0, 60)

    assert (hour.entered, hour.left) == (3, 3)
    assert hour.doors == {"front": (2, 1), "back": (1, 2)}


def test_people_inside_now_are_told_with_their_band(shop: Shop):
    for camera in ("gate", "yard"):
        shop.observe(camera, 0, 90)
    for at in range(15, 20):
        shop.cross("gate", at, "in")
    shop.store.flush()

    now = shop.sites.now("SHOP")

    assert (now.point.counted, now.entered, now.left) == (5, 5, 0)
    assert now.point.low <= 5 <= now.point.high
    assert not now.is_open
    assert now.since == datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_band_of_a_new_site_knows_of_the_hours_before_it_was_observed(shop: Shop):
    for camera in ("gate", "yard"):
        shop.observe(camera, 20, 90)
    for at in range(30, 40):
        shop.cross("gate", at, "in" if at % 2 else "out")
    shop.store.flush()

    now = shop.sites.now("shop")
    shop.sites.reset("shop", 0, at=minute(25))
    corrected = shop.sites.now("shop")

    assert now.point.high - now.point.low > corrected.point.high - corrected.point.low


def test_gap_of_a_door_is_told_and_is_no_zero(shop: Shop):
    shop.observe("gate", 0, 90)
    shop.observe("gate", 0, 90)

    [hour] = shop.history(0, 60)

    assert (hour.entered, hour.left, hour.coverage) == (0, 0, 0.5)
    assert set(hour.doors) == {"front"}


def test_site_that_was_not_observed_has_no_numbers(shop: Shop):
    [hour] = shop.history(0, 60)

    assert (hour.entered, hour.left, hour.people, hour.most) == (None,) * 4
    assert hour.coverage == 0
    assert shop.sites.now("shop").point.people is None


def test_opening_hours_have_a_coverage_of_their_own(shop: Shop):
    for camera in ("gate", "yard"):
        shop.observe(camera, 10, 60)
    shop.cross("gate", 5, "in")
    shop.cross("gate", 15, "in")

    [hour] = shop.history(0, 60)

    assert (hour.open_s, hour.open_coverage) == (50 * 60, 1.0)
    assert hour.coverage == pytest.approx(5 / 6)
    assert (hour.entered, hour.entered_outside) == (2, 1)


@pytest.mark.parametrize("bucket", ["1m", "15m", "1h"])
def test_sums_and_peak_do_not_depend_on_the_bucket(shop: Shop, bucket: str):
    for camera in ("gate", "yard"):
        shop.observe(camera, 0, 90)
    for at in range(12, 40):
        shop.cross("gate", at + 0.5, "in" if at < 30 else "out")

    found = shop.history(0, 90, bucket)

    assert sum(item.entered for item in found) == 18
    assert max(item.most for item in found) == 18
    assert found[-1].people == 8


def test_correction_by_hand_counts_from_its_time_on(shop: Shop):
    for camera in ("gate", "yard"):
        shop.observe(camera, 0, 90)
    shop.cross("gate", 15, "in")
    shop.sites.reset("shop", 7, "anna", minute(30))
    shop.cross("gate", 45, "in")

    before, after = shop.history(0, 30), shop.history(30, 60)

    assert [item.people for item in (before[-1], after[-1])] == [1, 8]


def test_correction_cannot_lie_ahead(shop: Shop):
    with pytest.raises(SiteError, match="cannot lie ahead"):
        shop.sites.reset("shop", 0, at=minute(91))


def test_camera_of_the_whole_site_corrects_what_doors_count(shop: Shop):
    shop.sites.replace("shop", replace(SHOP, room=None))
    for camera in ("gate", "yard"):
        shop.observe(camera, 0, 90)
    for at in range(1, 9):
        shop.cross("gate", at, "in")
    for second in range(0, 600, 10):
        frame = make_frame(second * 10)
        shop.store.counts.add_result(shop.runs["gate"], make_result(frame, {"person": 2}))
    room = parse_site(
        {"name": "shop", "room": {"camera": "gate"}, "doors": [{"camera": "yard", "line": "door"}]}
    ).room

    without = shop.history(0, 60)[-1]
    shop.sites.replace("shop", replace(SHOP, room=room))
    corrected = shop.history(0, 60)[-1]

    assert without.people == 8
    assert 2 < corrected.people < 8


@pytest.mark.parametrize(
    ("door", "told"),
    [
        ({"camera": "roof", "line": "door"}, "roof"),
        ({"camera": "gate", "line": "exit"}, "its lines: door"),
        ({"camera": "gate", "line": "hall"}, "its lines: door"),
    ],
)
def test_door_must_be_a_line_of_a_camera(shop: Shop, door: dict[str, str], told: str):
    with pytest.raises(SiteError, match=told):
        shop.sites.add(parse_site({"name": "b", "doors": [door]}))


def test_unknown_site_and_empty_or_endless_ranges_are_refused(shop: Shop):
    with pytest.raises(UnknownSiteError):
        shop.sites.now("mall")
    with pytest.raises(TimeRangeError, match="empty"):
        shop.history(60, 60)
    with pytest.raises(TimeRangeError, match="500 days"):
        shop.history(-500 * 1440, 0)


def test_line_that_was_moved_goes_on_counting_for_its_door(shop: Shop):
    moved = LineZone("door", ((0.1, 0.6), (0.9, 0.6)))
    shop.observe("gate", 0, 30)
    shop.cross("gate", 15, "in")
    shop.store.flush()
    shop.store.zones.replace(shop.store.cameras.find("gate"), (moved,))
    shop.store.zones.add_tracked_interval(
        shop.runs["gate"], make_query(), (moved,), minute(30), minute(60)
    )
    event = CountEvent(moved, "person", 2, ZoneEventKind.IN, 0, minute(45), 0.5, (0, 0, 1, 1))
    shop.store.zones.add_event(shop.runs["gate"], make_query(), event)

    [hour] = shop.history(0, 60)

    assert hour.doors == {"front": (2, 0)}


def test_site_of_another_reset_reads_the_same_counts(shop: Shop):
    site: Site = parse_site(
        {"name": "shop", "doors": [{"camera": "gate", "line": "door"}], "reset": "12:30"}
    )
    shop.observe("gate", 0, 90)
    shop.cross("gate", 15, "in")

    assert shop.history(0, 60)[-1].people == 1
    shop.sites.replace("shop", site)
    assert shop.history(0, 60)[-1].people == 0


WIDE = parse_site(
    {
        "name": "wide",
        "doors": [
            {
                "name": "front",
                "camera": "gate",
                "line": "door",
                "more": [{"camera": "yard", "line": "door", "enter": "out"}],
            }
        ],
    }
)


def test_lines_of_one_door_are_added_up_each_in_its_sense(shop: Shop):
    shop.sites.add(WIDE)
    shop.observe("gate", 0, 60)
    shop.observe("yard", 0, 30)
    shop.cross("gate", 10, "in")
    shop.cross("yard", 20, "out")
    shop.store.flush()

    [hour] = shop.sites.history("wide", minute(0), minute(60), "1h")

    assert hour.doors == {"front": (2, 0)}
    assert hour.coverage == pytest.approx(0.5, abs=0.01)


def staffed(shop: Shop, **staff: object) -> Site:
    site = parse_site(
        {"name": "staffed", "doors": [{"camera": "gate", "line": "door"}], "staff": staff}
    )
    shop.sites.add(site)
    shop.observe("gate", 0, 90)
    return site


def test_who_turns_back_within_the_time_has_not_entered(shop: Shop):
    staffed(shop, turn_back_s=120)
    for at, kind in ((10, "in"), (11, "out"), (20, "in"), (30, "out")):
        shop.cross("gate", at, kind)
    shop.store.flush()

    [hour] = shop.sites.history("staffed", minute(0), minute(60), "1h")

    assert (hour.entered, hour.left) == (1, 1)


def test_who_was_in_an_area_of_the_staff_is_not_counted(shop: Shop):
    staffed(shop, areas=[{"camera": "gate", "area": "hall"}])
    shop.cross("gate", 10, "in")
    event = CountEvent(
        HALL, "person", 1, ZoneEventKind.ENTER, 0, minute(11), 0.5, (0.0, 0.0, 1.0, 1.0)
    )
    shop.store.zones.add_event(shop.runs["gate"], make_query(), event)
    shop.store.flush()

    [hour] = shop.sites.history("staffed", minute(0), minute(60), "1h")

    assert hour.entered == 0


def test_capture_rate_is_of_the_time_in_which_both_lines_were_observed(shop: Shop):
    site = parse_site(
        {
            "name": "street",
            "doors": [
                {
                    "camera": "gate",
                    "line": "door",
                    "passing": [{"camera": "yard", "line": "door"}],
                }
            ],
        }
    )
    shop.sites.add(site)
    shop.observe("gate", 0, 60)
    shop.observe("yard", 0, 30)
    for at in range(1, 11):
        shop.cross("yard", at, "in" if at % 2 else "out")
    for at in (5, 6, 40):
        shop.cross("gate", at, "in")
    shop.store.flush()

    found = shop.sites.summarise("street", minute(0), minute(60))

    assert (found.passing.entered, found.passing.passed, found.passing.rate) == (2, 10, 0.2)
    assert found.passing.observed_s == pytest.approx(1800, abs=6)


def test_area_and_front_of_a_queue_must_be_there(shop: Shop):
    queue = {"name": "till", "camera": "gate", "area": "hall", "front": "till"}
    values = {"name": "b", "doors": [{"camera": "gate", "line": "door"}], "queues": [queue]}

    with pytest.raises(SiteError, match="no line 'till' for queue"):
        shop.sites.add(parse_site(values))
    with pytest.raises(SiteError, match=r"no area 'door'.*its areas: hall"):
        shop.sites.add(parse_site(values | {"queues": [queue | {"area": "door"}]}))


def test_day_that_is_over_is_read_from_what_was_summed_up(shop: Shop):
    shop.clock.advance(3 * 86400)
    for camera in ("gate", "yard"):
        shop.observe(camera, 0, 90)
    for at in range(15, 45):
        shop.cross("gate", at, "in" if at < 30 else "out")
    shop.store.flush()
    midnight = minute(-720)

    direct = shop.sites.history("shop", midnight, minute(1440 - 720), "15m")
    hours = [shop.sites.history("shop", midnight, minute(720), "1h") for _ in range(2)]
    [day] = shop.sites.history("shop", midnight, minute(720), "1d")

    assert hours[0] == hours[1]
    assert sum(each.entered or 0 for each in direct) == day.entered == 15
    assert day.most == max(each.most or 0 for each in direct)
    assert len(shop.store.site_records.days("shop", NOON.date(), NOON.date())) == 1


def test_correction_lets_its_day_be_summed_up_anew(shop: Shop):
    shop.clock.advance(3 * 86400)
    shop.observe("gate", 0, 90)
    shop.observe("yard", 0, 90)
    shop.store.flush()
    before = shop.sites.history("shop", minute(-720), minute(720), "1d")

    shop.sites.reset("shop", 7, at=minute(60))

    [after] = shop.sites.history("shop", minute(-720), minute(720), "1d")
    assert (before[0].people, after.people) == (0, 7)


def test_days_are_kept_before_crossings_are_removed(shop: Shop):
    shop.clock.advance(3 * 86400)
    shop.observe("gate", 0, 90)
    shop.store.flush()

    shop.sites.keep_days()

    assert len(shop.store.site_records.days("shop", NOON.date(), NOON.date())) == 1


def test_door_that_is_away_now_is_told(shop: Shop):
    shop.observe("gate", 0, 90)
    shop.observe("yard", 0, 60)
    shop.store.flush()

    away = shop.sites.now("shop").point.observed
    shop.observe("yard", 60, 90)
    shop.store.flush()

    assert (away, shop.sites.now("shop").point.observed) == (False, True)
    assert shop.sites.people_inside("shop") == 0
