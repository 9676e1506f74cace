import numpy as np
import pytest

from ovd.render.blurring import head_boxes, pixelate


def noise(height: int = 60, width: int = 80) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(corners, dtype=np.float32).reshape(-1, 4)


def test_pixelate_leaves_a_few_colours_inside_and_all_outside():
    image = noise()

    concealed = pixelate(image, boxes((20, 10, 40, 50)))

    inside = concealed[10:50, 20:40].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) <= 36
    assert (concealed[:, 45:] == image[:, 45:]).all()
    assert (image == noise()).all()


def test_boxes_beyond_the_image_are_clipped():
    assert pixelate(noise(), boxes((-20, -20, 200, 200), (90, 70, 95, 75))).shape == (60, 80, 3)


def test_without_boxes_nothing_is_pixelated():
    assert (pixelate(noise(), boxes()) == noise()).all()


@pytest.mark.parametrize(
    ("person", "bottom"),
    [((0, 0, 30, 100), 30), ((0, 0, 10, 100), 30), ((0, 0, 60, 60), 48), ((0, 10, 90, 60), 50)],
    ids=["standing", "thin", "only the shoulders", "lying"],
)
def test_head_is_the_upper_part_and_more_of_a_cut_off_person(person, bottom):
    ((x0, y0, x1, y1),) = head_boxes(boxes(person))

    assert (x0, y0, x1) == person[:3]
    assert y1 == pytest.approx(bottom)
