import numpy as np
import pytest

from ovd.render.thumbnails import contact_sheet, crop, shrink


def grey(height: int, width: int, value: int = 7) -> np.ndarray:
    return np.full((height, width, 3), value, dtype=np.uint8)


@pytest.mark.parametrize(
    ("size", "shown"), [((100, 400), (40, 160)), ((50, 20), (50, 20)), ((1, 4000), (1, 160))]
)
def test_shrink_bounds_the_longest_side_and_never_grows(size, shown):
    assert shrink(grey(*size), 160).shape == (*shown, 3)


@pytest.mark.parametrize(
    ("box", "shape"),
    [((20, 20, 40, 60), (48, 24)), ((0, 0, 10, 10), (11, 11)), ((30, 30, 31, 31), (9, 9))],
    ids=["with margin", "at the corner", "tiny"],
)
def test_crop_takes_a_margin_and_stays_inside(box, shape):
    height, width = crop(grey(100, 100), np.array(box, dtype=np.float32)).shape[:2]

    assert abs(height - shape[0]) <= 1
    assert abs(width - shape[1]) <= 1


def test_crop_outside_the_image_is_one_of_its_pixels():
    assert crop(grey(10, 10), np.array((50, 50, 60, 60), dtype=np.float32)).size > 0


def test_sheet_holds_all_images_in_rows():
    sheet = contact_sheet([grey(300, 300), grey(16, 8), grey(4, 4)], cell_px=32, across=2)

    assert sheet.shape == (64, 64, 3)
    assert (sheet[:32, :32] == 7).all()
    assert (sheet == 7).all(axis=2).sum() == 32 * 32 + 16 * 8 + 4 * 4
