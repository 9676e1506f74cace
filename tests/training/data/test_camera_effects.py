from dataclasses import replace

import cv2
import numpy as np
import pytest

from ovd.training.data.augment import NO_AUGMENTATION
from ovd.training.data.camera_effects import (
    CameraEffects,
    add_noise,
    blur,
    compress,
    jitter_color,
    lower_resolution,
    prepare_noise,
    to_gray,
    to_night,
)
from tests.training.datasets import make_boxes, make_example

COLORS = {"red": 0, "yellow": 30, "green": 60, "blue": 120}
NOISE = np.random.default_rng(0).integers(96, 160, (200, 200, 3), dtype=np.uint8)


def painted(hue):
    hsv = np.full((40, 50, 3), (hue, 200, 180), dtype=np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def hue_of(image):
    return int(np.median(cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[:, :, 0]))


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("seed", range(12))
def test_jitter_color_keeps_the_hue_of_color_words(color, seed):
    jittered = jitter_color(painted(COLORS[color]), np.random.default_rng(seed))

    turned = abs(hue_of(jittered) - COLORS[color])
    assert min(turned, 180 - turned) <= 6


def test_jitter_color_keeps_black_dark_and_white_bright():
    for seed in range(12):
        black = jitter_color(np.full((8, 8, 3), 15, np.uint8), np.random.default_rng(seed))
        white = jitter_color(np.full((8, 8, 3), 240, np.uint8), np.random.default_rng(seed))
        assert black.mean() < 90
        assert white.mean() > 165


@pytest.mark.parametrize("effect", [jitter_color, blur, compress, lower_resolution])
def test_effects_keep_the_size_and_the_input(effect):
    image = make_example().image
    before = image.copy()

    changed = effect(image, np.random.default_rng(1))

    assert changed.shape == image.shape
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, image)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("seed", range(6))
def test_blur_removes_detail_but_not_light(seed):
    image = np.zeros((41, 41, 3), dtype=np.uint8)
    image[20, 20] = 255

    blurred = blur(image, np.random.default_rng(seed))

    assert blurred.max() < 200
    assert int(blurred.sum()) == pytest.approx(int(image.sum()), rel=0.15)


def test_compress_keeps_the_order_of_channels():
    red = np.zeros((64, 64, 3), dtype=np.uint8)
    red[:, :, 0] = 200

    compressed = compress(red, np.random.default_rng(0))

    assert compressed[:, :, 0].mean() > 180
    assert compressed[:, :, 2].mean() < 20


def test_noise_has_the_asked_strength_and_no_tint():
    noise = prepare_noise(128)
    image = np.full((100, 100, 3), 128, dtype=np.uint8)

    noisy = add_noise(image, noise, 8.0, np.random.default_rng(0)).astype(float)

    assert noisy.std() == pytest.approx(8, rel=0.1)
    assert noisy.mean() == pytest.approx(128, abs=1)


def test_night_is_darker():
    image = make_example().image

    assert to_night(image, NOISE, np.random.default_rng(0)).mean() < 0.8 * image.mean()


def test_gray_has_equal_channels():
    gray = to_gray(painted(60))

    assert np.ptp(gray.astype(int), axis=2).max() == 0


@pytest.mark.parametrize("kind", ["night", "gray"])
def test_camera_effects_remove_color_labels_with_the_colors(kind):
    boxes = make_boxes(("car", (1, 1, 9, 9)), attributes=[{"color": "red", "head": "helmet"}])
    effects = CameraEffects(replace(NO_AUGMENTATION, **{kind: 1.0}), 128)

    changed = effects(make_example(boxes), np.random.default_rng(0))

    assert changed.boxes.attributes == ({"head": "helmet"},)


def test_camera_effects_keep_color_labels_otherwise():
    boxes = make_boxes(("car", (1, 1, 9, 9)), attributes=[{"color": "red"}])
    config = replace(
        NO_AUGMENTATION, color_jitter=1.0, blur=1.0, noise=1.0, compression=1.0, low_resolution=1.0
    )

    changed = CameraEffects(config, 128)(make_example(boxes), np.random.default_rng(0))

    assert changed.boxes.attributes == ({"color": "red"},)
    assert not np.array_equal(changed.image, make_example().image)


def test_camera_effects_of_zero_probability_change_nothing():
    example = make_example()

    changed = CameraEffects(NO_AUGMENTATION, 128)(example, np.random.default_rng(0))

    np.testing.assert_array_equal(changed.image, example.image)


def test_camera_effects_do_not_darken_dark_images():
    example = replace(make_example(), image=np.full((40, 50, 3), 40, dtype=np.uint8))
    effects = CameraEffects(replace(NO_AUGMENTATION, night=1.0), 128)

    changed = effects(example, np.random.default_rng(0))

    np.testing.assert_array_equal(changed.image, example.image)
