from datetime import timedelta
from typing import Any

import pytest

from ovd.api.routes import alerts
from ovd.domain.access import Role
from ovd.domain.alerts import Target, TargetSecrets
from ovd.domain.cameras import CameraAddress, CameraQuery, CameraSettings
from ovd.services.alerts.engine import AlertEngine
from ovd.services.events import FrameCounted
from tests.api.conftest import Client, code_of
from tests.builders import START, make_frame, make_result, make_run

RULE = {"name": "queue", "cameras": ["gate"], "query": "person", "when": "above", "count": 2}


@pytest.fixture
def gate(api: Client) -> Client:
    """A client for which there is a camera that counts persons."""
    address = CameraAddress.without_credentials("rtsp://192.0.2.7/1")
    settings = CameraSettings("gate", address, (CameraQuery("person"),), enabled=False)
    api.stage.services.store.cameras.add(settings)
    return api


def engine(api: Client) -> AlertEngine:
    found = api.stage.services.alerts
    assert found is not None
    return found


def count(api: Client, *counts: int) -> None:
    camera = api.stage.services.store.cameras.find("gate")
    run = make_run(camera)
    engine(api).step()
    for number, value in enumerate(counts):
        frame = make_frame(number, time_s=float(number), camera="gate")
        result = make_result(frame, {"person": value}, observed_s=1.0)
        engine(api).handle(FrameCounted(run, number + 1, result))
    engine(api).step()


def log(api: Client, **params: Any) -> list[dict[str, Any]]:
    return api.get("/alerts/log", params=params).json()["items"]


def test_rule_is_added_listed_changed_and_removed(gate: Client):
    added = gate.post("/alerts", json=RULE)

    assert added.status_code == 201
    assert added.json()["clear"] == {"count": None, "for_s": 0.0}
    assert [item["name"] for item in gate.get("/alerts").json()["items"]] == ["queue"]
    changed = gate.patch("/alerts/queue", json={"count": 4, "name": "long queue"})
    assert (changed.json()["name"], changed.json()["count"]) == ("long queue", 4)
    assert gate.delete("/alerts/long queue").status_code == 204
    assert code_of(gate.delete("/alerts/queue")) == (404, "unknown_alert_rule")


def test_alert_is_listed_with_its_state_and_logged(gate: Client):
    gate.post("/alerts", json=RULE)

    count(gate, 0, 3)

    [rule] = gate.get("/alerts").json()["items"]
    [state] = rule["states"]
    assert (state["camera"], state["state"], state["count"]) == ("gate", "firing", 3)
    [message] = log(gate)
    assert (message["type"], message["count"], message["threshold"]) == ("new", 3, 2)
    assert message["id"] == state["alert"]


def test_log_is_paged_and_filtered(gate: Client):
    gate.post("/alerts", json=RULE)
    count(gate, 3, 0, 3, 0)

    first = gate.get("/alerts/log", params={"limit": 3}).json()
    rest = gate.get("/alerts/log", params={"limit": 3, "cursor": first["next"]}).json()

    assert [item["type"] for item in first["items"] + rest["items"]] == ["end", "new"] * 2
    assert rest["next"] is None
    assert log(gate, rule="other") == []
    later = (START + timedelta(seconds=2)).isoformat()
    assert len(log(gate, **{"from": later})) == 2


@pytest.mark.parametrize(
    ("values", "code", "why"),
    [
        ({"cameras": ["nowhere"]}, "bad_alert_rule", "no camera 'nowhere'; known: gate"),
        ({"query": "car"}, "bad_alert_rule", "'car' is not counted at gate"),
        ({"zone": "door"}, "bad_alert_rule", "no zone 'door' at gate"),
        ({"schedule": ["mon 10:00-10:00"]}, "bad_alert_rule", "covers no time"),
        ({"tz": "Mars/Base"}, "bad_time", "unknown time zone"),
        ({"to": ["ops"]}, "unknown_target", "no target 'ops'; known: none"),
        ({"when": "occupancy_above", "query": "", "cameras": []}, "bad_alert_rule", "needs a site"),
        (
            {"when": "occupancy_above", "query": "", "cameras": [], "zone": "mall"},
            "bad_alert_rule",
            "no site 'mall'; known: none",
        ),
        ({"when": "occupancy_below", "query": "", "zone": "mall"}, "bad_alert_rule", "a site"),
        ({"count": None}, "bad_alert_rule", "needs a count"),
    ],
)
def test_rule_that_would_never_fire_is_refused(
    gate: Client, values: dict[str, Any], code: str, why: str
):
    answer = gate.post("/alerts", json=RULE | values)

    assert answer.json()["error"]["code"] == code
    assert why in answer.json()["error"]["message"]
    assert answer.status_code in (400, 404)


