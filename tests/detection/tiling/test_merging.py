import numpy as np
import pytest

from ovd.detection.tiling.layout import Tile
from ovd.detection.tiling.merging import TileFindings, merge_views
from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from tests.builders import make_detections

SIZE_HW = (100, 200)
LEFT, RIGHT = Tile(0, 0, 110, 100), Tile(90, 0, 200, 100)
NOTHING = Detections.none(("person",))


def see(tile, *boxes, labels=("person",), score=None, label_id=None):
    """What a tile shows of boxes of the frame that lie in it, in its own pixels."""
    own = []
    for x0, y0, x1, y1 in boxes:
        own.append(
            (
                max(x0, tile.x0) - tile.x0,
                max(y0, tile.y0) - tile.y0,
                min(x1, tile.x1) - tile.x0,
                min(y1, tile.y1) - tile.y0,
            )
        )
    return TileFindings(tile, make_detections(*own, labels=labels, score=score, label_id=label_id))


def test_object_of_a_tile_gets_pixels_of_the_frame():
    merged = merge_views(NOTHING, [see(RIGHT, (150, 20, 160, 50))], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [(150, 20, 160, 50)])


def test_object_in_the_full_view_and_a_tile_counts_once():
    whole = make_detections((149, 20, 161, 52), score=[0.4])

    merged = merge_views(whole, [see(RIGHT, (150, 20, 160, 50), score=[0.7])], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [(150, 20, 160, 50)])
    assert merged.score.tolist() == pytest.approx([0.7])


def test_object_where_two_tiles_overlap_counts_once():
    box = (95, 20, 105, 50)

    assert len(merge_views(NOTHING, [see(LEFT, box), see(RIGHT, box)], SIZE_HW)) == 1


def test_person_cut_by_a_seam_counts_once_when_the_full_view_shows_the_whole():
    box = (60, 10, 140, 90)

    merged = merge_views(make_detections(box), [see(LEFT, box), see(RIGHT, box)], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [box])


def test_person_cut_by_a_seam_counts_once_when_only_the_tiles_show_it():
    box = (60, 10, 140, 90)

    merged = merge_views(NOTHING, [see(LEFT, box), see(RIGHT, box)], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [box])


def test_person_cut_by_a_seam_below_counts_once():
    top, bottom = Tile(0, 0, 200, 55), Tile(0, 45, 200, 100)
    box = (60, 10, 90, 95)

    merged = merge_views(NOTHING, [see(top, box), see(bottom, box)], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [box])


def test_person_in_four_tiles_counts_once():
    tiles = [Tile(x, y, x + 110, y + 55) for y in (0, 45) for x in (0, 90)]
    box = (60, 10, 140, 90)

    merged = merge_views(NOTHING, [see(tile, box) for tile in tiles], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [box])


def test_two_persons_cut_by_one_seam_stay_two():
    boxes = [(60, 5, 140, 35), (60, 60, 140, 95)]

    merged = merge_views(NOTHING, [see(LEFT, *boxes), see(RIGHT, *boxes)], SIZE_HW)

    assert sorted(merged.xyxy.tolist()) == sorted(map(list, boxes))


def test_part_of_an_object_known_no_further_is_kept():
    merged = merge_views(NOTHING, [see(LEFT, (60, 10, 140, 90))], SIZE_HW)

    np.testing.assert_array_equal(merged.xyxy, [(60, 10, 110, 90)])


def test_object_at_the_edge_of_the_frame_is_no_part():
    box = (0, 0, 20, 30)
    whole = make_detections((0, 0, 100, 90))

    assert len(merge_views(whole, [see(LEFT, box)], SIZE_HW)) == 2


def test_small_object_in_front_of_a_large_one_stays():
    whole = make_detections((10, 10, 90, 95))

    assert len(merge_views(whole, [see(LEFT, (30, 40, 45, 60))], SIZE_HW)) == 2


def test_labels_do_not_suppress_each_other():
    labels = ("person", "backpack")
    box = (20, 20, 40, 50)
    whole = make_detections(box, labels=labels, label_id=[0])

    merged = merge_views(whole, [see(LEFT, box, labels=labels, label_id=[1])], SIZE_HW)

    assert sorted(merged.label_id.tolist()) == [0, 1]
    assert merged.labels == labels


def test_parts_of_different_labels_are_not_joined():
    labels = ("person", "backpack")
    box = (60, 10, 140, 90)
    views = [
        see(LEFT, box, labels=labels, label_id=[0]),
        see(RIGHT, box, labels=labels, label_id=[1]),
    ]

    assert len(merge_views(Detections.none(labels), views, SIZE_HW)) == 2


def test_merged_detections_come_best_first():
    whole = make_detections((10, 10, 20, 20), (60, 60, 80, 80), score=[0.6, 0.5])

    merged = merge_views(whole, [see(RIGHT, (150, 20, 160, 50), score=[0.55])], SIZE_HW)

    assert merged.score.tolist() == pytest.approx([0.6, 0.55, 0.5])


def test_merging_finds_every_object_once_wherever_it_lies():
    """Objects of a tenth of the frame up to all of it, in views that show them perfectly."""
    random = np.random.default_rng(0)
    tiles = [Tile(x, y, x + 110, y + 55) for y in (0, 45) for x in (0, 90)]
    for _ in range(300):
        width, height = random.uniform(8, 190), random.uniform(8, 95)
        x0, y0 = random.uniform(0, 200 - width), random.uniform(0, 100 - height)
        box = (x0, y0, x0 + width, y0 + height)
        views = [see(tile, box) for tile in tiles if _shows(tile, box)]
        seen_whole = random.random() < 0.5
        merged = merge_views(make_detections(box) if seen_whole else NOTHING, views, SIZE_HW)
        assert len(merged) == 1, box
        assert pairwise_iou(merged.xyxy, np.array([box], dtype=np.float32))[0, 0] > 0.9


def _shows(tile, box):
    x0, y0, x1, y1 = box
    return min(x1, tile.x1) - max(x0, tile.x0) > 4 and min(y1, tile.y1) - max(y0, tile.y0) > 4
