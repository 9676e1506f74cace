import numpy as np
import pytest

from ovd.evaluation.mot_metrics import MotAccumulator


def boxes(*lefts: float):
    return np.array([[x, 0, x + 10, 20] for x in lefts], dtype=np.float32).reshape(-1, 4)


def ids(*values: int):
    return np.array(values, dtype=np.int64)


def test_perfect_tracks_score_one():
    accumulator = MotAccumulator()
    for _ in range(3):
        accumulator.add(boxes(0, 50), ids(1, 2), boxes(50, 0), ids(9, 8))

    scores = accumulator.scores()

    assert (scores.mota, scores.idf1, scores.switches) == (1.0, 1.0, 0)


def test_missed_and_false_boxes_are_counted():
    accumulator = MotAccumulator()
    accumulator.add(boxes(0, 50), ids(1, 2), boxes(0, 200, 300), ids(8, 9, 10))

    scores = accumulator.scores()

    assert (scores.true_boxes, scores.missed, scores.false) == (2, 1, 2)
    assert scores.mota == pytest.approx(1 - 3 / 2)
    assert scores.idf1 == pytest.approx(2 * 1 / 5)


def test_object_that_goes_on_under_another_id_is_a_switch():
    accumulator = MotAccumulator()
    for track in (8, 8, 9, 9, 9):
        accumulator.add(boxes(0), ids(1), boxes(0), ids(track))

    scores = accumulator.scores()

    assert (scores.switches, scores.mota) == (1, pytest.approx(0.8))
    assert scores.idf1 == pytest.approx(0.6)


def test_previous_track_is_kept_though_another_box_fits_better():
    accumulator = MotAccumulator()
    accumulator.add(boxes(0), ids(1), boxes(0), ids(8))
    accumulator.add(boxes(0), ids(1), boxes(2, 0), ids(8, 9))

    assert (accumulator.scores().switches, accumulator.scores().false) == (0, 1)


def test_boxes_below_the_iou_threshold_do_not_match():
    accumulator = MotAccumulator()
    accumulator.add(boxes(0), ids(1), boxes(4), ids(8))

    assert accumulator.scores().missed == 1


def test_empty_frames_leave_scores_unknown():
    accumulator = MotAccumulator()
    accumulator.add(boxes(), ids(), boxes(), ids())

    assert (accumulator.scores().mota, accumulator.scores().idf1) == (None, None)


def test_random_tracks_score_as_motmetrics_says():
    """The expected values are those of motmetrics 1.4.0 for the same boxes."""
    rng = np.random.default_rng(4)
    accumulator = MotAccumulator()
    for _ in range(30):
        lefts = np.array([0.0, 30, 60, 90])
        found = np.flatnonzero(rng.random(4) < 0.8)
        noise = rng.normal(0, 2, len(found))
        tracks = rng.permutation([1, 2, 3, 4])[: len(found)] if rng.random() < 0.3 else found + 1
        accumulator.add(
            boxes(*lefts), ids(1, 2, 3, 4), boxes(*(lefts[found] + noise)), ids(*tracks)
        )

    scores = accumulator.scores()

    assert (scores.missed, scores.false, scores.switches) == (42, 7, 32)
    assert scores.mota == pytest.approx(0.325, abs=1e-6)
    assert scores.idf1 == pytest.approx(0.565854, abs=1e-6)
