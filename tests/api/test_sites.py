from datetime import UTC, datetime, timedelta

import pytest

from ovd.domain.access import Role
from ovd.domain.events import CountEvent, ZoneEventKind
from ovd.domain.zones import LineZone
from tests.api.conftest import Client, code_of
from tests.builders import make_query

GATE = {"name": "gate", "uri": "rtsp://127.0.0.1/gate", "queries": ["person"], "enabled": False}
LINE = {"name": "door", "kind": "line", "points": [[0.1, 0.5], [0.9, 0.5]]}
SHOP = {
    "name": "shop",
    "tz": "Asia/Seoul",
    "doors": [{"camera": "gate", "line": "door"}],
    "capacity": 9,
}


@pytest.fixture
def shop(api: Client) -> Client:
    api.post("/cameras", json=GATE)
    api.put("/cameras/gate/zones", json={"items": [LINE]})
    assert api.post("/sites", json=SHOP).status_code == 201
    return api


def enter(api: Client, minutes_ago: int) -> None:
    store = api.stage.services.store
    now = datetime.now(UTC)
    run = store.runs.start(store.cameras.find("gate"), "fake", "0" * 64, now)
    line = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))
    at = now - timedelta(minutes=minutes_ago)
    store.zones.add_tracked_interval(run, make_query(), (line,), now - timedelta(days=3), now)
    event = CountEvent(line, "person", 1, ZoneEventKind.IN, 0, at, 0.5, (0.0, 0.0, 1.0, 1.0))
    store.zones.add_event(run, make_query(), event)
    store.flush()


def test_site_is_added_listed_shown_replaced_and_removed(shop: Client):
    [listed] = shop.get("/sites").json()["items"]

    assert (listed["name"], listed["reset"], listed["doors"][0]["enter"]) == ("shop", "04:00", "in")
    assert shop.get("/sites/SHOP").json() == listed
    changed = shop.put("/sites/shop", json=listed | {"capacity": 20})
    assert changed.json()["capacity"] == 20
    assert shop.delete("/sites/shop").status_code == 204
    assert code_of(shop.get("/sites/shop")) == (404, "unknown_site")


def test_people_inside_are_told(shop: Client):
    shop.post("/sites/shop/reset", json={"people": 2})
    enter(shop, 0)

    now = shop.get("/sites/shop/now").json()

    assert (now["site"], now["capacity"], now["observed"], now["open"]) == ("shop", 9, True, True)
    assert now["low"] <= now["people"] <= now["high"]


def test_passages_are_listed_by_interval(shop: Client):
    enter(shop, 1)

    start = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    items = shop.get("/sites/shop/occupancy", params={"from": start, "bucket": "15m"}).json()

    assert sum(item["entered"] for item in items["items"]) == 1
    assert items["items"][0]["bucket_start"].endswith("+09:00")


def test_correction_is_kept_with_its_author(shop: Client):
    kept = shop.post("/sites/shop/reset", json={"people": 3}).json()

    assert kept["people"] == 3
    assert shop.get("/audit").json()["items"][0]["action"] == "sites.reset"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (SHOP, (409, "conflict")),
        (SHOP | {"name": "b", "doors": []}, (400, "bad_site")),
        (SHOP | {"name": "b", "doors": [{"camera": "roof", "line": "x"}]}, (400, "bad_site")),
        (SHOP | {"name": "b", "hours": ["noon"]}, (400, "bad_site")),
        (SHOP | {"name": "b", "colour": "red"}, (422, "invalid_request")),
    ],
)
def test_wrong_site_is_refused(shop: Client, body: dict[str, object], expected: tuple[int, str]):
    assert code_of(shop.post("/sites", json=body)) == expected


def test_range_of_too_many_intervals_is_refused(shop: Client):
    answer = shop.get("/sites/shop/occupancy", params={"from": "2026-01-01", "bucket": "1s"})

    assert code_of(answer) == (400, "bad_time")


def test_viewer_reads_sites_of_permitted_cameras_and_changes_none(shop: Client):
    shop.acting_as(Role.VIEWER)
    assert len(shop.get("/sites").json()["items"]) == 1
    assert code_of(shop.post("/sites/shop/reset", json={})) == (403, "forbidden")

    shop.acting_as(Role.OPERATOR, frozenset({"yard"}))

    assert shop.get("/sites").json()["items"] == []
    assert code_of(shop.get("/sites/shop/now")) == (404, "unknown_site")
    assert code_of(shop.post("/sites", json=SHOP | {"name": "b"})) == (403, "forbidden")


