from pathlib import Path

import pytest

from tests.clips import make_steady_clip

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SAMPLE, TRUTH = SAMPLES / "pedestrians.mp4", SAMPLES / "pedestrians.truth.csv"
pytestmark = pytest.mark.weights


def test_sample_is_compared_with_its_truth(ovd, data_dir):
    report = ovd("eval-count", SAMPLE, TRUTH, "-q", "person", "--fps", "0.5", "--json").json()

    assert (report["frames_compared"], report["frames_labelled"]) == (40, 40)
    assert report["unique"]["true"] == 19
    assert 0 < report["count"]["mae"] < 2
    assert 0 < report["tracking"]["idf1"] < 1
    assert [line["zone"] for line in report["lines"]] == ["west", "east"]
    assert [line["true_in"] for line in report["lines"]] == [6, 13]
    assert not (data_dir / "ovd.db").exists()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("0,1,2\n", "bad_truth"),
        ("9999,1,2,3,4,5\n", "bad_truth"),
        ("0,1,1614,597,100,205\n", "bad_truth"),
    ],
)
def test_bad_truth_is_told(ovd, tmp_path, rows, code):
    clip = make_steady_clip(tmp_path / "clip.mp4", frames=2)
    truth = tmp_path / "truth.csv"
    truth.write_text(rows)

    outcome = ovd("eval-count", clip, truth, "-q", "person")

    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"error[{code}]: ")
