import numpy as np
import pytest

from ovd.errors import ImageError
from ovd.model.preprocess import Resize, group_by_input, preprocess


def test_images_are_stretched_to_the_input():
    image = np.zeros((20, 30, 3), dtype=np.uint8)
    image[..., 0] = 255

    batch, _ = preprocess([image], (8, 16))

    assert batch.shape == (1, 8, 16, 3)
    assert batch.dtype == np.uint8
    assert batch[0, 3, 5].tolist() == [255, 0, 0]


def test_images_of_different_sizes_share_a_batch_and_keep_their_sizes():
    images = [np.zeros((7, 501, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)]

    batch, resizes = preprocess(images, (8, 8))

    assert [resize.frame_hw for resize in resizes] == [(7, 501), (1, 1)]
    assert batch[0].max() == 0
    assert batch[1].min() == 255


@pytest.mark.parametrize(
    ("shape_hw", "chosen"),
    [((576, 768), (320, 448)), ((1080, 1920), (320, 448)), ((640, 427), (448, 320)),
     ((300, 300), (384, 384)), ((1, 4000), (320, 448))],
)  # fmt: skip
def test_the_input_that_stretches_least_is_chosen(shape_hw: tuple[int, int], chosen):
    image = np.zeros((*shape_hw, 3), np.uint8)

    assert group_by_input([image], [(320, 448), (448, 320), (384, 384)]) == {chosen: [0]}


def test_a_flipped_view_is_read_as_it_looks():
    image = np.zeros((4, 4, 3), np.uint8)
    image[:, :2] = 255

    batch, _ = preprocess([image[:, ::-1]], (4, 4))

    assert batch[0, 0, :, 0].tolist() == [0, 0, 255, 255]


def test_resize_maps_fractions_to_frame_pixels_and_clips():
    boxes = np.array([[0.25, 0.5, 0.5, 1.2], [-0.1, 0.0, 0.1, 0.1]], dtype=np.float32)

    got = Resize(frame_hw=(100, 200)).to_frame(boxes)

    assert got.tolist() == [[50.0, 50.0, 100.0, 100.0], [0.0, 0.0, pytest.approx(20), 10.0]]


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 10, 3), np.uint8),
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
    ],
    ids=["empty", "grey", "alpha", "float"],
)
def test_what_is_no_rgb_image_is_refused_by_position(image):
    fine = np.zeros((4, 4, 3), np.uint8)

    with pytest.raises(ImageError, match=r"image 1 must be .*RGB"):
        preprocess([fine, image], (8, 8))
