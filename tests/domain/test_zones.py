import numpy as np
import pytest

from ovd.domain.zones import (
    Anchor,
    LineZone,
    Mask,
    MaskKind,
    PolygonZone,
    build_mask,
    build_zone,
    require_distinct_masks,
    require_distinct_names,
)
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


CORNER = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


def test_mask_contains_the_points_inside_its_outline():
    concave = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.2), (0.0, 1.0))
    points = np.array([[0.25, 0.25], [0.75, 0.75], [0.9, 0.25], [1.2, 0.1], [0.5, 0.9]])

    assert Mask("a", MaskKind.IGNORE, CORNER).contains(points).tolist() == [True, *[False] * 4]
    inside = Mask("b", MaskKind.IGNORE, concave).contains(points).tolist()
    assert inside == [True, False, True, True, False]


def test_mask_holds_for_its_query_whatever_the_case():
    statue = Mask("statue", MaskKind.IGNORE, CORNER, query="Person")

    assert (statue.is_for("person"), statue.is_for("car")) == (True, False)
    assert Mask("all", MaskKind.IGNORE, CORNER).is_for("car")


@pytest.mark.parametrize(
    ("kind", "points", "query"),
    [
        ("hide", CORNER, ""),
        ("ignore", CORNER[:2], ""),
        ("ignore", ((0.0, 0.0), (2.0, 0.0), (0.5, 0.5)), ""),
        ("privacy", CORNER, "person"),
    ],
)
def test_mask_that_cannot_be_is_refused(kind, points, query):
    with pytest.raises(ZoneError):
        build_mask(kind, "a", points, query=query)


def test_two_masks_of_one_name_are_refused():
    masks = [Mask("a", MaskKind.IGNORE, CORNER), Mask("A", MaskKind.PRIVACY, CORNER)]

    with pytest.raises(ZoneError, match="two masks"):
        require_distinct_masks(masks)
