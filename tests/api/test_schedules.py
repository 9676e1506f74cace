from typing import Any

from ovd.domain.access import Role
from tests.api.conftest import Client, code_of
from tests.builders import START, make_frame, make_result
from tests.http_receiver import HttpReceiver

WEEKLY: dict[str, Any] = {
    "name": "gates",
    "every": "weekly",
    "at": "06:30",
    "tz": "Europe/Berlin",
    "targets": ["ops"],
}


def test_schedule_is_added_changed_and_removed(api: Client):
    added = api.post("/schedules", json=WEEKLY)

    assert added.status_code == 201
    answer = added.json()
    assert (answer["weekday"], answer["fixed"], answer["enabled"]) == ("monday", False, True)
    assert answer["last"] is None
    assert answer["next_at"].endswith("Z")
    changed = api.patch("/schedules/GATES", json={"at": "07:00", "enabled": False}).json()
    assert (changed["at"], changed["next_at"], changed["targets"]) == ("07:00", None, ["ops"])
    assert api.delete("/schedules/gates").status_code == 204
    assert api.get("/schedules").json()["items"] == []
    assert api.delete("/schedules/gates").status_code == 404


def test_two_schedules_of_one_name_are_refused(api: Client):
    api.post("/schedules", json=WEEKLY)

    assert code_of(api.post("/schedules", json=WEEKLY | {"name": "Gates"})) == (400, "bad_schedule")


def test_what_cannot_be_is_refused(api: Client):
    for wrong in ({"targets": []}, {"tz": "Europe/Berlyn"}, {"name": "../x"}):
        assert code_of(api.post("/schedules", json=WEEKLY | wrong)) == (400, "bad_schedule")


def test_folders_are_not_given_from_afar(api: Client):
    assert api.post("/schedules", json=WEEKLY | {"folder": "/etc"}).status_code == 422


def test_changes_take_an_admin_and_recipients_are_for_admins(api: Client):
    api.post("/schedules", json=WEEKLY | {"to": ["boss@example.org"]})
    api.acting_as(Role.OPERATOR)

    [listed] = api.get("/schedules").json()["items"]

    assert listed["to"] == []
    assert api.patch("/schedules/gates", json={"at": "07:00"}).status_code == 403
    assert api.post("/schedules/gates/send").status_code == 403


def test_report_is_sent_now_to_a_target_and_can_be_fetched(api: Client):
    stage = api.stage
    run = stage.services.store.runs.start(
        stage.services.store.cameras.record("gate", "list"), "fake", "0", START
    )
    for index in range(5):
        stage.services.store.counts.add_result(run, make_result(make_frame(index), {"person": 1}))
    stage.services.store.flush()
    with HttpReceiver() as receiver:
        api.post("/targets", json={"name": "ops", "url": receiver.url})
        api.post("/schedules", json=WEEKLY)

        sent = api.post("/schedules/gates/send")

        assert sent.status_code == 200, sent.text
        assert b'"type": "report"' in receiver.received[0].body
    [listed] = api.get("/schedules").json()["items"]
    assert listed["last"]["period"] == sent.json()["period"]
    fetched = api.get("/schedules/gates/report")
    assert fetched.headers["content-disposition"].startswith('attachment; filename="gates_')
    assert "camera,query,bucket_start" in fetched.text


def test_target_that_is_not_there_is_told(api: Client):
    stage = api.stage
    stage.count()
    api.post("/schedules", json=WEEKLY)

    refused = api.post("/schedules/gates/send")

    assert refused.status_code == 404


def test_viewer_of_some_cameras_sees_the_schedules_of_these_only(api: Client):
    for name, cameras in (("gate", ["gate"]), ("both", ["gate", "yard"]), ("all", [])):
        api.post("/schedules", json=WEEKLY | {"name": name, "cameras": cameras})
    api.acting_as(Role.VIEWER, frozenset({"gate"}))

    assert [item["name"] for item in api.get("/schedules").json()["items"]] == ["gate"]
