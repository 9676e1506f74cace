import io

import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.domain.detections import Detections
from ovd.render.annotate import annotate, encode_jpeg
from ovd.render.palette import query_colours
from tests.builders import make_detections

SIZE_HW = (240, 320)


def grey(size_hw=SIZE_HW):
    return np.full((*size_hw, 3), 120, dtype=np.uint8)


def pixels_of(image, colour):
    return np.argwhere((np.abs(image.astype(int) - colour) <= 2).all(axis=2))


def changed(image, size_hw=SIZE_HW):
    return (image != grey(size_hw)).any(axis=2)


def test_annotate_leaves_its_input_alone():
    image = grey()

    annotate(image, make_detections((20, 60, 80, 200)))

    assert (image == 120).all()


def test_annotate_draws_the_box_where_it_is_in_the_colour_of_its_query():
    colour = query_colours(["person"])[0]

    drawn = annotate(grey(), make_detections((20, 60, 80, 200)), legend=False)

    below_tag = pixels_of(drawn[70:], colour)
    assert np.abs(below_tag.min(axis=0) - (0, 20)).max() <= 2
    assert np.abs(below_tag.max(axis=0) - (200 - 70, 80)).max() <= 2


def test_annotate_without_anything_found_changes_nothing_but_the_legend():
    nothing = Detections.none(("person",))

    assert not changed(annotate(grey(), nothing, legend=False)).any()
    assert changed(annotate(grey(), nothing)).any()


def test_legend_shows_counts_and_zeros_differently():
    none = annotate(grey(), Detections.none(("person", "car")))
    far = make_detections((300, 220, 318, 238), labels=("person", "car"))

    one = annotate(grey(), far)

    corner = (slice(0, 60), slice(0, 120))
    assert (none[corner] != one[corner]).any()


def test_annotate_uses_the_colours_it_is_given():
    drawn = annotate(
        grey(), make_detections((20, 60, 80, 200)), colours=[(1, 250, 3)], legend=False
    )

    assert len(pixels_of(drawn, (1, 250, 3))) > 100


def test_annotate_writes_korean():
    def tag(text):
        found = make_detections((20, 60, 80, 200), labels=(text,))
        return annotate(grey(), found, colours=[(0, 90, 200)], legend=False)

    # Glyphs that a font lacks all become the same question mark.
    assert not np.array_equal(tag("사람"), tag("차량"))
    assert not np.array_equal(tag("사람"), tag("??"))


@pytest.mark.parametrize(
    "box", [(0, 0, 320, 240), (-40, -40, 10, 10), (300, 0, 320, 5), (100, 235, 140, 240)]
)
def test_tag_stays_inside_the_image(box):
    found = make_detections(box, labels=("a query with a long name",))

    drawn = annotate(grey(), found, colours=[(0, 90, 200)], legend=False)

    assert len(pixels_of(drawn, (0, 90, 200))) > 1000


def test_tags_of_neighbours_do_not_cover_each_other():
    colours = [(0, 90, 200), (200, 90, 0)]
    found = make_detections(
        (100, 80, 160, 200), (104, 82, 164, 202), labels=("one", "two"), label_id=[0, 1]
    )

    drawn = annotate(grey(), found, colours=colours, legend=False)

    areas = [len(pixels_of(drawn, colour)) for colour in colours]
    assert min(areas) > 0.7 * max(areas)


@pytest.mark.parametrize("size_hw", [(1, 1), (8, 8), (20, 400), (2160, 3840)])
def test_annotate_copes_with_any_size(size_hw):
    found = make_detections((0, 0, size_hw[1], size_hw[0]), labels=("x" * 500, "y", "z"))

    assert annotate(grey(size_hw), found).shape == (*size_hw, 3)


def test_tag_of_a_4k_image_is_larger_than_of_a_small_one():
    heights = []
    for size_hw in ((240, 320), (2160, 3840)):
        box = (10, size_hw[0] // 2, 60, size_hw[0] // 2 + 40)
        drawn = annotate(grey(size_hw), make_detections(box), legend=False)
        heights.append(np.flatnonzero(changed(drawn, size_hw).any(axis=1)).size)

    assert heights[1] > heights[0] + 25


def test_legend_of_many_queries_leaves_half_of_the_image():
    labels = tuple(f"thing {i}" for i in range(80))

    drawn = annotate(grey(), Detections.none(labels))

    assert not changed(drawn)[130:].any()


@pytest.mark.parametrize("text", ["two\nlines", "tab\there", "bell\x07", "<b>bold</b>", "%s %d"])
def test_annotate_draws_odd_queries_on_one_line(text):
    drawn = annotate(grey(), make_detections((20, 100, 80, 200), labels=(text,)), legend=False)

    assert not changed(drawn)[:70].any()


def test_encode_jpeg_keeps_colours_and_size():
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    image[:, :, 0] = 200

    decoded = np.asarray(PilImage.open(io.BytesIO(encode_jpeg(image, quality=90))))

    assert decoded.shape == (40, 60, 3)
    assert np.abs(decoded.astype(int) - image).max() <= 6


def test_encode_jpeg_of_lower_quality_is_smaller():
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)

    assert len(encode_jpeg(image, quality=30)) < len(encode_jpeg(image, quality=90))
