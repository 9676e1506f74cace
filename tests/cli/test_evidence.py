from pathlib import Path

import pytest

from ovd.video.images import load_image

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
pytestmark = pytest.mark.weights


def test_count_with_crops_keeps_images_that_can_be_listed_and_shown(ovd, data_dir, tmp_path):
    counted = ovd(
        *("count", SAMPLE, "-q", "person", "--camera", "campus", "--fps", "2"),
        *("--duration", "2", "--keep", "crops", "--blur", "faces", "--json"),
    ).json()

    listed = ovd("evidence", "list", "--camera", "campus", "-q", "person", "--json").json()
    shown = ovd("evidence", "show", "--out", tmp_path / "sheet.jpg")

    assert 0 < len(listed) == counted["queries"][0]["max"]
    assert {(item["run_id"], item["query"]) for item in listed} == {(1, "person")}
    assert max(load_image(Path(listed[0]["file"])).shape) <= 160
    assert shown.exit_code == 0
    assert load_image(tmp_path / "sheet.jpg").shape[0] == 160


def test_count_keeps_no_image_unless_told(ovd, data_dir):
    ovd("count", SAMPLE, "-q", "person", "--duration", "0.1")

    assert not (data_dir / "evidence").exists()
    assert ovd("evidence", "list", "--json").json() == []


def test_showing_nothing_is_an_error_and_writes_no_file(ovd, tmp_path):
    outcome = ovd("evidence", "show", "--out", tmp_path / "sheet.jpg")

    assert (outcome.exit_code, outcome.stderr.split(":")[0]) == (2, "error[bad_input]")
    assert not (tmp_path / "sheet.jpg").exists()


def test_unknown_kind_of_image_is_refused(ovd, data_dir):
    outcome = ovd("count", SAMPLE, "-q", "person", "--keep", "everything")

    assert (outcome.exit_code, outcome.stderr.split(":")[0]) == (2, "error[bad_settings]")
    assert "keep" in outcome.stderr
    assert not data_dir.exists()
