import csv
from pathlib import Path

import pytest

from tests.clips import make_steady_clip

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
START = "2026-03-01T08:00:00+09:00"
pytestmark = pytest.mark.weights


@pytest.fixture
def clip(ovd, tmp_path: Path) -> Path:
    """A clip of 10 frames that was counted for "person" as camera gate."""
    clip = make_steady_clip(tmp_path / "clip.mp4", frames=10)
    outcome = ovd(
        "count", clip, "-q", "person", "--camera", "gate", "--start-at", START, "--fps", "5"
    )
    assert outcome.exit_code == 0
    return clip


def test_recount_adds_a_query_at_the_same_times(ovd, clip, tmp_path):
    result = ovd("recount", clip, "-q", "car", "--fps", "5", "--json").json()

    assert (result["camera"], result["frames_counted"]) == ("gate", 5)
    ovd("report", "--bucket", "1s", "--out", tmp_path / "o.csv")
    with (tmp_path / "o.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["query"], row["bucket_start"], row["samples"]) for row in rows] == [
        ("car", "2026-02-28T23:00:00+00:00", "5"),
        ("person", "2026-02-28T23:00:00+00:00", "5"),
    ]


def test_recount_refuses_to_double_and_counts_nothing(ovd, clip, tmp_path):
    outcome = ovd("recount", clip, "-q", "person", "-q", "car")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error[bad_input]: ")
    assert "'person' at camera 'gate' was already counted" in outcome.stderr
    again = ovd("recount", clip, "-q", "car", "--json")
    assert again.json()["run_id"] == 2


def test_recount_of_a_copy_needs_camera_and_start(ovd, clip, tmp_path):
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())

    unknown = ovd("recount", copy, "-q", "car")
    told = ovd("recount", copy, "-q", "car", "--camera", "gate", "--start-at", START, "--json")

    assert (unknown.exit_code, "--start-at" in unknown.stderr) == (2, True)
    assert told.json()["frames_counted"] == 10


def test_recount_makes_no_database(ovd, data_dir):
    outcome = ovd("recount", SAMPLE, "-q", "car")

    assert outcome.exit_code == 4
    assert not data_dir.exists()
