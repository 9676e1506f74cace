import numpy as np
import pytest

from ovd.detection.taught.examples import ExampleImage
from ovd.domain.teaching.taught_names import ExampleKind
from ovd.errors import ExampleError, KnownNameError, TeachingUnsureError
from tests.detection.taught.spaces import (
    CELL,
    CellEncoder,
    box_of,
    draw_image,
    make_teacher,
)

SHOWN, SIDE, ALIKE = 200, 100, 150


def show(*cells, red=SHOWN, kind=ExampleKind.SHOWN):
    return [
        ExampleImage(draw_image({cell: red}, seed), (box_of(cell),), kind, f"{red}-{seed}.jpg")
        for seed, cell in enumerate(cells, start=1)
    ]


def logits(taught, image):
    [regions] = CellEncoder().find_regions([image])
    return np.max([regions.embeds @ item.vector + item.bias for item in taught.vectors], axis=0)


LEVEL = np.log(0.35 / 0.65)


def test_five_boxes_teach_a_name_that_is_found_on_other_images():
    teacher = make_teacher()

    taught = teacher.learn("Gizmo", teacher.read_images(show(0, 5, 10, 3, 6)))
    found = logits(taught, draw_image({9: SHOWN}, seed=77))

    assert taught.name == "gizmo"
    assert found.argmax() == 9
    assert found[9] > LEVEL > np.delete(found, 9).max()


def test_estimate_says_how_many_left_out_examples_are_found():
    teacher = make_teacher()

    taught = teacher.learn("gizmo", teacher.read_images(show(0, 5, 10, 3, 6)))

    assert (taught.estimate.found, taught.estimate.tried) == (5, 5)
    assert taught.estimate.text == (
        "5 of 5 examples found when left out, 4 false in 100 background images"
    )


def test_one_box_is_enough_and_says_that_it_cannot_be_checked():
    teacher = make_teacher()

    taught = teacher.learn("gizmo", teacher.read_images(show(5)))

    assert logits(taught, draw_image({2: SHOWN}, seed=9)).argmax() == 2
    assert "cannot be checked" in taught.estimate.text


def test_objects_of_two_looks_get_two_vectors():
    teacher = make_teacher()
    images = [*show(0, 5, 10, 3, 6), *show(1, 4, 11, 8, red=SIDE)]

    taught = teacher.learn("gizmo", teacher.read_images(images), anyway=True)

    for red in (SHOWN, SIDE):
        found = logits(taught, draw_image({7: red}, seed=50))
        assert found.argmax() == 7
        assert found[7] > LEVEL


def test_refused_look_alikes_are_no_longer_found():
    teacher = make_teacher()
    shown = teacher.read_images(show(0, 5, 10, 3, 6))
    frame = draw_image({2: ALIKE, 12: SHOWN}, seed=90)
    [regions] = teacher.find_regions([frame])

    first = teacher.learn("gizmo", shown)
    proposals = teacher.propose(first, [("frame.jpg", regions)])
    answers = [
        item.example(ExampleKind.CONFIRMED if item.xyxy == box_of(12) else ExampleKind.REFUSED)
        for item in proposals
    ]
    second = teacher.learn("gizmo", [*first.examples, *answers])

    assert logits(first, frame)[2] > LEVEL
    assert logits(second, frame)[2] < LEVEL < logits(second, frame)[12]


def test_an_answered_proposal_is_not_made_again():
    teacher = make_teacher()
    frame = draw_image({12: SHOWN}, seed=90)
    [regions] = teacher.find_regions([frame])
    taught = teacher.learn("gizmo", teacher.read_images(show(0, 5, 10)))
    [best, *_] = teacher.propose(taught, [("frame.jpg", regions)])

    again = teacher.learn("gizmo", [*taught.examples, best.example(ExampleKind.CONFIRMED)])
    boxes = [item.xyxy for item in teacher.propose(again, [("frame.jpg", regions)])]

    assert best.xyxy == box_of(12)
    assert box_of(12) not in boxes


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((-1, 0, 20, 20), "not inside the image of 80 x 80"),
        ((0, 0, 90, 20), "not inside the image"),
        ((30, 0, 20, 20), "left top corner first"),
        ((0, 0, 4, 20), "too small"),
    ],
)
def test_bad_box_is_refused(box, reason):
    with pytest.raises(ExampleError, match=reason):
        make_teacher().read_images([ExampleImage(draw_image({0: SHOWN}), (box,))])


def test_examples_that_contradict_each_other_are_refused():
    teacher = make_teacher()
    image = draw_image({0: SHOWN})
    both = [
        ExampleImage(image, (box_of(0),), kind, "a.jpg")
        for kind in (ExampleKind.SHOWN, ExampleKind.REFUSED)
    ]

    with pytest.raises(ExampleError, match="contradict each other"):
        teacher.learn("gizmo", teacher.read_images(both))


def test_boxes_that_fit_no_region_are_refused():
    teacher = make_teacher()
    half = CELL / 2
    between = ExampleImage(draw_image({0: SHOWN}), ((half, half, half + CELL, half + CELL),))

    with pytest.raises(ExampleError, match="no region that the detector looks at fits"):
        teacher.learn("gizmo", teacher.read_images([between]))


@pytest.mark.parametrize("name", ["", "  ", "a" * 61, "two, names", 'say "it"'])
def test_bad_name_is_refused(name):
    teacher = make_teacher()

    with pytest.raises(ExampleError, match="a name has 1 to 60 characters"):
        teacher.learn(name, teacher.read_images(show(0)))


def test_known_name_is_refused():
    teacher = make_teacher()

    with pytest.raises(KnownNameError, match="knows 'person' already"):
        teacher.learn("Person", teacher.read_images(show(0)))


class KnownEncoder(CellEncoder):
    """Finds what the examples show as a car."""

    def text_vectors(self, names):
        vectors = super().text_vectors(names)
        return [
            super(KnownEncoder, self).text_vectors(["gizmo"])[0] if name == "car" else vector
            for name, vector in zip(names, vectors, strict=True)
        ]


def test_examples_of_a_known_name_are_refused_under_another_unless_asked_for(monkeypatch):
    teacher = make_teacher()
    monkeypatch.setattr(teacher, "_encoder", KnownEncoder())
    examples = teacher.read_images(show(0, 5))

    with pytest.raises(KnownNameError, match="100% of the examples as 'car'"):
        teacher.learn("gizmo", examples)
    assert teacher.learn("gizmo", examples, anyway=True).name == "gizmo"


def test_examples_that_have_nothing_in_common_teach_nothing():
    teacher = make_teacher()
    images = [
        ExampleImage(draw_image(seed=seed), (box_of(seed % 16),), source=f"{seed}.jpg")
        for seed in range(1, 7)
    ]

    with pytest.raises(TeachingUnsureError, match="was not learned"):
        teacher.learn("gizmo", teacher.read_images(images))
