import json
from dataclasses import replace

import numpy as np
import pytest

from ovd.domain.access import Role
from ovd.render.annotate import encode_jpeg
from ovd.services.teaching import TeachingService
from ovd.video.images import load_image
from tests.api.conftest import Client, code_of
from tests.detection.taught.spaces import box_of, draw_image, make_teacher

RED = 200
CELLS = (0, 5, 10, 3, 6)


@pytest.fixture
def teach(api: Client) -> Client:
    services = api.stage.services
    teaching = TeachingService(make_teacher, services.store.taught_names)
    api.context = replace(api.context, services=replace(services, teaching=teaching))
    api.api.state.context = api.context
    return api


def png(cell: int, seed: int) -> bytes:
    import cv2

    image = draw_image({cell: RED}, seed)
    return bytes(cv2.imencode(".png", image[..., ::-1])[1])


def files(*cells: int, seed: int = 1) -> list[tuple[str, tuple[str, bytes]]]:
    return [("image", (f"{cell}.png", png(cell, seed + cell))) for cell in cells]


def boxes(*cells: int, kind: str = "shown") -> str:
    listed = [{"image": at, "box": box_of(cell), "kind": kind} for at, cell in enumerate(cells)]
    return json.dumps(listed)


def send(api: Client, *cells: int, **fields: str):
    data = {"name": "gizmo", "boxes": boxes(*cells)} | fields
    return api.post("/taught", data=data, files=files(*cells))


def test_name_is_taught_listed_shown_and_removed(teach: Client):
    answer = send(teach, *CELLS)

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["version"]) == ("gizmo", 1)
    assert answer.json()["estimate"]["tried"] == 5
    assert [item["name"] for item in teach.get("/taught").json()["items"]] == ["gizmo"]
    shown = teach.get("/taught/gizmo").json()
    assert [item["source"] for item in shown["examples"]] == [f"{cell}.png" for cell in CELLS]
    assert teach.delete("/taught/gizmo").status_code == 204
    assert code_of(teach.get("/taught/gizmo")) == (404, "not_found")


def test_look_alikes_are_found_and_answers_teach_on(teach: Client):
    send(teach, *CELLS)

    found = teach.post("/taught/gizmo/lookalikes", files=files(9, seed=40)).json()["items"]
    box = found[0]["box"]
    answers = [{"image": 0, "box": list(box.values()), "kind": "confirmed"}]
    data = {"name": "gizmo", "boxes": json.dumps(answers), "more": "true"}
    again = teach.post("/taught", data=data, files=files(9, seed=40)).json()

    assert list(box.values()) == pytest.approx(list(box_of(9)), abs=0.1)
    assert (again["version"], len(again["examples"])) == (2, 6)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"boxes": "no json"}, (422, "invalid_request")),
        ({"boxes": "[]"}, (400, "bad_example")),
        ({"boxes": '[{"image": 7, "box": [0, 0, 9, 9]}]'}, (400, "bad_example")),
        ({"boxes": '[{"image": 0, "box": [0, 0, 9999, 9]}]'}, (400, "bad_example")),
        ({"name": " "}, (400, "bad_example")),
        ({"more": "true"}, (404, "not_found")),
    ],
)
def test_bad_lessons_are_refused(teach: Client, fields: dict[str, str], expected: tuple[int, str]):
    assert code_of(send(teach, 5, **fields)) == expected


def test_viewers_and_those_of_some_cameras_cannot_teach(teach: Client):
    assert code_of(send(teach.acting_as(Role.VIEWER), 5)) == (403, "forbidden")
    assert teach.get("/taught").status_code == 200
    some = teach.acting_as(Role.OPERATOR, frozenset({"gate"}))
    assert code_of(send(some, 5)) == (403, "forbidden")


def test_viewer_of_some_cameras_is_not_told_where_examples_come_from(teach: Client):
    send(teach, *CELLS)
    teach.acting_as(Role.VIEWER, frozenset({"gate"}))

    assert {item["source"] for item in teach.get("/taught/gizmo").json()["examples"]} == {""}


def test_detector_that_cannot_be_taught_says_so(api: Client):
    assert code_of(send(api, 5)) == (409, "conflict")


def test_plain_frame_is_the_counted_one_without_boxes(api: Client, tmp_path):
    api.stage.count("gate")
    answer = api.get("/cameras/gate/frame.jpg?plain=true")

    latest = api.stage.services.fleet.latest("gate")
    assert latest is not None
    assert answer.content == encode_jpeg(latest.result.frame.image, 92)
    (tmp_path / "a.jpg").write_bytes(answer.content)
    assert load_image(tmp_path / "a.jpg").dtype == np.uint8
    assert code_of(api.get("/cameras/nowhere/frame.jpg?plain=true")) == (404, "not_found")
