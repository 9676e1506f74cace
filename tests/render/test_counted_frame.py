import numpy as np
import pytest

from ovd.domain.detections import Tracks
from ovd.domain.events import FrameResult, ZoneEventKind, ZoneTally
from ovd.domain.zones import LineZone, PolygonZone
from ovd.render.counted_frame import draw_result, draw_zones
from tests.builders import make_detections, make_frame

LINE = LineZone("door", ((0.5, 0.2), (0.5, 0.9)))
HALL = PolygonZone("hall", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))


def tally(zone, inside=None) -> ZoneTally:
    event_counts = (
        {ZoneEventKind.IN: 3, ZoneEventKind.OUT: 1}
        if inside is None
        else {ZoneEventKind.ENTER: inside}
    )
    return ZoneTally(zone, "person", event_counts, inside, None)


def grey(size_hw=(240, 320)):
    return np.full((*size_hw, 3), 128, dtype=np.uint8)


def changed(image):
    return np.any(image != 128, axis=2)


def test_line_points_inwards():
    drawn = changed(draw_zones(grey(), [tally(LINE)]))

    middle = drawn[110:150]
    assert middle[:, 150:156].any()
    assert not middle[:, 168:174].any()


def test_polygon_is_tinted_inside_only():
    drawn = changed(draw_zones(grey(), [tally(HALL, inside=2)]))

    assert drawn[120, 160]
    assert not drawn[120, 300]


def test_drawing_zones_leaves_the_input_alone():
    image = grey()

    draw_zones(image, [tally(LINE), tally(HALL, 1)])

    assert not changed(image).any()


@pytest.mark.parametrize("zone", [LINE, HALL])
@pytest.mark.parametrize("size_hw", [(8, 8), (48, 2000), (1080, 1920)])
def test_zones_fit_any_image(zone, size_hw):
    inside = None if zone is LINE else 1
    assert draw_zones(grey(size_hw), [tally(zone, inside)]).shape == (*size_hw, 3)


def test_result_shows_ids_of_tracks_and_without_them_scores():
    frame = make_frame(0, size_hw=(240, 320))
    found = make_detections((100, 100, 140, 200))
    tracks = Tracks(found, np.array([7]), np.array([True]))

    plain = draw_result(FrameResult(frame, found, (), 0.1), legend=False)
    followed = draw_result(FrameResult(frame, found, (), 0.1, tracks), legend=False)

    assert plain.shape == followed.shape
    assert (plain != followed).any()