def test_two_rules_of_one_name_are_refused(gate: Client):
    gate.post("/alerts", json=RULE)

    assert code_of(gate.post("/alerts", json=RULE | {"name": "Queue"})) == (
        409,
        "alert_rule_listed",
    )


def test_test_message_is_queued_for_the_targets(gate: Client):
    store = gate.stage.services.store
    store.targets.add(Target("ops", "https://h/"), TargetSecrets("https://h/"))
    gate.post("/alerts", json=RULE | {"to": ["ops"]})

    answer = gate.post("/alerts/queue/test").json()

    [entry] = store.outbox.entries()
    assert (entry.target, entry.message.id) == ("ops", answer["id"])
    assert answer["id"].startswith("test-")


def test_rule_without_targets_cannot_be_tested(gate: Client):
    gate.post("/alerts", json=RULE)

    assert code_of(gate.post("/alerts/queue/test")) == (400, "bad_alert_rule")


def test_rule_is_snoozed_and_woken(gate: Client):
    gate.post("/alerts", json=RULE)

    assert gate.post("/alerts/queue/snooze", json={"for_s": 60}).json()["snoozed_until"]
    assert gate.post("/alerts/queue/snooze", json={"for_s": 0}).json()["snoozed_until"] is None


def test_rule_is_replayed_over_stored_counts(gate: Client):
    gate.stage.count("hall", [make_frame(i, camera="hall") for i in range(10)])
    rule = RULE | {"cameras": ["hall"], "count": 0, "for_s": 0.2}
    times = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-02T00:00:00Z"}

    answer = gate.post("/alerts/replay", json=rule | times)

    assert answer.json()["alerts"] == 2  # the counts are 0 to 4, twice
    assert [item["count"] for item in answer.json()["thresholds"]][:2] == [0, 1]


def test_viewer_reads_and_changes_nothing(gate: Client):
    gate.post("/alerts", json=RULE)
    gate.acting_as(Role.VIEWER)

    assert gate.get("/alerts").status_code == 200
    for answer in (
        gate.post("/alerts", json=RULE),
        gate.patch("/alerts/queue", json={"count": 1}),
        gate.delete("/alerts/queue"),
        gate.post("/alerts/queue/test"),
        gate.post("/alerts/queue/snooze", json={}),
    ):
        assert code_of(answer) == (403, "forbidden")


def test_rules_of_cameras_that_are_not_permitted_are_hidden(gate: Client):
    gate.post("/alerts", json=RULE)
    count(gate, 3)
    gate.acting_as(Role.OPERATOR, frozenset({"yard"}))

    assert gate.get("/alerts").json()["items"] == []
    assert log(gate) == []
    assert code_of(gate.patch("/alerts/queue", json={"count": 1})) == (404, "unknown_alert_rule")
    assert code_of(gate.post("/alerts", json=RULE | {"name": "other"})) == (403, "forbidden")


def test_routes_are_those_of_the_contract():
    paths = {(method, route.path) for route in alerts.router.routes for method in route.methods}

    assert paths >= {
        ("GET", "/alerts"),
        ("POST", "/alerts"),
        ("PATCH", "/alerts/{name}"),
        ("DELETE", "/alerts/{name}"),
        ("POST", "/alerts/{name}/test"),
        ("GET", "/alerts/log"),
    }


def test_rule_shows_a_viewer_the_permitted_cameras_only(gate: Client):
    address = CameraAddress.without_credentials("rtsp://192.0.2.8/1")
    settings = CameraSettings("yard", address, (CameraQuery("person"),), enabled=False)
    gate.stage.services.store.cameras.add(settings)
    gate.post("/alerts", json=RULE | {"cameras": ["gate", "yard"]})
    gate.acting_as(Role.VIEWER, frozenset({"gate"}))

    [rule] = gate.get("/alerts").json()["items"]

    assert rule["cameras"] == ["gate"]
