from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.services.history.today import DayNumbers
from ovd.texts.languages import Language
from ovd.texts.page import page_texts
from ovd.texts.page.wall import wall_texts
from ovd.ui.wall.selection import WallSelection
from ovd.ui.wall.tiles import Tile, WallWords, draw_day, draw_tile, draw_wall
from tests.builders import START, make_query
from tests.ui.samples import MARKUP, RUNNING, shown_camera

ENGLISH, KOREAN = wall_texts(Language.EN), wall_texts(Language.KO)
SEOUL = ZoneInfo("Asia/Seoul")
PERSON = make_query("person")
AT_GATE = shown_camera(RUNNING)


def words(language: Language = Language.EN) -> WallWords:
    return WallWords(page_texts(language), wall_texts(language), SEOUL, START)


def make_tile(camera=AT_GATE, today=None, count: int = 3) -> Tile:
    numbers = {} if today is None else {"person": today}
    return Tile(camera, (PERSON,), {"person": "#2f7fe0"}, {"person": count}, numbers, (48, 64))


def test_tile_shows_state_counts_and_the_image_of_its_camera():
    html = draw_tile(make_tile(today=DayNumbers(9, 5, 4)), words())

    assert 'data-live="gate"' in html
    assert ">Counting<" in html
    assert ">3</b>" in html
    assert "\u2192 5 \u2190 4" in html


def test_camera_without_lines_tells_how_many_different_objects_there_were_today():
    assert draw_day(DayNumbers(1234, None, None), ENGLISH) == "<small>1,234 different today</small>"
    assert "오늘 서로 다른 7" in draw_day(DayNumbers(7, None, None), KOREAN)
    assert draw_day(DayNumbers(None, None, None), ENGLISH) == "<small></small>"


@pytest.mark.parametrize(
    ("age_s", "since"), [(600.0, "No image since 20:50"), (86400.0, "since 2026-02-28 21:00")]
)
def test_lost_camera_says_since_when_there_is_no_image(age_s: float, since: str):
    camera = shown_camera(replace(RUNNING, frame_age_s=age_s))

    html = draw_tile(make_tile(camera), words())

    assert since in html
    assert 'class="ovd-tile bad"' in html


def test_count_of_a_camera_that_is_silent_is_marked_as_old():
    camera = shown_camera(replace(RUNNING, frame_age_s=600.0))

    assert '<b class="old">3</b>' in draw_tile(make_tile(camera), words())


def test_tile_escapes_names():
    camera = replace(shown_camera(RUNNING), name=MARKUP)

    html = draw_tile(make_tile(camera), words()) + draw_wall([MARKUP], WallSelection(4), ENGLISH)

    assert "<img" not in html


def test_wall_has_a_place_for_each_camera_that_it_shows():
    html = draw_wall(["a", "b", "c", "d", "e"], WallSelection(4, page=1), ENGLISH)

    assert 'data-tile="e"' in html
    assert 'data-tile="a"' not in html
    assert "5\u20135 of 5" in html


def test_wall_without_cameras_says_so():
    assert ENGLISH.empty in draw_wall([], WallSelection(4), ENGLISH)


def test_time_of_another_day_comes_with_its_date():
    camera = shown_camera(replace(RUNNING, frame_age_s=timedelta(days=2).total_seconds()))

    assert "2026-02-27" in draw_tile(make_tile(camera), words(Language.KO))
