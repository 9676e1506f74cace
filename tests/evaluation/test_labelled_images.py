import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.errors import DatasetError, ImageError
from ovd.evaluation.labelled_images import load_labelled_image
from ovd.training.data.image_cache import ImageCache, StoredImage

ORIENTATION = 0x0112
TURNED_BY_180, TURNED_BY_90 = 3, 6


def write_oriented(path, orientation):
    """Write a stored image of 32 x 64 pixels whose left half is white, with an EXIF orientation."""
    pixels = np.zeros((32, 64, 3), dtype=np.uint8)
    pixels[:, :32] = 255
    exif = PilImage.Exif()
    exif[ORIENTATION] = orientation
    PilImage.fromarray(pixels).save(path, quality=95, exif=exif)
    return path


def is_white(pixels):
    return bool(pixels.mean() > 200)


def test_image_turned_by_180_degrees_is_read_as_displayed(tmp_path):
    image = load_labelled_image(write_oriented(tmp_path / "a.jpg", TURNED_BY_180), (32, 64))

    assert is_white(image[:, 40:])
    assert not is_white(image[:, :24])


def test_image_turned_by_90_degrees_is_read_as_displayed(tmp_path):
    image = load_labelled_image(write_oriented(tmp_path / "a.jpg", TURNED_BY_90), (64, 32))

    assert image.shape == (64, 32, 3)
    assert is_white(image[:24])


def test_image_is_read_as_stored_where_only_that_has_the_stated_size(tmp_path):
    image = load_labelled_image(write_oriented(tmp_path / "a.jpg", TURNED_BY_90), (32, 64))

    assert image.shape == (32, 64, 3)
    assert is_white(image[:, :24])


@pytest.mark.parametrize(
    ("orientation", "size_hw"),
    [(TURNED_BY_180, (32, 64)), (TURNED_BY_90, (64, 32)), (TURNED_BY_90, (32, 64))],
)
def test_training_sees_the_pixels_that_evaluation_sees(tmp_path, orientation, size_hw):
    path = write_oriented(tmp_path / "a.jpg", orientation)

    cached = ImageCache([StoredImage(path, size_hw, size_hw)], limit_mib=1)[0]

    np.testing.assert_array_equal(cached, load_labelled_image(path, size_hw))


def test_image_of_another_size_is_refused(tmp_path):
    path = write_oriented(tmp_path / "a.jpg", TURNED_BY_90)

    with pytest.raises(DatasetError, match=r"a\.jpg is 32 x 64, but the dataset says 50 x 40"):
        load_labelled_image(path, (40, 50))


def test_missing_image_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"nowhere\.jpg"):
        load_labelled_image(tmp_path / "nowhere.jpg", (1, 1))
