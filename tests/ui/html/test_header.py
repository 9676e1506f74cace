from ovd.texts.languages import Language
from ovd.ui.html.camera_state import ShownCamera
from ovd.ui.html.header import header
from ovd.ui.session import Session
from tests.ui.samples import RUNNING, shown_camera


def test_header_marks_the_camera_looked_at():
    rows = [shown_camera(RUNNING), ShownCamera("yard", "yard.mp4", None)]

    html = header(rows, Session(camera="yard"), False)

    assert 'data-value="yard" aria-pressed="true"' in html
    assert 'data-value="gate" aria-pressed="false"' in html


def test_header_marks_no_camera_while_one_is_added():
    html = header([shown_camera(RUNNING)], Session(camera="gate"), True)

    assert 'data-value="gate" aria-pressed="false"' in html
    assert 'data-event="open_form" aria-pressed="true"' in html


def test_header_without_cameras_has_no_dead_button():
    assert "open_form" not in header([], Session(), True)


def test_header_marks_the_language():
    html = header([], Session(language=Language.KO), False)

    assert 'data-value="ko" lang="ko" aria-pressed="true">한국어' in html
    assert 'data-value="en" lang="en" aria-pressed="false">English' in html
