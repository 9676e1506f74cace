import numpy as np
import pytest

from ovd.detection.tiling.layout import OVERLAP, Tile, TileLayout
from ovd.errors import SettingsError


@pytest.mark.parametrize("text", ["none", "None", " none ", "1x1"])
def test_layout_without_tiles_is_none(text):
    assert TileLayout.parse(text) is None


def test_layout_reads_a_grid_rows_first():
    assert TileLayout.parse("2x3") == TileLayout(2, 3)


def test_layout_reads_auto():
    assert TileLayout.parse("AUTO") == TileLayout()
    assert TileLayout().automatic


@pytest.mark.parametrize("text", ["", "2", "2x", "0x2", "x", "9x2", "2x99", "-1x2", "two", "2x3x4"])
def test_layout_refuses_what_is_no_grid(text):
    with pytest.raises(SettingsError, match="none, auto or rows x columns up to 8x8"):
        TileLayout.parse(text)


@pytest.mark.parametrize("size_hw", [(576, 768), (1080, 1920), (301, 199), (2160, 3840)])
@pytest.mark.parametrize("layout", [TileLayout(2, 2), TileLayout(3, 5), TileLayout(1, 2)])
def test_tiles_cover_the_whole_frame(size_hw, layout):
    seen = np.zeros(size_hw, dtype=np.bool_)

    for tile in layout.cut(size_hw):
        tile.crop(seen)[...] = True

    assert seen.all()
    assert len(layout.cut(size_hw)) == layout.rows * layout.columns


def test_neighbouring_tiles_overlap():
    left, right = TileLayout(1, 2).cut((100, 1000))

    assert (left.x1 - right.x0) / (left.x1 - left.x0) == pytest.approx(OVERLAP, abs=0.01)


def test_tiles_have_one_size_so_that_they_form_a_batch():
    tiles = TileLayout(3, 4).cut((1080, 1920))

    assert len({(tile.x1 - tile.x0, tile.y1 - tile.y0) for tile in tiles}) == 1


@pytest.mark.parametrize(
    ("size_hw", "count"),
    [((240, 320), 0), ((576, 768), 2), ((720, 1280), 6), ((1080, 1920), 8), ((2160, 3840), 16)],
)
def test_automatic_tiles_follow_the_size_of_the_frame(size_hw, count):
    assert len(TileLayout().cut(size_hw)) == count


def test_more_tiles_than_pixels_are_not_made():
    assert all(tile.x1 > tile.x0 for tile in TileLayout(8, 8).cut((3, 5)))


def test_tile_crops_a_view_of_the_image():
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)

    part = Tile(1, 2, 4, 4).crop(image)

    assert part.shape == (2, 3, 3)
    assert np.shares_memory(part, image)
