from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.records import EvidenceImage
from ovd.texts.languages import Language
from ovd.texts.page import KOREAN
from ovd.ui.html.gallery import choose_images, draw_gallery
from ovd.ui.report_panel import choose_bucket
from ovd.ui.session import EvidenceSelection, Session
from tests.builders import START
from tests.stages import Stage

MINUTE = timedelta(minutes=1)
AT_GATE = Session(
    camera="gate",
    time_zone="Asia/Seoul",
    evidence=EvidenceSelection("person", START, START + MINUTE),
)


def make_image(seconds: float, number: int = 0, query: str = "person") -> EvidenceImage:
    index = round(10 * seconds)
    moment = START + timedelta(seconds=seconds)
    return EvidenceImage("gate", query, moment, 1, index, number, 0.87)


def keep(stage: Stage, *images: EvidenceImage) -> None:
    for image in images:
        stage.services.evidence.put(image, b"a jpeg")
    stage.services.evidence.close()


def test_images_of_the_chosen_interval_are_shown_in_local_time(stage: Stage):
    keep(stage, make_image(5), make_image(75), make_image(5, query="car"))

    html = draw_gallery(stage.services.evidence, AT_GATE)

    assert html.count("<img") == 1
    assert 'src="data:image/jpeg;base64,YSBqcGVn"' in html
    assert "person, 2026-03-01 21:00 to 2026-03-01 21:01" in html
    assert "21:00:05 · 0.87" in html


def test_gallery_is_empty_until_a_number_is_chosen_and_says_when_nothing_is_kept(stage: Stage):
    korean = replace(AT_GATE, language=Language.KO)

    assert draw_gallery(stage.services.evidence, replace(AT_GATE, evidence=None)) == ""
    assert KOREAN.evidence_none in draw_gallery(stage.services.evidence, korean)


def test_gallery_shows_markup_in_names_as_text(stage: Stage):
    markup = "<script>alert(1)</script>"
    keep(stage, make_image(5, query=markup))
    session = replace(AT_GATE, evidence=EvidenceSelection(markup, START, START + MINUTE))

    assert "<script>" not in draw_gallery(stage.services.evidence, session)


def test_image_that_was_removed_meanwhile_is_left_out(stage: Stage, monkeypatch):
    keep(stage, make_image(5), make_image(15))
    gone = make_image(25)
    find = stage.services.evidence.find
    monkeypatch.setattr(stage.services.evidence, "find", lambda *args: (*find(*args), gone))

    assert draw_gallery(stage.services.evidence, AT_GATE).count("<img") == 2


@pytest.mark.parametrize("at_most", [4, 10, 24])
def test_chosen_images_hold_the_fullest_frame_and_are_spread(at_most: int):
    fullest = [make_image(300, number) for number in range(4)]
    others = [make_image(10 * step) for step in range(60) if step != 30]
    images = sorted([*fullest, *others], key=lambda image: image.captured_at)

    chosen = choose_images(images, at_most)

    assert at_most - 2 <= len(chosen) <= at_most
    assert set(fullest) <= set(chosen)
    assert list(chosen) == sorted(chosen, key=lambda p: (p.captured_at, p.number))
    if at_most > 10:
        assert (chosen[-1].captured_at - chosen[0].captured_at).total_seconds() > 450


def test_another_bucket_closes_the_images(stage: Stage):
    assert choose_bucket(stage.services, AT_GATE, "1h").evidence is None
