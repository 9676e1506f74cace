from dataclasses import replace

import pytest

from ovd.domain.records import RunStatus
from ovd.texts.page import ENGLISH
from ovd.ui.html.camera_state import ShownCamera
from ovd.ui.html.cards import card_title, empty
from ovd.ui.html.header import header
from ovd.ui.html.live_image import live_bar, live_image, overlay
from ovd.ui.html.report_table import report_table
from ovd.ui.session import Session
from tests.ui.samples import MARKUP, ROW, RUNNING, shown_camera


@pytest.mark.parametrize(
    "html",
    [
        card_title(MARKUP, MARKUP),
        empty(MARKUP),
        header([ShownCamera(MARKUP, MARKUP, None)], Session(camera=MARKUP), False),
        live_image(MARKUP, 1, (48, 64), ENGLISH).replace("<img class=", "", 1),
        overlay(ShownCamera(MARKUP, MARKUP, None), ENGLISH),
        overlay(shown_camera(replace(RUNNING, state=RunStatus.LOST, error=MARKUP)), ENGLISH),
        live_bar(ShownCamera(MARKUP, MARKUP, replace(RUNNING, uri=MARKUP)), 0, ENGLISH),
        report_table([replace(ROW, query=MARKUP)], "1m", ENGLISH),
    ],
)
def test_text_of_users_is_never_markup(html: str):
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
