from pathlib import Path

import cv2
import numpy as np
import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """Return an image that shows a chequered disc, which the detector has not learned."""
    canvas = np.full((320, 448, 3), 110, np.uint8)
    cv2.circle(canvas, (150, 160), 60, (0, 200, 255), -1)
    cv2.circle(canvas, (150, 160), 30, (255, 0, 120), -1)
    path = tmp_path_factory.mktemp("images") / "disc.png"
    cv2.imwrite(str(path), canvas)
    return path


DISC = "90,100,210,220"


def test_taught_name_is_used_until_it_is_removed(ovd, image):
    taught = ovd("teach", "disc", "--image", image, "--box", DISC, "--anyway", "--json").json()
    found = ovd("detect", image, "-q", "disc", "--json").json()[0]
    removed = ovd("teach", "remove", "disc")
    after = ovd("detect", image, "-q", "disc", "--json").json()[0]

    assert (taught["name"], taught["version"], taught["examples"][0]["fits"]) == ("disc", 1, True)
    assert found["queries"][0]["supported"]
    assert {item["label"] for item in found["detections"]} == {"disc"}
    assert removed.exit_code == 0
    assert not after["queries"][0]["supported"]


def test_more_examples_make_a_new_version(ovd, image):
    ovd("teach", "disc", "--image", image, "--box", DISC, "--anyway")

    more = ovd(
        "teach",
        "disc",
        "--more",
        "--image",
        image,
        "--not-box=300,10,420,120",
        "--anyway",
        "--json",
    ).json()

    assert more["version"] == 2
    assert [item["kind"] for item in more["examples"]] == ["shown", "refused"]
    assert [item["version"] for item in ovd("teach", "list", "--json").json()] == [2]


def test_names_go_to_another_database_as_a_file(ovd, image, tmp_path):
    ovd("teach", "disc", "--image", image, "--box", DISC, "--anyway")
    ovd("teach", "export", tmp_path / "names.npz")

    other = ("--db", f"sqlite:///{tmp_path / 'other.db'}")
    ovd("teach", "import", tmp_path / "names.npz", *other)

    there = ovd("teach", "show", "disc", *other, "--json").json()
    assert there | {"created_at": None} == ovd("teach", "show", "disc", "--json").json() | {
        "created_at": None
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--box", DISC), "bad_example"),
        (("--image", "IMAGE", "--box", "1,2,3"), "bad_example"),
        (("--image", "IMAGE", "--box", "400,100,500,220"), "bad_example"),
        (("--image", "IMAGE"), "bad_example"),
        (("--image", "nowhere.png", "--box", DISC), "bad_image"),
    ],
)
def test_bad_examples_are_refused(ovd, image, arguments, code):
    given = [image if argument == "IMAGE" else argument for argument in arguments]

    refused = ovd("teach", "disc", *given)

    assert refused.exit_code == 2
    assert f"error[{code}]" in refused.stderr


def test_known_name_is_refused(ovd, image):
    refused = ovd("teach", "person", "--image", image, "--box", DISC)

    assert refused.exit_code == 2
    assert "error[known_name]" in refused.stderr


def test_unknown_taught_name_is_refused(ovd, tmp_path):
    ovd("teach", "list")
    (tmp_path / "no.npz").write_text("no names")

    shown, read = ovd("teach", "remove", "disc"), ovd("teach", "import", tmp_path / "no.npz")

    assert (shown.exit_code, read.exit_code) == (2, 2)
    assert "error[unknown_taught_name]" in shown.stderr
    assert "error[unknown_taught_name]" in read.stderr
