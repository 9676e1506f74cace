"""Queries are tried on images before they are counted."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ovd.domain.access import Role
from ovd.domain.frame import Frame
from ovd.domain.records import EvidenceImage
from ovd.render.annotate import encode_jpeg
from tests.api.conftest import Client, code_of
from tests.builders import START, make_frame
from tests.clips import make_steady_clip

FORM = {"camera": "gate", "query": ["person", "helmet"]}


def red(value: int, index: int = 0) -> Frame:
    """A frame in which the fake detector finds `value` modulo 5 objects of every query."""
    image = np.full((48, 64, 3), value, np.uint8)
    return replace(make_frame(index, camera="gate"), image=image)


@pytest.fixture
def counted(api: Client) -> Client:
    api.stage.count("gate", [red(3)])
    return api


def test_newest_frame_shows_what_a_query_would_count(counted: Client):
    answer = counted.post("/preview", data=FORM).json()

    [frame] = answer["frames"]
    person, helmet = answer["queries"]
    assert [found["label"] for found in frame["detections"]] == ["person"] * 3
    assert person["scores"] == [0.9] * 3
    assert (helmet["supported"], helmet["scores"]) == (False, [])


def test_image_of_a_preview_can_be_shown(counted: Client):
    [frame] = counted.post("/preview", data=FORM).json()["frames"]

    kind, _, content = frame["image"].partition(",")
    assert kind == "data:image/jpeg;base64"
    assert b64decode(content).startswith(b"\xff\xd8")


def test_kept_images_are_tried_oldest_first(counted: Client):
    evidence = counted.stage.services.evidence
    for index in range(3):
        image = EvidenceImage("gate", "person", make_frame(index).captured_at, 1, index, 0, 0.9)
        evidence.put(image, encode_jpeg(red(index).image))
    evidence.close()

    answer = counted.post("/preview", data=FORM | {"evidence": "true"}).json()

    names = [frame["name"] for frame in answer["frames"]]
    assert len(names) == 3
    assert names == sorted(names)
    assert names[0].startswith(START.isoformat()[:19])


def test_camera_without_kept_images_says_what_else_to_choose(counted: Client):
    answer = counted.post("/preview", data=FORM | {"evidence": "true"})

    assert code_of(answer) == (404, "not_found")
    assert "newest frame" in answer.json()["error"]["message"]


def test_image_and_clip_are_tried_and_not_kept(api: Client, tmp_path: Path):
    clip = make_steady_clip(tmp_path / "clip.mp4", frames=30)
    for name, content in (
        ("a.jpg", encode_jpeg(red(2).image)),
        ("clip.mp4", clip.read_bytes()),
    ):
        answer = api.post("/preview", data={"query": "person"}, files={"file": (name, content)})
        assert answer.status_code == 200, answer.text
        assert 1 <= len(answer.json()["frames"]) <= 20
    assert list((tmp_path / "uploads").iterdir()) == []


def test_something_to_try_it_on_is_wanted(api: Client):
    assert code_of(api.post("/preview", data={"query": "person"})) == (400, "bad_input")


def test_camera_that_may_not_be_seen_is_not_shown(counted: Client):
    counted.acting_as(Role.VIEWER, frozenset({"yard"}))

    assert code_of(counted.post("/preview", data=FORM)) == (404, "not_found")


def test_another_detector_is_for_operators(counted: Client):
    form = FORM | {"detector": "embedded"}

    counted.acting_as(Role.VIEWER)
    assert code_of(counted.post("/preview", data=form)) == (403, "forbidden")

    counted.acting_as(Role.OPERATOR)
    answer = counted.post("/preview", data=FORM | {"detector": "nothing"})
    assert code_of(answer)[1] == "unknown_detector"
