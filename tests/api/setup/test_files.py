import json

from ovd.domain.access import Role
from tests.api.conftest import Client, api, code_of
from tests.stages import stage

__all__ = ["api", "stage"]
GATE = {"name": "gate", "uri": "rtsp://viewer:secret@192.0.2.7/1", "queries": ["person"]}


def test_cameras_travel_as_a_file_without_passwords(api: Client):
    api.post("/cameras", json=GATE)
    exported = api.get("/camera-file")
    api.delete("/cameras/gate")

    answer = api.post("/camera-file", files={"file": ("cameras.json", exported.content)})

    assert "attachment" in exported.headers["content-disposition"]
    assert "secret" not in exported.text
    assert answer.json() == {"names": ["gate"], "incomplete": ["gate"], "refused": []}
    assert api.get("/cameras/gate").json()["queries"][0]["text"] == "person"


def test_import_leaves_out_files_of_this_machine(api: Client):
    entries = [
        {"name": "disk", "uri": "/etc/passwd"},
        {"name": "gate", "uri": "rtsp://192.0.2.7/1"},
    ]
    content = json.dumps({"version": 1, "cameras": entries}).encode()

    answer = api.post("/camera-file", files={"file": ("cameras.json", content)}).json()

    assert answer["names"] == ["gate"]
    assert [item["name"] for item in answer["refused"]] == ["disk"]


def test_file_that_is_no_export_is_refused(api: Client):
    for content in (b"", b"[]", b"\xff\xfe", b'{"version": 2, "cameras": []}'):
        answer = api.post("/camera-file", files={"file": ("x.json", content)})
        assert code_of(answer) == (400, "bad_input")


def test_file_takes_an_admin(api: Client):
    api.acting_as(Role.OPERATOR)

    assert code_of(api.get("/camera-file")) == (403, "forbidden")
