import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.errors import ImageError, OutputError
from ovd.video.images import load_image, save_image

RED = (200, 30, 40)


def write_flat(path, mode, colour, **options):
    PilImage.new(mode, (8, 6), colour).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "mode", "colour", "expected"),
    [
        ("rgb.png", "RGB", RED, RED),
        ("grey.png", "L", 77, (77, 77, 77)),
        ("deep.png", "I;16", 77 * 257, (77, 77, 77)),
        ("glass.png", "RGBA", (*RED, 0), (255, 255, 255)),
        ("opaque.webp", "RGBA", (*RED, 255), RED),
        ("palette.png", "P", 0, (0, 0, 0)),
        ("print.jpg", "CMYK", (0, 0, 0, 0), (255, 255, 255)),
        ("bits.tif", "1", 1, (255, 255, 255)),
    ],
)
def test_load_image_makes_rgb_of_every_mode(tmp_path, name, mode, colour, expected):
    image = load_image(write_flat(tmp_path / name, mode, colour))

    assert (image.shape, image.dtype) == ((6, 8, 3), np.uint8)
    assert np.abs(image.reshape(-1, 3).astype(int) - expected).max() <= 4


def test_load_image_applies_the_orientation_of_the_camera(tmp_path):
    image = PilImage.new("RGB", (8, 6))
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    image.save(tmp_path / "turned.jpg", exif=exif)

    assert load_image(tmp_path / "turned.jpg").shape == (8, 6, 3)


def write_noise(path):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    save_image(path, noise)


def test_load_image_refuses_a_truncated_file(tmp_path):
    for name in ("cut.jpg", "cut.png"):
        path = tmp_path / name
        write_noise(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

        with pytest.raises(ImageError, match=name):
            load_image(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no file"), (b"", "empty"), (b"hello" * 100, "no image")],
)
def test_load_image_refuses_what_is_no_image(tmp_path, content, message):
    path = tmp_path / "wrong.jpg"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ImageError, match=message):
        load_image(path)


def test_load_image_refuses_a_folder(tmp_path):
    with pytest.raises(ImageError, match="no file"):
        load_image(tmp_path)


def test_save_image_keeps_every_pixel_in_a_lossless_format(tmp_path):
    path = tmp_path / "new" / "noise.png"
    image = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)

    save_image(path, image)

    assert np.array_equal(load_image(path), image)
    assert [item.name for item in path.parent.iterdir()] == ["noise.png"]


def test_save_image_refuses_an_unknown_suffix(tmp_path):
    with pytest.raises(OutputError, match=r"\.jpg"):
        save_image(tmp_path / "image.xyz", np.zeros((4, 4, 3), dtype=np.uint8))


def test_save_image_leaves_nothing_where_it_cannot_write(tmp_path):
    (tmp_path / "taken.png").mkdir()

    with pytest.raises(OutputError, match=r"taken\.png"):
        save_image(tmp_path / "taken.png", np.zeros((4, 4, 3), dtype=np.uint8))

    assert [item.name for item in tmp_path.iterdir()] == ["taken.png"]


def make_large(path, width, height):
    PilImage.new("L", (width, height), 90).save(path, quality=10)
    return path


def test_load_image_reads_a_very_large_image_without_a_warning(tmp_path):
    image = load_image(make_large(tmp_path / "large.jpg", 12_000, 7_500))

    assert image.shape == (7_500, 12_000, 3)


def test_load_image_says_that_an_image_is_too_large(tmp_path):
    path = make_large(tmp_path / "huge.png", 30_000, 15_000)

    with pytest.raises(ImageError, match="30000 x 15000 are 450 megapixels, at most 200"):
        load_image(path)


def test_load_image_leaves_the_limit_of_others_alone(tmp_path):
    limit = PilImage.MAX_IMAGE_PIXELS

    load_image(make_large(tmp_path / "small.png", 10, 10))

    assert limit == PilImage.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("shape", [(1, 1), (17, 9999), (9999, 17)])
def test_load_image_reads_extreme_shapes(tmp_path, shape):
    image = load_image(make_large(tmp_path / "odd.png", *shape))

    assert image.shape[:2] == shape[::-1]
