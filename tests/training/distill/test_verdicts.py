"""Distil the white square of dark frames into students of known behaviour."""

import pytest

from ovd.errors import NotLearnedError
from ovd.training.distill.files import write_json
from ovd.training.distill.frames import INDEX
from ovd.training.distill.learning import Student
from ovd.training.distill.outcome import Verdict
from ovd.training.distill.plan import DistillLimits, DistillPlan
from ovd.training.distill.run import Surroundings, distil
from tests.training.distill.builders import SquareDetector, make_teacher, write_frames

LIMITS = DistillLimits(checked=4)
PLAN = DistillPlan("frames", "square@1", ("square",), (0.4,), "student@1", 20, None, full=True)


def never_opened():
    raise AssertionError("the frames are there already")


def make_student(before, after, weights_dir):
    """A student that finds some names before, and others after it was trained."""

    def train(lessons, folder, on_stage):
        folder.mkdir()

    def open_student(folder):
        return SquareDetector(finds=before if folder == weights_dir else after)

    return Student(weights_dir, open_student, train=train)


@pytest.fixture
def distil_into(tmp_path):
    frames = write_frames(tmp_path / "frames", 30)
    rows = [{"file": frame.file_name, "height": 60, "width": 80} for frame in frames]
    write_json(tmp_path / INDEX, rows)

    def distil_into(before, after, teacher=None):
        teacher = teacher or SquareDetector()
        around = Surroundings(
            never_opened,
            lambda names: make_teacher(teacher, *names),
            make_student(before, after, tmp_path / "shipped"),
        )
        return distil(PLAN, tmp_path, around, LIMITS)

    return distil_into


def test_a_name_that_is_found_after_and_was_not_before_is_learned(distil_into, tmp_path):
    outcome = distil_into({"person"}, {"person", "square"})

    [name] = outcome.names
    assert (name.verdict, name.before.ap50, name.after.ap50) == (Verdict.LEARNED, 0.0, 1.0)
    assert (name.before.count_error, name.after.count_error) == (1.0, 0.0)
    assert (outcome.known.before, outcome.known.after) == (1.0, 1.0)
    assert outcome.weights == tmp_path / "weights"
    assert (tmp_path / "weights").is_dir()


def test_a_student_that_is_not_better_is_refused(distil_into, tmp_path):
    with pytest.raises(NotLearnedError, match=r"'square': AP50 1\.00 before, 1\.00 after"):
        distil_into({"square"}, {"square"})

    assert not (tmp_path / "weights").exists()
    assert "not better than before" in (tmp_path / "report.html").read_text()


def test_a_student_that_forgets_is_refused(distil_into, tmp_path):
    with pytest.raises(NotLearnedError, match=r"known before lose 1\.000 AP50"):
        distil_into({"person"}, {"square"})

    assert not (tmp_path / "weights").exists()


def test_a_teacher_that_finds_nothing_teaches_nothing(distil_into, tmp_path):
    with pytest.raises(NotLearnedError, match="found 0 objects to learn from and 0 to check with"):
        distil_into(set(), {"square"}, SquareDetector(finds=set()))

    assert (tmp_path / "report.html").exists()


def test_a_teacher_that_guesses_is_not_believed(distil_into):
    with pytest.raises(NotLearnedError, match=r"finds only 0 of \d+ of its own labels again"):
        distil_into(set(), {"square"}, SquareDetector(guesses=True))
