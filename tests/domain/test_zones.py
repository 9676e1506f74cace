import numpy as np
import pytest

from ovd.domain.zones import Anchor, LineZone, PolygonZone, build_zone, require_distinct_names
from ovd.errors import ZoneError

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))


@pytest.mark.parametrize(
    ("anchor", "point"),
    [(Anchor.BOTTOM, (15, 60)), (Anchor.CENTER, (15, 40)), (Anchor.TOP, (15, 20))],
)
def test_anchor_is_a_point_of_the_box(anchor, point):
    (found,) = anchor.points(np.array([[10, 20, 20, 60]], dtype=np.float32))

    assert tuple(found) == point


def test_zones_of_one_camera_differ_in_name():
    door = LineZone("door", ((0.1, 0.5), (0.9, 0.5)))

    with pytest.raises(ZoneError, match="two zones are named 'Door'"):
        require_distinct_names([door, PolygonZone("Door", SQUARE)])


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        (((0.1, 0.5),), "exactly 2 points, got 1"),
        (((0.1, 0.5), (0.5, 0.5), (0.9, 0.5)), "exactly 2 points, got 3"),
        (((0.1, 0.5), (1.2, 0.5)), r"\(1.2, 0.5\) outside the image"),
        (((0.1, -0.5), (0.2, 0.5)), "outside the image"),
        (((0.1, float("nan")), (0.2, 0.5)), "outside the image"),
        (((0.1, 0.5), (0.1, 0.5)), "coincide"),
    ],
)
def test_bad_lines_are_refused(points, problem):
    with pytest.raises(ZoneError, match=problem):
        LineZone("door", points)


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        (SQUARE[:2], "at least 3 points, got 2"),
        ((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), "cross or touch"),
        ((*SQUARE, SQUARE[0]), "cross or touch"),
        (((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.3, 0.1), (0.1, 0.5)), "cross or touch"),
        (((0.1, 0.1), (0.5, 0.1), (0.9, 0.1)), "no area"),
        (((0.1, 0.1), (0.5, 0.1), (0.5, 1.1)), "outside the image"),
    ],
)
def test_bad_polygons_are_refused(points, problem):
    with pytest.raises(ZoneError, match=problem):
        PolygonZone("hall", points)


def test_polygon_may_be_hollow():
    PolygonZone("L", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.3), (0.3, 0.3), (0.3, 0.9), (0.1, 0.9)))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_zone_needs_a_name(name):
    with pytest.raises(ZoneError, match="printable name"):
        PolygonZone(name, SQUARE)


def test_unknown_words_are_listed_with_the_known_ones():
    with pytest.raises(ZoneError, match="'circle'; known: line, polygon"):
        build_zone("circle", "a", SQUARE, "bottom")
    with pytest.raises(ZoneError, match="'feet'; known: bottom, center, top"):
        build_zone("polygon", "a", SQUARE, "feet")
