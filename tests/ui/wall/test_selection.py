import pytest

from ovd.errors import InputError
from ovd.ui.wall.selection import WallSelection, fitting_layout

NAMES = tuple(f"camera {number}" for number in range(7))


def test_wall_shows_as_many_cameras_as_it_has_tiles():
    assert WallSelection(4).shown(NAMES) == NAMES[:4]
    assert WallSelection(4, page=1).shown(NAMES) == NAMES[4:]
    assert WallSelection(16).shown(NAMES) == NAMES


def test_wall_whose_cameras_were_removed_shows_its_last_page():
    assert WallSelection(4, page=3).shown(NAMES) == NAMES[4:]


def test_pages_go_round():
    first = WallSelection(4)

    assert first.changed("after", 7).page == 1
    assert first.changed("before", 7).page == 1
    assert first.changed("after", 7).changed("after", 7).page == 0


def test_another_number_of_tiles_begins_with_the_first_camera():
    assert WallSelection(4, page=1).changed("9", 7) == WallSelection(9)


@pytest.mark.parametrize("choice", ["", "2", "-4", "1e1", "all"])
def test_what_is_no_choice_is_refused(choice: str):
    with pytest.raises(InputError, match="1, 4, 9, 16"):
        WallSelection(4).changed(choice, 7)


@pytest.mark.parametrize(("cameras", "tiles"), [(0, 1), (1, 1), (2, 4), (5, 9), (16, 16), (40, 16)])
def test_wall_opens_with_the_tiles_that_its_cameras_need(cameras: int, tiles: int):
    assert fitting_layout(cameras) == tiles
