from collections.abc import Callable

import pytest

from ovd.detection.taught.examples import ExampleImage
from ovd.domain.teaching.taught_names import ExampleKind
from ovd.errors import ExampleError, NotFoundError
from ovd.services.teaching import Lesson, TeachingService
from tests.detection.taught.spaces import box_of, draw_image, make_teacher
from tests.fakes import MemoryTaughtNames

RED = 200


def lesson(*cells: int, name: str = "gizmo", keep: bool = False) -> Lesson:
    images = tuple(
        ExampleImage(draw_image({cell: RED}, cell + 1), (box_of(cell),), source=f"{cell}.jpg")
        for cell in cells
    )
    return Lesson(name, images, keep)


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def teaching(changes: list[str]) -> TeachingService:
    return TeachingService(make_teacher, MemoryTaughtNames(), lambda: changes.append("changed"))


def test_taught_name_is_kept_and_told(teaching: TeachingService, changes: list[str]):
    taught = teaching.teach(lesson(0, 5, 10))

    assert (taught.name, taught.version, len(taught.examples)) == ("gizmo", 1, 3)
    assert teaching.find(" GIZMO") is not None
    assert changes == ["changed"]


def test_more_examples_are_added_to_those_that_there_are(teaching: TeachingService):
    teaching.teach(lesson(0, 5))

    taught = teaching.teach(lesson(10, keep=True))

    assert (taught.version, len(taught.examples)) == (2, 3)


@pytest.mark.parametrize(
    "act",
    [
        lambda teaching: teaching.find("gizmo"),
        lambda teaching: teaching.remove("gizmo"),
        lambda teaching: teaching.find_look_alikes("gizmo", []),
        lambda teaching: teaching.teach(lesson(0, keep=True)),
    ],
)
def test_name_that_there_is_not_is_refused(
    teaching: TeachingService, act: Callable[[TeachingService], object]
):
    with pytest.raises(NotFoundError, match="gizmo"):
        act(teaching)


def test_look_alikes_on_new_frames_are_shown_to_be_confirmed(teaching: TeachingService):
    teaching.teach(lesson(0, 5, 10))

    best, *_ = teaching.find_look_alikes("gizmo", [("new.jpg", draw_image({3: RED}, 50))])

    assert best.xyxy == pytest.approx(box_of(3))
    assert best.example(ExampleKind.REFUSED).kind is ExampleKind.REFUSED


def test_removed_name_is_in_use_no_more(teaching: TeachingService, changes: list[str]):
    teaching.teach(lesson(0, 5))

    teaching.remove("gizmo")

    assert teaching.all() == ()
    assert changes == ["changed", "changed"]


def test_failed_lesson_keeps_nothing(teaching: TeachingService, changes: list[str]):
    with pytest.raises(ExampleError):
        teaching.teach(Lesson("gizmo", ()))

    assert (teaching.all(), changes) == ((), [])
