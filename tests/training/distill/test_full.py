"""Distil a teacher that calls a person "quoblet" into the whole network."""

import json
from dataclasses import replace

import pytest

from ovd.errors import NotLearnedError
from ovd.model.weights import verify_weights
from ovd.training.distill.full import FullTraining
from ovd.training.distill.head import Lessons
from ovd.training.distill.learning import Student
from ovd.training.distill.outcome import Verdict
from ovd.training.distill.plan import DistillLimits
from ovd.training.distill.run import distil
from ovd.training.engine.run import RunOptions, load_run_config
from tests.training.distill.builders import NAME, PLAN, open_student


def test_run_starts_from_the_weights_and_keeps_what_they_know(weights_dir, detector, tmp_path):
    """Of the training itself nothing is run here: only what it would be told."""
    training = FullTraining(weights_dir, detector, DistillLimits(), RunOptions())
    lessons = Lessons(tmp_path / "learned.json", tmp_path / "frames", (NAME,))
    path = tmp_path / "run.toml"
    path.write_text(training._config(lessons, tmp_path / "training", 400), encoding="utf-8")

    config = load_run_config(path)

    assert config.model.resume_weights == str(weights_dir / "ovdense.safetensors")
    assert config.model.teacher == str(weights_dir / "ssd_mobilenet_v2_coco.safetensors")
    assert (config.loss.distill, config.distill.everywhere) == (0.5, True)
    assert (config.data.folder, config.data.images) == (str(tmp_path), "frames")
    assert config.schedule.images == 400


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_whole_network_learns_the_name_or_is_refused(weights_dir, detector, surround, tmp_path):
    limits = DistillLimits(checked=10, full_passes=8, full_images=480)
    train = FullTraining(weights_dir, detector, limits, RunOptions())
    around = surround(student=Student(weights_dir, open_student, train=train))
    plan = replace(PLAN, frames=60, full=True)

    try:
        outcome = distil(plan, tmp_path, around, limits)
    except NotLearnedError as error:
        assert "names known before lose" in str(error)  # noqa: PT017
        return
    [name] = outcome.names
    assert name.verdict is Verdict.LEARNED
    assert name.after.ap50 > name.before.ap50 + 0.2
    assert outcome.known.lost <= limits.most_lost
    assert verify_weights(outcome.weights)
    known = open_student(outcome.weights).info.known_names
    assert {*detector.info.known_names, NAME} == set(known)
    assert json.loads((tmp_path / "training" / "own_labels.json").read_text())
