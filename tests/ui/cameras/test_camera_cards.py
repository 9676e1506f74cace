from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ovd.domain.cameras import Camera, CameraQuery
from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import Capacity
from ovd.texts.languages import Language
from ovd.texts.page import page_texts
from ovd.texts.page.cameras import CAMERA_TEXTS, camera_texts
from ovd.ui.cameras.camera_cards import (
    CardWords,
    ListedCamera,
    describe_age,
    describe_load,
    draw_cards,
)
from tests.builders import START, make_query
from tests.ui.samples import MARKUP, RUNNING

TEXTS = camera_texts(Language.EN)
WORDS = CardWords(TEXTS, page_texts(Language.EN), ZoneInfo("Asia/Seoul"), START)
GATE = Camera(1, "gate", "rtsp://192.0.2.7/1", START, enabled=True)


def test_card_shows_rate_age_and_queries():
    status = replace(RUNNING, wanted_fps=10.0, frame_age_s=4.0)

    html = draw_cards([ListedCamera("gate", GATE, status)], WORDS)

    assert "5.0 of 10 per second" in html
    assert "4 s ago" in html
    assert "<dd>person</dd>" in html
    assert 'data-camera-act="stop"' in html


def test_korean_card_calls_queries_by_their_korean_names():
    asked = replace(GATE, queries=(CameraQuery("persn"), CameraQuery("보행자")))
    running = (replace(make_query("persn"), read_as="person"),)
    status = replace(RUNNING, queries=running)
    korean = replace(WORDS, texts=camera_texts(Language.KO))

    html = draw_cards([ListedCamera("gate", asked, status)], korean)

    assert "사람, 보행자" in html


def test_lost_camera_says_since_when_in_the_zone_of_the_tab():
    health = SourceHealth(SourceState.AWAY, "no answer")
    status = replace(RUNNING, frame_age_s=90.0, health=health)

    html = draw_cards([ListedCamera("gate", GATE, status)], WORDS)

    assert "No signal since 20:58:30 · no answer" in html
    assert "per second" not in html


def test_camera_that_is_not_counted_can_be_started():
    html = draw_cards([ListedCamera("gate", replace(GATE, enabled=False), None)], WORDS)

    assert 'data-camera-act="start"' in html
    assert "the saved queries" in html


def test_names_are_text_never_markup():
    camera = replace(GATE, name=MARKUP)

    assert MARKUP not in draw_cards([ListedCamera(MARKUP, camera, None)], WORDS)


def test_load_says_how_many_more_cameras_fit():
    assert describe_load(Capacity(None, 0.0, 0, ()), TEXTS) == ""
    assert "about 2 more cameras" in describe_load(Capacity(14.0, 9.0, 4, ()), TEXTS)
    assert "No more cameras" in describe_load(Capacity(14.0, 13.0, 6, ()), TEXTS)
    assert "Slowed down: gate" in describe_load(Capacity(14.0, 20.0, 6, ("gate",)), TEXTS)


@pytest.mark.parametrize(
    ("age", "words"),
    [(1, "now"), (30, "30 s ago"), (150, "2 min ago"), (timedelta(hours=5).seconds, "5 h ago")],
)
def test_age_is_told_in_words(age: int, words: str):
    assert describe_age(float(age), TEXTS) == words


def test_every_language_fills_the_same_places():
    for name, english in vars(camera_texts(Language.EN)).items():
        places = {part.partition("}")[0] for part in english.split("{")[1:]}
        for texts in CAMERA_TEXTS.values():
            text = vars(texts)[name]
            assert {part.partition("}")[0] for part in text.split("{")[1:]} == places, name
