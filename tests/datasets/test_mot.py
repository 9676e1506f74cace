from pathlib import Path

import numpy as np
import pytest

from ovd.datasets.mot import load_truth, require_inside
from ovd.errors import TruthError

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.truth.csv"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_boxes_are_read_by_frame(tmp_path):
    path = write(tmp_path, "# by hand\n0,7,10,20,30,40\n0,8,1.5,2,3,4,0,-1,-1\n\n5\n")

    truth = load_truth(path)

    assert list(truth) == [0, 5]
    np.testing.assert_allclose(truth[0].xyxy, [[10, 20, 40, 60], [1.5, 2, 4.5, 6]])
    assert truth[0].object_id.tolist() == [7, 8]
    assert truth[0].counts.tolist() == [True, False]
    assert truth[5].xyxy.shape == (0, 4)


def test_first_row_may_hold_names_and_frames_may_start_at_one(tmp_path):
    path = write(tmp_path, "frame,id,x,y,w,h\n1,7,10,20,30,40\n")

    assert list(load_truth(path, first_frame=1)) == [0]


def test_sample_has_forty_frames_and_nineteen_passes():
    truth = load_truth(SAMPLE)

    assert list(truth) == list(range(0, 781, 20))
    ids = {int(i) for frame in truth.values() for i in frame.object_id[frame.counts]}
    assert ids == set(range(1, 20))
    boxes = np.concatenate([frame.xyxy for frame in truth.values()])
    assert (boxes >= 0).all()
    assert (boxes <= [768, 576, 768, 576]).all()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no row"),
        ("frame,id,x,y,w,h\n", "holds no row"),
        ("0,1,2,3\n", "row 1 of .* has 4 columns"),
        ("0,1,2,3,4,x\n", "row 1 of .*: h must be a number, got 'x'"),
        ("0,1,2,3,4,nan\n", "h must be a number"),
        ("0,1,2,3,0,5\n", "width and height must be above 0, got 0 x 5"),
        ("0.5,1,2,3,4,5\n", "frame must be a whole number, got '0.5'"),
        ("0,1.5,2,3,4,5\n", "id must be a whole number"),
        ("-1,1,2,3,4,5\n", "frame -1 comes before the first, 0"),
        ("0,1,2,3,4,5\n0,1,2,3,4,5\n", "row 2 of .*: object 1 is in frame 0 twice"),
        ("hello\n", "frame must be a number, got 'hello'"),
    ],
)
def test_bad_rows_say_what_is_wrong(tmp_path, text, problem):
    with pytest.raises(TruthError, match=problem):
        load_truth(write(tmp_path, text))


def test_missing_and_binary_files_are_told(tmp_path):
    with pytest.raises(TruthError, match="does not exist"):
        load_truth(tmp_path / "none.csv")
    (tmp_path / "clip.mp4").write_bytes(b"\xff\xfe\x80\x00")
    with pytest.raises(TruthError, match="cannot be read as text"):
        load_truth(tmp_path / "clip.mp4")


@pytest.mark.parametrize(
    "rows",
    [
        "0,1,700,100,50,90\n",
        "0,1,10,600,50,90\n",
        "0,1,-90,10,50,90\n",
        "0,1,600,400,90,200\n0,2,10,10,20,20\n",
    ],
    ids=["right of it", "below it", "left of it", "mostly"],
)
def test_boxes_outside_the_frame_are_refused(tmp_path, rows):
    frames = load_truth(write(tmp_path, rows))

    with pytest.raises(TruthError, match="640 x 480; were the boxes drawn at another size"):
        require_inside(frames, (480, 640))


def test_boxes_may_reach_beyond_the_frame(tmp_path):
    rows = "".join(f"0,{number},{50 * number},10,20,20\n" for number in range(1, 12))

    require_inside(load_truth(write(tmp_path, f"{rows}0,20,-20,400,50,200\n")), (480, 640))