def test_display_is_paired_by_its_code_listed_and_removed(shop: Client):
    _, waiting = shop.context.services.displays.begin("192.0.2.1")
    body = {"name": "tablet", "code": waiting.code}
    assert shop.acting_as(Role.OPERATOR).post("/sites/shop/displays", json=body).status_code == 403

    paired = shop.acting_as(Role.ADMIN).post("/sites/shop/displays", json=body)

    assert (paired.status_code, paired.json()["name"]) == (201, "tablet")
    [listed] = shop.get("/sites/shop/displays").json()["items"]
    assert (listed["site"], listed["last_seen_at"]) == ("shop", None)
    assert code_of(shop.post("/sites/shop/displays", json=body)) == (404, "not_found")
    assert shop.delete("/sites/shop/displays/tablet").status_code == 204
    assert code_of(shop.delete("/sites/shop/displays/tablet")) == (404, "not_found")


def test_period_is_told_in_short_with_its_sales(shop: Client):
    enter(shop, 30)
    csv = f"time,amount\n{(datetime.now(UTC) - timedelta(minutes=20)).isoformat()},12.5\n"

    kept = shop.post("/sites/shop/sales", json={"csv": csv})
    again = shop.post("/sites/shop/sales", json={"csv": csv})
    start = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    told = shop.get("/sites/shop/summary", params={"from": start}).json()

    assert (kept.status_code, kept.json()["added"], again.json()["added"]) == (201, 1, 0)
    assert (told["site"], told["entered_open"], told["sales"]["transactions"]) == ("shop", 1, 1)
    assert (told["conversion"], told["sales_per_visitor"]) == (1.0, 12.5)
    assert (told["mean_stay_s"], told["no_stay"]) == (None, "few_passages")
    assert told["doors"] == [
        {"name": "door", "entered": 1, "left": 0, "share": 1.0, "coverage": 1.0, "turn_in": None}
    ]
    [compared] = shop.get("/site-comparison", params={"from": start}).json()["items"]
    assert compared["entered_open"] == 1


def test_sales_are_told_and_removed(shop: Client):
    shop.post("/sites/shop/sales", json={"csv": "time,amount\n2026-03-02T10:00,12.5\n"})
    period = {"from": "2026-03-02", "to": "2026-03-03"}

    assert shop.get("/sites/shop/sales", params=period).json()["amount"] == 12.5
    assert code_of(shop.delete("/sites/shop/sales")) == (400, "bad_time")
    assert shop.delete("/sites/shop/sales", params=period).json() == {"removed": 1}
    assert code_of(shop.post("/sites/shop/sales", json={"csv": "x"})) == (400, "bad_sales")


def test_queues_are_told(shop: Client):
    area = {"name": "wait", "kind": "polygon", "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}
    shop.put("/cameras/gate/zones", json={"items": [LINE, area]})
    site = SHOP | {"queues": [{"name": "till", "camera": "gate", "area": "wait", "front": "door"}]}
    assert shop.put("/sites/shop", json=site).status_code == 200

    told = shop.get("/sites/shop/queues").json()

    assert told["now"] == [
        {"name": "till", "length": None, "longest_s": None, "expected_wait_s": None}
    ]
    assert (told["period"][0]["joined"], told["period"][0]["coverage"]) == (None, 0.0)


def test_counts_of_other_counters_are_imported(shop: Client):
    doors = [*SHOP["doors"], {"name": "garage", "imported": True}]
    assert shop.put("/sites/shop", json=SHOP | {"doors": doors}).status_code == 200
    csv = "door,start,minutes,entered,left\ngarage,2026-03-02T10:00,60,9,4\n"

    told = shop.post("/sites/shop/counts", json={"csv": csv, "source": "garage"})

    assert (told.status_code, told.json()) == (201, {"read": 1, "entered": 9, "left": 4})
    period = {"from": "2026-03-02T10:00", "to": "2026-03-02T11:00", "bucket": "1h"}
    [hour] = shop.get("/sites/shop/occupancy", params=period).json()["items"]
    assert hour["doors"] == {"garage": {"entered": 9, "left": 4}}


def test_site_without_cameras_is_not_shown_to_limited_viewers(shop: Client):
    garage = {"name": "garage", "doors": [{"name": "gate", "imported": True}]}
    assert shop.post("/sites", json=garage).status_code == 201

    shop.acting_as(Role.VIEWER, frozenset({"gate"}))

    assert [site["name"] for site in shop.get("/sites").json()["items"]] == ["shop"]


def test_week_is_written_on_a_page(shop: Client):
    written = shop.get("/sites/shop/weekly", params={"language": "ko"})

    assert (written.status_code, written.headers["content-type"]) == (200, "application/pdf")
    assert written.content.startswith(b"%PDF")
    assert code_of(shop.get("/sites/shop/weekly", params={"week": "9999-12-30"})) == (
        400,
        "bad_time",
    )
