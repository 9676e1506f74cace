from pathlib import Path

import pytest

from ovd.domain.zones import Anchor, LineZone, MaskKind, PolygonZone
from ovd.errors import ZoneError
from ovd.tracking.zone_file import load_masks, load_zones

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "pedestrians.toml"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "zones.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_zones_of_a_file_are_read_with_their_truth(tmp_path):
    path = write(
        tmp_path,
        """
        camera = "gate"
        [[zones]]
        name = "문"
        kind = "line"
        points = [[0, 0.5], [1, 0.5]]
        anchor = "center"
        true_in = 3
        [[zones]]
        name = "hall"
        kind = "polygon"
        points = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
        """,
    )

    door, hall = load_zones(path)

    assert door.zone == LineZone("문", ((0.0, 0.5), (1.0, 0.5)), Anchor.CENTER)
    assert (door.true_in, door.true_out) == (3, None)
    assert isinstance(hall.zone, PolygonZone)


def test_sample_has_zones():
    assert [truth.zone.name for truth in load_zones(SAMPLE)] == ["west", "east", "junction"]


LINE = '[[zones]]\nname = "a"\nkind = "line"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no zone"),
        ("zones = 3", "has no zone"),
        ("zones = [3]", "zone 1 of .* is no table"),
        ("[[zones]", "cannot be read as TOML"),
        (LINE, "has no 'points'"),
        (LINE + "points = 4", "points are a list"),
        (LINE + "points = [[0, 1, 2]]", r"two numbers such as \[0.1, 0.5\], got \[0, 1, 2\]"),
        (LINE + 'points = [["a", "b"]]', "two numbers"),
        (LINE + "points = [[true, 0]]", "two numbers"),
        (LINE + "points = [[0, 0], [1, 1]]\ncolour = 3", "unknown key 'colour'"),
        (LINE + "points = [[0, 0], [1, 1]]\nanchor = 3", "texts in quotes"),
        (LINE + "points = [[0, 0], [1, 1]]\ntrue_in = -1", "whole number from 0, got -1"),
        (LINE + "points = [[0, 0], [2, 1]]", "outside the image"),
        (2 * (LINE + "points = [[0, 0], [1, 1]]\n"), "two zones are named 'a'"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path, text, problem):
    with pytest.raises(ZoneError, match=problem):
        load_zones(write(tmp_path, text))


def test_missing_and_unreadable_files_are_refused(tmp_path):
    with pytest.raises(ZoneError, match="does not exist"):
        load_zones(tmp_path / "none.toml")
    with pytest.raises(ZoneError, match="cannot be read"):
        load_zones(tmp_path)


def test_zone_file_with_a_byte_order_mark_is_read(tmp_path):
    text = '[[zones]]\nname = "door"\nkind = "line"\npoints = [[0.2, 0.6], [0.3, 0.2]]\n'
    path = tmp_path / "zones.toml"
    path.write_text(text, encoding="utf-8-sig")

    assert [truth.zone.name for truth in load_zones(path)] == ["door"]


def test_masks_of_a_file_are_read(tmp_path):
    path = write(
        tmp_path,
        '[[masks]]\nname = "desk"\nkind = "privacy"\npoints = [[0, 0], [1, 0], [1, 1]]\n'
        '[[masks]]\nname = "statue"\nkind = "ignore"\nquery = "person"\n'
        "points = [[0, 0], [1, 0], [1, 1]]\n",
    )

    desk, statue = load_masks(path)

    assert (desk.kind, statue.kind, statue.query) == (MaskKind.PRIVACY, MaskKind.IGNORE, "person")
    assert load_zones(path) == ()
    assert load_masks(SAMPLE) == ()


def test_mask_with_an_unknown_key_is_refused(tmp_path):
    text = '[[masks]]\nname = "a"\nkind = "ignore"\npoints = [[0, 0], [1, 0], [1, 1]]\ncolour = 1\n'

    with pytest.raises(ZoneError, match="colour"):
        load_masks(write(tmp_path, text))
