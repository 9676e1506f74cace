import numpy as np
import pytest

from ovd.detection.colour_names import COLOURS, colour_shares, name_colour
from ovd.domain.query import ObjectPart

ROAD = (110, 110, 112)
BOX = np.array([20, 10, 100, 70], dtype=np.float32)


def draw_thing(rgb):
    """An object of one colour on a road, with a black window and a black tyre."""
    image = np.full((80, 120, 3), ROAD, dtype=np.uint8)
    image[10:70, 20:100] = rgb
    image[18:32, 35:85] = (20, 22, 25)
    image[58:70, 28:48] = (15, 15, 15)
    return image


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((200, 25, 30), "red"),
        ((120, 15, 20), "red"),
        ((235, 235, 235), "white"),
        ((30, 30, 32), "black"),
        ((140, 140, 142), "gray"),
        ((30, 60, 170), "blue"),
        ((245, 205, 20), "yellow"),
        ((240, 130, 10), "orange"),
        ((30, 130, 50), "green"),
        ((110, 70, 30), "brown"),
        ((240, 150, 190), "pink"),
        ((110, 40, 160), "purple"),
    ],
)
def test_painted_thing_is_named_by_its_paint(rgb, name):
    assert name_colour(draw_thing(rgb), BOX, ObjectPart.WHOLE) == name


def test_clothes_are_looked_at_where_they_are_worn():
    image = np.full((100, 60, 3), ROAD, dtype=np.uint8)
    image[18:52, 15:45] = (190, 20, 30)
    image[52:90, 15:45] = (30, 50, 150)
    box = np.array([10, 0, 50, 100], dtype=np.float32)

    assert name_colour(image, box, ObjectPart.UPPER_BODY) == "red"
    assert name_colour(image, box, ObjectPart.LOWER_BODY) == "blue"


def test_what_is_too_small_to_tell_has_no_colour():
    tiny = np.array([20, 10, 24, 13], dtype=np.float32)

    assert name_colour(draw_thing((200, 25, 30)), tiny, ObjectPart.WHOLE) == ""


def test_shares_are_those_of_the_image():
    patch = np.zeros((64, 64, 3), dtype=np.uint8)
    patch[:16] = (220, 20, 20)

    shares = dict(zip(COLOURS, colour_shares(patch), strict=True))

    assert shares["red"] == pytest.approx(0.25)
    assert shares["black"] == pytest.approx(0.75)
