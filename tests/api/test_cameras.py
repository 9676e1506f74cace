from pathlib import Path

import pytest

from ovd.domain.access import Role
from tests.api.conftest import Client, code_of
from tests.web.identities import make_identity

GATE = {"name": "gate", "uri": "rtsp://viewer:secret@192.0.2.7/1", "queries": ["person"]}


def test_camera_is_added_without_showing_its_password(api: Client):
    added = api.post("/cameras", json=GATE | {"fps": 2})

    assert added.status_code == 201
    assert added.json() == {
        "name": "gate",
        "uri": "rtsp://192.0.2.7/1",
        "queries": [{"text": "person", "min_score": None}],
        "fps": 2.0,
        "detector": "",
        "verify": "",
        "enabled": True,
        "state": "waiting",
        "detail": "",
        "complete": True,
        "continues": False,
        "aliases": [],
    }
    assert "secret" not in api.get("/cameras").text


def test_query_may_have_a_threshold_of_its_own(api: Client):
    body = GATE | {"queries": [{"text": "car", "min_score": 0.5}]}

    assert api.post("/cameras", json=body).json()["queries"] == [{"text": "car", "min_score": 0.5}]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_queries_that_count_the_same_are_kept_once_and_told(api: Client, method: str):
    body = {"queries": ["person", "persn", {"text": "보행자"}, {"text": "persn", "min_score": 0.9}]}
    if method == "post":
        answer = api.post("/cameras", json=GATE | body)
    else:
        api.post("/cameras", json=GATE)
        answer = api.patch("/cameras/gate", json=body)

    assert [query["text"] for query in answer.json()["queries"]] == ["person", "persn"]
    assert answer.json()["aliases"] == [
        {"text": "persn", "counted_as": "person"},
        {"text": "보행자", "counted_as": "person"},
    ]


def test_second_camera_of_a_name_is_a_conflict(api: Client):
    api.post("/cameras", json=GATE)

    assert code_of(api.post("/cameras", json=GATE)) == (409, "conflict")


def test_camera_may_be_counted_without_the_judge_of_the_settings(api: Client):
    added = api.post("/cameras", json=GATE | {"verify": "none", "fps": 2})
    changed = api.patch("/cameras/gate", json={"fps": 3})

    assert (added.json()["verify"], changed.json()["verify"]) == ("none", "none")
    assert api.patch("/cameras/gate", json={"verify": ""}).json()["verify"] == ""


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"detector": "owlv2-base"}, "model_missing"),
        ({"detector": "yolo"}, "unknown_detector"),
        ({"detector": "sam3"}, "licence_not_accepted"),
        ({"verify": "ovdense"}, "unknown_model"),
    ],
)
def test_detector_or_judge_that_cannot_be_used_is_refused(api: Client, choice, code):
    api.post("/cameras", json=GATE)

    assert code_of(api.post("/cameras", json=GATE | {"name": "yard"} | choice))[1] == code
    assert code_of(api.patch("/cameras/gate", json=choice))[1] == code


def test_detector_and_judge_of_a_camera_are_changed_by_admins(api: Client):
    api.post("/cameras", json=GATE)

    assert api.acting_as(Role.OPERATOR).patch("/cameras/gate", json={"fps": 1}).status_code == 200
    answer = api.acting_as(Role.OPERATOR).patch("/cameras/gate", json={"verify": "none"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "uri",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "../../etc/passwd",
        "gopher://192.0.2.7/",
        "concat:/etc/passwd|x",
        "rtsp://{HOME}@192.0.2.7/",
        "upload:../../etc/passwd",
        "upload:",
        "",
    ],
)
def test_address_that_is_no_camera_is_refused(api: Client, uri: str):
    answer = api.post("/cameras", json=GATE | {"uri": uri})

    assert answer.status_code in (400, 404, 422)
    assert "root:" not in answer.text


def test_camera_is_changed(api: Client):
    api.post("/cameras", json=GATE | {"fps": 2})

    changed = api.patch("/cameras/gate", json={"queries": ["car"], "enabled": False}).json()

    assert ([query["text"] for query in changed["queries"]], changed["fps"]) == (["car"], 2.0)
    assert changed["state"] == "stopped"


def test_camera_is_renamed_and_keeps_its_history(api: Client):
    api.stage.count("gate")

    renamed = api.patch("/cameras/gate", json={"name": "north gate"})

    assert renamed.json()["name"] == "north gate"
    assert {run["camera"] for run in api.get("/runs").json()["items"]} == {"north gate"}
    assert api.get("/cameras/gate").status_code == 404


def test_name_of_another_camera_is_a_conflict(api: Client):
    api.post("/cameras", json=GATE)
    api.post("/cameras", json=GATE | {"name": "yard"})

    assert code_of(api.patch("/cameras/gate", json={"name": "yard"})) == (409, "conflict")


def test_permitted_cameras_follow_a_new_name(api: Client):
    api.post("/cameras", json=GATE)
    who, access = make_identity(), api.stage.services.access
    access.users.add(who, "anna", "correct horse battery", Role.VIEWER, ("gate",))

    api.patch("/cameras/gate", json={"name": "north gate"})

    [anna] = access.users.all()
    assert anna.cameras == {"north gate"}


def test_camera_that_is_added_again_continues_its_history(api: Client):
    api.stage.count("gate")
    api.delete("/cameras/gate")

    assert api.post("/cameras", json=GATE).json()["continues"] is True


def test_camera_is_removed(api: Client):
    api.post("/cameras", json=GATE)

    assert api.delete("/cameras/gate").status_code == 204
    assert code_of(api.get("/cameras/gate")) == (404, "not_found")


