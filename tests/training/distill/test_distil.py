"""Distil a teacher that calls a person "quoblet", a word that means nothing to the student."""

import json
from dataclasses import replace

import pytest

from ovd.errors import InputError
from ovd.model.weights import verify_weights
from ovd.training.distill.head import HeadConfig
from ovd.training.distill.outcome import Verdict
from ovd.training.distill.plan import DistillLimits
from ovd.training.distill.run import distil
from ovd.training.text.name_fit import NameFitConfig
from tests.training.distill.builders import NAME, PLAN, open_student

LIMITS = DistillLimits(
    checked=4, scaled_on=4, head=HeadConfig(passes=1, fit=NameFitConfig(steps=80, regions=2048))
)


@pytest.fixture(scope="module")
def distilled(surround, tmp_path_factory):
    """The folder and the outcome of one distillation."""
    folder, stages = tmp_path_factory.mktemp("distilled"), []
    around = surround(on_stage=lambda stage, done, total: stages.append(stage))
    return folder, distil(PLAN, folder, around, LIMITS), list(dict.fromkeys(stages))


def test_the_student_learns_the_name_and_keeps_all_others(distilled):
    _, outcome, _ = distilled

    [name] = outcome.names
    assert name.verdict is Verdict.LEARNED
    assert name.after.ap50 > name.before.ap50 + 0.2
    assert name.after.ap50 > 0.5
    assert name.after.count_error < name.before.count_error
    assert outcome.known.compared > 100
    assert outcome.known.changed_frames == 0


def test_the_weights_folder_is_whole_and_knows_the_name(distilled):
    folder, outcome, _ = distilled

    assert outcome.weights == folder / "weights"
    assert verify_weights(outcome.weights)
    assert NAME in open_student(outcome.weights).info.known_names


def test_the_labels_are_checked_and_held_out_frames_are_others(distilled):
    folder, outcome, stages = distilled

    assert 0.5 <= outcome.names[0].steadiness.share <= 1.0
    learned, held_out = (
        {row["file_name"] for row in json.loads((folder / name).read_text())["images"]}
        for name in ("learned.json", "held_out.json")
    )
    assert learned
    assert held_out
    assert not learned & held_out
    assert stages == ["frames", "labelling", "checking", "before", "learning", "after"]


def test_the_report_shows_what_the_teacher_labelled(distilled):
    folder, outcome, _ = distilled

    page = outcome.report.read_text()

    assert NAME in page
    pictures = list((folder / "pictures").iterdir())
    assert pictures
    assert all(picture.name in page for picture in pictures)
    assert json.loads((folder / "result.json").read_text())["names"][0]["verdict"] == "learned"


def test_nothing_is_left_half_written(distilled):
    folder, _, _ = distilled

    assert not [path for path in folder.rglob(".*") if path.is_file()]
    assert not (folder / "candidate").exists()


def test_another_plan_in_the_same_folder_is_refused(distilled, surround):
    folder, _, _ = distilled

    with pytest.raises(InputError, match=r"names was \['quoblet'\]"):
        distil(replace(PLAN, names=("car",)), folder, surround(), LIMITS)
