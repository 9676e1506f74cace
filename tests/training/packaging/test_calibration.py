import numpy as np
import pytest

from ovd.errors import DatasetError
from ovd.evaluation.coco_metrics import Role, ScoredImage, TruthBox
from ovd.training.packaging.calibration import (
    Calibration,
    Outcomes,
    check_detections,
    expected_calibration_error,
    fit_calibration,
)
from tests.training.evaluation_builders import make_found

HERE, THERE = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)


def make_outcomes(share_right, count=4000):
    """Scores whose true probability is `share_right(score)`."""
    rng = np.random.default_rng(0)
    score = rng.uniform(0.02, 0.98, count)
    return Outcomes(score, rng.random(count) < share_right(score))


def test_each_object_matches_one_detection():
    truth = (TruthBox("car", HERE),)
    found = make_found(("car", HERE), ("car", HERE), ("car", THERE))

    outcomes = check_detections([ScoredImage(truth, found)], 0.0)

    assert outcomes.is_right.tolist() == [True, False, False]
    assert outcomes.score.tolist() == pytest.approx([0.9, 0.8, 0.7])


def test_ignored_boxes_and_low_scores_are_left_out():
    truth = (TruthBox("car", HERE), TruthBox("car", THERE, Role.IGNORED))
    found = make_found(("car", HERE), ("car", THERE), ("car", (20, 20, 30, 30)), ("car", HERE))

    outcomes = check_detections([ScoredImage(truth, found)], 0.65)

    assert outcomes.is_right.tolist() == [True, False]


def test_detections_of_one_kind_cannot_be_calibrated():
    image = ScoredImage((TruthBox("car", HERE),), make_found(("car", HERE)))

    with pytest.raises(DatasetError, match="1 detections of one kind"):
        check_detections([image], 0.0)


def test_fit_finds_the_distortion_of_overconfident_scores():
    distorted = Calibration(slope=0.5, offset=-1.0)
    outcomes = make_outcomes(distorted.apply)

    fitted = fit_calibration(outcomes)

    assert fitted.slope == pytest.approx(0.5, abs=0.05)
    assert fitted.offset == pytest.approx(-1.0, abs=0.1)
    assert expected_calibration_error(outcomes, fitted) < 0.03
    assert expected_calibration_error(outcomes, Calibration()) > 0.1


def test_error_is_the_gap_between_score_and_share():
    outcomes = Outcomes(np.full(10, 0.75), np.array([True] * 5 + [False] * 5))

    assert expected_calibration_error(outcomes, Calibration()) == pytest.approx(0.25)
