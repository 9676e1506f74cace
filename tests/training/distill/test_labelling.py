import pytest

from ovd.training.distill.labelling import LabelJob, Steadiness, measure_steadiness
from tests.training.distill.builders import SquareDetector, make_seen, make_teacher, write_frames

LEAST = {"square": 0.4}


def test_every_frame_is_labelled_in_pixels_of_the_frame(tmp_path):
    frames = write_frames(tmp_path, 3)

    labels = make_teacher(SquareDetector()).label(frames, tmp_path, LabelJob(tmp_path / "a.jsonl"))

    assert labels["002.png"][0].xyxy == pytest.approx((2, 20, 22, 40))
    assert labels["002.png"][0].score == pytest.approx(0.7)


def test_mirrored_frames_give_boxes_of_the_frame_as_it_is(tmp_path):
    frames = write_frames(tmp_path, 3)
    job = LabelJob(tmp_path / "a.jsonl", mirrored=True)

    labels = make_teacher(SquareDetector()).label(frames, tmp_path, job)

    assert labels["002.png"][0].xyxy == pytest.approx((2, 20, 22, 40))


def test_a_teacher_that_was_interrupted_labels_the_rest_only(tmp_path):
    frames, job = write_frames(tmp_path, 6), LabelJob(tmp_path / "a.jsonl")
    with pytest.raises(KeyboardInterrupt):
        make_teacher(SquareDetector(fails_after=4)).label(frames, tmp_path, job)
    detector = SquareDetector()

    labels = make_teacher(detector).label(frames, tmp_path, job)

    assert detector.calls == 2
    assert len(labels) == 6


def test_a_line_that_was_cut_off_is_labelled_again(tmp_path):
    frames, job = write_frames(tmp_path, 3), LabelJob(tmp_path / "a.jsonl")
    make_teacher(SquareDetector()).label(frames, tmp_path, job)
    job.path.write_bytes(job.path.read_bytes()[:-20])
    detector = SquareDetector()

    make_teacher(detector).label(frames, tmp_path, job)

    assert detector.calls == 1
    assert len(job.path.read_text().splitlines()) == 3


def test_labels_that_the_mirror_shows_too_are_steady():
    labels = {"a": [make_seen()], "b": [make_seen()], "c": [make_seen()]}
    mirrored = {"a": [make_seen(score=0.25)], "b": [make_seen(xyxy=(40.0, 0.0, 60.0, 20.0))]}

    assert measure_steadiness(labels, mirrored, LEAST) == {"square": Steadiness(1, 2)}


def test_doubtful_labels_need_not_be_found_again():
    labels = {"a": [make_seen(score=0.3)]}

    assert measure_steadiness(labels, {"a": []}, LEAST) == {"square": Steadiness(0, 0)}
