from dataclasses import replace

import numpy as np
import pytest

from ovd.training.data.augment import (
    NO_AUGMENTATION,
    AugmentConfig,
    Placement,
    compose,
    flip,
    jittered_placement,
    place_boxes,
    place_pixels,
)
from tests.training.datasets import make_boxes, make_example

WHOLE = Placement((0, 0, 80, 60), (0, 0, 80, 60))


def marked_example(xyxy=(20, 10, 40, 30), **known):
    """An example whose object is the only white place."""
    example = make_example(make_boxes(("car", xyxy), attributes=[{"color": "white"}]), **known)
    image = np.zeros_like(example.image)
    x0, y0, x1, y1 = xyxy
    image[y0:y1, x0:x1] = 255
    return replace(example, image=image)


def white_xyxy(image):
    rows, columns = np.nonzero(image[:, :, 0] > 127)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_place_boxes_scales_and_shifts():
    boxes = make_boxes(("car", (20, 10, 40, 30)))

    placed = place_boxes(boxes, Placement((10, 0, 50, 40), (100, 50, 180, 170)))

    np.testing.assert_allclose(placed.xyxy, [[120, 80, 160, 140]])
    assert not placed.ignore[0]


@pytest.mark.parametrize(("cut", "ignore"), [(25, False), (33, False), (35, True), (39, True)])
def test_place_boxes_ignores_boxes_mostly_cut_off(cut, ignore):
    boxes = make_boxes(("car", (20, 10, 40, 30)))

    placed = place_boxes(boxes, Placement((cut, 0, 80, 60), (0, 0, 10 * (80 - cut), 600)))

    assert placed.ignore.tolist() == [ignore]


def test_place_boxes_drops_boxes_outside():
    boxes = make_boxes(("car", (20, 10, 40, 30)), ("person", (50, 10, 60, 30)))

    placed = place_boxes(boxes, Placement((45, 0, 80, 60), (0, 0, 35, 60)))

    assert placed.names == ("person",)


def test_place_boxes_ignores_boxes_that_become_tiny():
    boxes = make_boxes(("car", (20, 10, 40, 30)))

    placed = place_boxes(boxes, Placement((0, 0, 80, 60), (0, 0, 15, 11)))

    assert placed.ignore.tolist() == [True]


def test_place_boxes_keeps_ignore_and_score():
    boxes = make_boxes(("car", (20, 10, 40, 30)), soft_score=[0.4], ignore=[True])

    placed = place_boxes(boxes, WHOLE)

    assert placed.ignore.tolist() == [True]
    assert placed.soft_score.tolist() == pytest.approx([0.4])


@pytest.mark.parametrize(("cut", "attributes"), [(22, {"color": "red"}), (30, {})])
def test_place_boxes_removes_attributes_of_cut_boxes(cut, attributes):
    boxes = make_boxes(("car", (20, 10, 40, 30)), attributes=[{"color": "red"}])

    placed = place_boxes(boxes, Placement((cut, 0, 80, 60), (0, 0, 80 - cut, 60)))

    assert placed.attributes == (attributes,)


def test_place_boxes_of_an_image_without_boxes_gives_none():
    assert len(place_boxes(make_boxes(), WHOLE)) == 0


def test_place_pixels_moves_pixels_as_place_boxes_moves_boxes():
    example = marked_example()
    placement = Placement((10, 5, 70, 55), (15, 25, 195, 175))
    canvas = np.zeros((200, 200, 3), dtype=np.uint8)

    place_pixels(canvas, example.image, placement)

    (xyxy,) = place_boxes(example.boxes, placement).xyxy
    np.testing.assert_allclose(white_xyxy(canvas), xyxy, atol=1)


@pytest.mark.parametrize("seed", range(40))
def test_jittered_placement_stays_inside_image_and_region(seed):
    example = make_example(make_boxes(("car", (70, 50, 80, 60))))
    region = (30, 10, 130, 90)
    config = AugmentConfig(small_object=0.5)

    placement = jittered_placement(example, region, config, np.random.default_rng(seed))

    x0, y0, x1, y1 = placement.part_xyxy
    left, top, right, bottom = placement.onto_xyxy
    assert 0 <= x0 < x1 <= 80
    assert 0 <= y0 < y1 <= 60
    assert 30 <= left < right <= 130
    assert 10 <= top < bottom <= 90


@pytest.mark.parametrize("seed", range(20))
def test_composed_boxes_lie_on_their_objects(seed):
    rng = np.random.default_rng(seed)

    composed = compose([marked_example()], (96, 128), AugmentConfig(), rng)

    if len(composed.boxes) and not composed.boxes.ignore[0]:
        image = np.where(composed.image > 200, composed.image, 0)
        np.testing.assert_allclose(white_xyxy(image), composed.boxes.xyxy[0], atol=2.5)


def test_most_jittered_examples_keep_their_object():
    kept = [
        compose([marked_example()], (96, 128), AugmentConfig(), np.random.default_rng(seed)).boxes
        for seed in range(60)
    ]

    assert sum(len(boxes) == 1 and not boxes.ignore[0] for boxes in kept) > 45


def test_small_objects_are_enlarged_when_asked_for():
    example = marked_example((20, 10, 28, 18))
    config = replace(NO_AUGMENTATION, small_object=1.0)

    composed = compose([example], (320, 320), config, np.random.default_rng(0))

    (xyxy,) = composed.boxes.xyxy
    assert 30 <= (xyxy[2:] - xyxy[:2]).max() <= 85


def test_no_augmentation_shows_the_whole_image():
    composed = compose([marked_example()], (120, 160), NO_AUGMENTATION, np.random.default_rng(3))

    np.testing.assert_allclose(composed.boxes.xyxy, [[40, 20, 80, 60]])
    assert composed.boxes.attributes == ({"color": "white"},)


def test_mosaic_puts_four_examples_into_four_regions():
    examples = [marked_example()] * 4
    config = replace(NO_AUGMENTATION, mosaic=1.0)

    composed = compose(examples, (200, 200), config, np.random.default_rng(0))

    centers = (composed.boxes.xyxy[:, :2] + composed.boxes.xyxy[:, 2:]) / 2
    assert len(composed.boxes) == 4
    middle = np.array([100, 100])
    assert len({tuple(side) for side in (centers > middle).tolist()}) == 4


def test_mosaic_has_the_exhaustive_names_that_all_parts_share():
    first = marked_example(
        exhaustive=frozenset({"car", "bus"}), exhaustive_except_small=frozenset({"dog"}),
        absent_soft=frozenset({"cat"}),
    )  # fmt: skip
    other = marked_example(
        exhaustive=frozenset({"car", "dog"}), exhaustive_except_small=frozenset({"bus"})
    )

    composed = compose(
        [first, other, first, first], (200, 200), NO_AUGMENTATION, np.random.default_rng(0)
    )

    assert composed.exhaustive == {"car"}
    assert composed.exhaustive_except_small == {"bus", "dog"}
    assert composed.absent_soft == set()


def test_flip_mirrors_pixels_and_boxes():
    flipped = flip(marked_example())

    np.testing.assert_allclose(flipped.boxes.xyxy, [[40, 10, 60, 30]])
    assert white_xyxy(flipped.image) == (40, 10, 60, 30)


def test_flip_twice_is_the_example_itself():
    example = marked_example()

    twice = flip(flip(example))

    np.testing.assert_array_equal(twice.image, example.image)
    np.testing.assert_allclose(twice.boxes.xyxy, example.boxes.xyxy)
