from contextlib import closing
from dataclasses import replace

import pytest

from ovd.domain.ports import SourceOptions
from ovd.domain.query import Query
from ovd.training.distill.labelling import Teacher
from ovd.training.distill.learning import Student
from ovd.training.distill.run import Surroundings
from ovd.video import open_source
from ovd.video.images import save_image
from tests.training.distill.builders import NAME, PersonTeacher, open_student


@pytest.fixture(scope="module")
def detector(weights_dir):
    return open_student(weights_dir)


@pytest.fixture(scope="module")
def surround(weights_dir, detector, tmp_path_factory):
    """Surroundings of a distillation of twenty frames of the sample clip."""
    folder = tmp_path_factory.mktemp("clip")
    clip = str(weights_dir.parent / "samples" / "pedestrians.mp4")
    with closing(open_source(clip, "clip", SourceOptions(sample_fps=0.25))) as source:
        for number, frame in enumerate(source):
            save_image(folder / f"{number:03d}.jpg", frame.image)
    query = Query(NAME, NAME, (NAME,), min_score=0.35)

    def surround(**changes):
        teacher = PersonTeacher(detector)
        around = Surroundings(
            lambda: open_source(str(folder), "clip", SourceOptions()),
            lambda names: Teacher(teacher, (query,), (NAME,)),
            Student(weights_dir, open_student),
        )
        return replace(around, **changes)

    return surround
