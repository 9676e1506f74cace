import numpy as np
import pytest

from ovd.video import open_source
from ovd.video.images import load_image, save_image
from tests.cli.test_count import SAMPLE

pytestmark = pytest.mark.weights


@pytest.fixture
def street(tmp_path):
    path = tmp_path / "street.png"
    source = open_source(str(SAMPLE), "campus")
    save_image(path, next(iter(source)).image)
    source.close()
    return path


@pytest.fixture
def blank(tmp_path):
    path = tmp_path / "blank.png"
    save_image(path, np.full((60, 80, 3), 127, dtype=np.uint8))
    return path


def test_detect_prints_one_object_per_image_in_order(ovd, street, blank):
    queries = ("-q", "Pedestrians", "-q", "unicorn")

    first, second = ovd("detect", street, blank, *queries, "--json").json()

    assert (first["image"], first["width"], first["height"]) == (str(street), 768, 576)
    assert (second["width"], second["detections"]) == (80, [])
    assert {found["label"] for found in first["detections"]} == {"Pedestrians"}
    box = first["detections"][0]["box"]
    assert 0 <= box["xmin"] < box["xmax"] <= 768
    assert 0 <= box["ymin"] < box["ymax"] <= 576
    assert [(query["query"], query["supported"]) for query in first["queries"]] == [
        ("Pedestrians", True),
        ("unicorn", False),
    ]
    assert first["queries"][0]["read_as"] == "person"


def test_detect_saves_annotated_images(ovd, street, tmp_path):
    ovd("detect", street, "-q", "person", "--save-dir", tmp_path / "out")

    (saved,) = (tmp_path / "out").iterdir()
    assert load_image(saved).shape == (576, 768, 3)


def test_detect_prints_counts_for_people(ovd, blank):
    outcome = ovd("detect", blank, "-q", "person")

    assert outcome.stdout == f"{blank}: person 0\n"


def test_detect_counts_no_state_that_one_image_cannot_tell(ovd, blank):
    result = ovd("detect", str(blank), "-q", "person", "-q", "fallen person")

    assert "person 0, fallen person not judged" in result.stdout


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n cut off"])
def test_what_is_no_image_is_refused(ovd, tmp_path, content):
    path = tmp_path / "bad.png"
    path.write_bytes(content)

    outcome = ovd("detect", path, "-q", "person")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_image]: ")
    assert "bad.png" in outcome.stderr