def test_camera_that_is_counted_is_stopped_and_removed(api: Client):
    api.stage.count("gate")

    assert api.post("/cameras/gate/stop").json()["state"] in ("done", "stopped")
    assert api.delete("/cameras/gate").status_code == 204
    assert api.get("/cameras").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("POST", "/cameras", Role.OPERATOR),
        ("PATCH", "/cameras/gate", Role.OPERATOR),
        ("DELETE", "/cameras/gate", Role.OPERATOR),
        ("POST", "/cameras/gate/start", Role.VIEWER),
        ("POST", "/cameras/gate/stop", Role.VIEWER),
        ("PUT", "/cameras/gate/zones", Role.VIEWER),
        ("POST", "/queries", Role.VIEWER),
        ("POST", "/users", Role.OPERATOR),
        ("GET", "/users", Role.OPERATOR),
        ("PATCH", "/users/anna", Role.OPERATOR),
        ("DELETE", "/users/anna", Role.OPERATOR),
        ("GET", "/tokens", Role.OPERATOR),
        ("POST", "/tokens", Role.OPERATOR),
        ("DELETE", "/tokens/x", Role.OPERATOR),
        ("GET", "/audit", Role.OPERATOR),
    ],
)
def test_lower_role_is_refused(api: Client, method: str, path: str, role: Role):
    api.post("/cameras", json=GATE)
    bodies: dict[str, dict[str, object]] = {
        "/cameras": GATE | {"name": "other"},
        "/cameras/gate": {"uri": "rtsp://192.0.2.8/1"},
        "/cameras/gate/zones": {"items": []},
        "/queries": {"text": "person"},
        "/users": {"name": "bo", "password": "correct horse battery"},
        "/users/anna": {},
        "/tokens": {"name": "x"},
    }
    body = bodies.get(path) if method in ("POST", "PATCH", "PUT") else None

    answer = api.acting_as(role).request(method, path, json=body)

    assert code_of(answer) == (403, "forbidden")


def test_viewer_sees_the_permitted_cameras_only(api: Client):
    api.stage.count("gate")
    api.stage.count("yard")
    api.acting_as(Role.VIEWER, frozenset({"yard"}))

    assert [camera["name"] for camera in api.get("/cameras").json()["items"]] == ["yard"]
    for path in ("", "/zones", "/frame.jpg", "/stream.mjpg"):
        assert api.get(f"/cameras/gate{path}").status_code == 404
    assert api.get("/counts", params={"camera": "gate"}).status_code == 403
    assert {row["camera"] for row in api.get("/counts").json()["items"]} == {"yard"}
    assert {run["camera"] for run in api.get("/runs").json()["items"]} == {"yard"}


def test_zones_are_replaced(api: Client):
    api.post("/cameras", json=GATE)
    zones = [{"name": "door", "kind": "line", "points": [[0.1, 0.5], [0.9, 0.5]]}]

    replaced = api.put("/cameras/gate/zones", json={"items": zones})

    assert replaced.status_code == 200
    assert replaced.json()["items"] == [zones[0] | {"anchor": "bottom"}]
    assert api.get("/cameras/gate/zones").json() == replaced.json()


def test_zone_that_crosses_itself_is_refused(api: Client):
    api.post("/cameras", json=GATE)
    points = [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]
    zones = [{"name": "area", "kind": "polygon", "points": points}]

    assert code_of(api.put("/cameras/gate/zones", json={"items": zones})) == (400, "bad_zone")


def test_frame_is_a_jpeg_with_an_etag(api: Client):
    api.stage.count("gate")

    frame = api.get("/cameras/gate/frame.jpg")
    again = api.get("/cameras/gate/frame.jpg", headers={"If-None-Match": frame.headers["etag"]})

    assert frame.content.startswith(b"\xff\xd8")
    assert again.status_code == 304


def test_plain_frame_is_not_sent_again_in_the_same_size(api: Client):
    api.stage.count("gate")

    frame = api.get("/cameras/gate/frame.jpg?plain=true&longest=64")
    known = {"If-None-Match": frame.headers["etag"]}

    assert (
        api.get("/cameras/gate/frame.jpg?plain=true&longest=64", headers=known).status_code == 304
    )
    assert (
        api.get("/cameras/gate/frame.jpg?plain=true&longest=32", headers=known).status_code == 200
    )


def test_camera_without_a_frame_has_no_image(api: Client):
    api.post("/cameras", json=GATE)

    assert code_of(api.get("/cameras/gate/frame.jpg")) == (404, "not_found")


def test_upload_is_counted_once(api: Client):
    clip = Path("samples/pedestrians.mp4")
    sent = api.post("/uploads", files={"file": ("../../x.MP4", clip.read_bytes())})
    uri = sent.json()["uri"]

    assert sent.status_code == 201
    assert (sent.json()["width"], sent.json()["height"]) == (768, 432) or sent.json()["width"] > 0
    assert uri.endswith(".mp4")
    assert api.context.uploads.path_of(uri.removeprefix("upload:")).parent.name == "uploads"


@pytest.mark.parametrize("content", [b"", b"not a video", b"<svg onload=alert(1)>", b"%PDF-1.7"])
def test_upload_that_is_no_video_is_refused_and_not_kept(
    api: Client, content: bytes, tmp_path: Path
):
    answer = api.post("/uploads", files={"file": ("clip.mp4", content)})

    assert code_of(answer) == (400, "bad_input")
    assert list((tmp_path / "uploads").iterdir()) == []
