from ovd.domain.access import Role
from tests.api.conftest import Client, api, code_of
from tests.stages import stage

__all__ = ["api", "stage"]
GATE = {"name": "gate", "uri": "rtsp://192.0.2.7/1", "queries": ["person"], "enabled": False}
POINTS = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]
DESK = {"name": "desk", "kind": "privacy", "points": POINTS, "anchor": "bottom", "query": ""}
STATUE = DESK | {"name": "statue", "kind": "ignore", "query": "person"}


def test_masks_are_replaced(api: Client):
    api.post("/cameras", json=GATE)

    answer = api.put("/cameras/gate/masks", json={"items": [DESK, STATUE]})

    assert answer.json()["items"] == [DESK, STATUE]
    assert api.get("/cameras/gate/masks").json() == answer.json()


def test_operator_changes_ignore_areas_but_no_privacy_areas(api: Client):
    api.post("/cameras", json=GATE)
    api.put("/cameras/gate/masks", json={"items": [DESK]})
    api.acting_as(Role.OPERATOR)

    assert api.put("/cameras/gate/masks", json={"items": [DESK, STATUE]}).status_code == 200
    refused = api.put("/cameras/gate/masks", json={"items": [STATUE]})
    assert code_of(refused) == (403, "forbidden")


def test_mask_that_cannot_be_is_refused(api: Client):
    api.post("/cameras", json=GATE)

    refused = api.put("/cameras/gate/masks", json={"items": [DESK | {"query": "person"}]})

    assert code_of(refused) == (400, "bad_zone")


def test_frames_of_a_masked_camera_are_black_there_also_in_its_image(api: Client):
    api.stage.count("gate")
    whole = DESK | {"points": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    api.put("/cameras/gate/masks", json={"items": [whole]})
    api.stage.count("gate")

    frame = api.stage.services.fleet.latest("gate")
    assert frame is not None
    assert not frame.result.frame.image.any()


def test_zones_are_tried_on_what_was_tracked(api: Client):
    api.stage.count("gate")
    zone = {"name": "door", "kind": "line", "points": [[0.5, 0.0], [0.5, 1.0]]}

    answer = api.post("/cameras/gate/zones/try", json={"items": [zone]})

    assert answer.json()["frames"] == 10
    assert api.get("/cameras/gate/zones").json()["items"] == []
