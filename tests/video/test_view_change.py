from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ovd.errors import ImageError
from ovd.video.view_change import (
    ViewChange,
    compare_views,
    decode_view,
    encode_view,
    make_view,
)

CLIP = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.mp4"
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def frames() -> list[Pixels]:
    """Frames of a fixed camera, eight seconds apart."""
    with av.open(str(CLIP)) as clip:
        decoded = [frame for i, frame in enumerate(clip.decode(video=0)) if i % 80 == 0]
        return [frame.to_ndarray(format="rgb24") for frame in decoded]


def change(before: Pixels, after: Pixels) -> ViewChange:
    return compare_views(make_view(before), make_view(after))


def turn(image: Pixels, degrees: float) -> Pixels:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height)), np.uint8)


def test_people_who_walk_by_do_not_move_a_camera(frames: list[Pixels]):
    assert {change(frames[0], frame) for frame in frames[1:]} == {ViewChange.NONE}


@pytest.mark.parametrize("shift", [0.08, 0.15, 0.4])
def test_camera_that_was_shifted_is_moved(frames: list[Pixels], shift: float):
    shifted = np.roll(frames[-1], int(shift * frames[0].shape[1]), axis=1)

    assert change(frames[0], shifted) is ViewChange.MOVED


@pytest.mark.parametrize("degrees", [6, 15, 90])
def test_camera_that_was_turned_is_moved(frames: list[Pixels], degrees: float):
    assert change(frames[0], turn(frames[-1], degrees)) is ViewChange.MOVED


def test_camera_that_shakes_a_little_is_not_moved(frames: list[Pixels]):
    assert change(frames[0], turn(np.roll(frames[-1], 8, axis=1), 1)) is ViewChange.NONE


@pytest.mark.parametrize("sigma", [4, 8])
def test_blurred_image_is_out_of_focus(frames: list[Pixels], sigma: float):
    blurred = np.asarray(cv2.GaussianBlur(frames[-1], (0, 0), sigma), np.uint8)

    assert change(frames[0], blurred) is ViewChange.DEFOCUSED


def test_dusk_and_noise_do_not_move_a_camera(frames: list[Pixels]):
    noise = np.random.default_rng(0).normal(5, 12, frames[0].shape)
    dark = np.clip(frames[-1] * 0.25 + noise, 0, 255).astype(np.uint8)

    assert change(frames[0], dark) is ViewChange.NONE


def test_view_without_structure_is_unclear(frames: list[Pixels]):
    noise = np.random.default_rng(0).integers(90, 110, (12, 16, 3), dtype=np.uint8)
    fog = np.full_like(frames[0], 100)
    fog[:12, :16] = noise

    assert change(fog, fog[::-1].copy()) is ViewChange.UNCLEAR


def test_view_comes_back_from_its_file(frames: list[Pixels]):
    view = make_view(frames[0])

    assert np.array_equal(decode_view(encode_view(view)), view)
    with pytest.raises(ImageError):
        decode_view(b"no image")


def infrared(image: Pixels, contrast: float, noise: float) -> Pixels:
    """Return an image as under infrared light: grey, other tones, bright in its centre."""
    tones = np.clip(image.astype(np.float32) / 255 @ np.array((0.9, -0.2, 0.3)), 0, 1) ** 0.7
    height, width = tones.shape
    y, x = np.mgrid[0:height, 0:width]
    light = 1.15 - 1.1 * np.hypot((x - width / 2) / width, (y - height / 2) / height)
    grey = 255 * light * (contrast * tones + 0.25 * (1 - contrast))
    grey = grey + np.random.default_rng(0).normal(0, noise, grey.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_grey_image_of_the_same_place_is_not_moved(frames: list[Pixels]):
    grey = cv2.cvtColor(frames[-1], cv2.COLOR_RGB2GRAY)

    assert change(frames[0], np.repeat(grey[..., None], 3, axis=2)) is ViewChange.NONE


@pytest.mark.parametrize(("contrast", "noise"), [(0.8, 8), (0.6, 12), (0.4, 14)])
def test_switch_to_infrared_light_does_not_move_a_camera(
    frames: list[Pixels], contrast: float, noise: float
):
    assert change(frames[0], infrared(frames[-1], contrast, noise)) is ViewChange.NONE


def test_infrared_image_that_noise_hides_tells_no_move(frames: list[Pixels]):
    assert change(frames[0], infrared(frames[-1], 0.1, 25)) in (
        ViewChange.NONE,
        ViewChange.UNCLEAR,
    )


def test_camera_that_was_moved_is_told_under_infrared_light_too(frames: list[Pixels]):
    shifted = np.roll(frames[-1], int(0.2 * frames[0].shape[1]), axis=1)

    assert change(frames[0], infrared(shifted, 0.6, 10)) is ViewChange.MOVED
