from dataclasses import replace
from datetime import timedelta

import pytest

from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.records import RunStatus, StoreHealth, StoreState
from ovd.services.counting.capacity import Capacity
from ovd.services.counting.worker import CameraStatus
from ovd.services.reports.rows import ReportRow
from ovd.texts.page import ENGLISH, KOREAN, Language
from ovd.ui import view
from ovd.ui.session import Session
from ovd.ui.view import CameraRow
from tests.builders import START, make_query

MARKUP = "<img src=x onerror=alert(1)>"
RUNNING = CameraStatus(
    camera="gate",
    uri="rtsp://10.0.0.9/stream1?token=***",
    state=RunStatus.RUNNING,
    error="",
    queries=(make_query("person"),),
    run_id=3,
    frames_counted=1234,
    frame_count=None,
    counted_fps=5.0,
    media_time_s=75.4,
    frame_age_s=0.2,
)
ROW = ReportRow(
    camera="gate",
    query="person",
    bucket_start=START,
    bucket_end=START + timedelta(minutes=1),
    observed_s=54.0,
    samples=540,
    mean_count=2.5,
    max_count=7,
    unique=None,
    crossed_in=None,
    crossed_out=None,
    coverage=0.9,
)
UNSEEN = replace(ROW, observed_s=0.0, samples=0, mean_count=None, max_count=None, coverage=0.0)


def row_of(status: CameraStatus | None) -> CameraRow:
    return CameraRow("gate", "clip.mp4", status)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (75.9, "1:15"), (3600, "1:00:00"), (36610, "10:10:10")]
)
def test_clock_shows_minutes_and_hours_where_there_are_some(seconds: float, shown: str):
    assert view.clock(seconds) == shown


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("/srv/clips/gate.mp4", "gate.mp4"),
        ("rtsp://10.0.0.9/stream1?token=***", "rtsp://10.0.0.9/stream1"),
        ("webcam:0", "webcam:0"),
    ],
)
def test_source_name_is_short(uri: str, shown: str):
    assert view.source_name(uri) == shown


def test_camera_that_delivers_has_a_signal():
    assert view.has_signal(RUNNING)


def test_camera_without_frames_for_long_has_no_signal():
    assert not view.has_signal(replace(RUNNING, frame_age_s=5.1))


def test_slow_camera_may_take_its_time():
    assert view.has_signal(replace(RUNNING, counted_fps=0.1, frame_age_s=30.0))


def test_ended_camera_needs_no_signal():
    assert view.has_signal(replace(RUNNING, state=RunStatus.DONE, frame_age_s=900.0))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "Not counting"),
        (RUNNING, "Counting"),
        (replace(RUNNING, frame_age_s=None), "Connecting"),
        (replace(RUNNING, frame_age_s=60.0), "No signal"),
        (replace(RUNNING, state=RunStatus.DONE), "Finished"),
        (replace(RUNNING, state=RunStatus.STOPPED), "Stopped"),
        (replace(RUNNING, state=RunStatus.LOST), "Signal lost"),
        (replace(RUNNING, state=RunStatus.FAILED), "Failed"),
        (replace(RUNNING, state=RunStatus.INTERRUPTED), "Interrupted"),
    ],
)
def test_state_has_words(status: CameraStatus | None, words: str):
    assert view.state_of(status, ENGLISH)[1] == words


def test_header_marks_the_camera_looked_at():
    rows = [row_of(RUNNING), CameraRow("yard", "yard.mp4", None)]

    html = view.header(rows, Session(camera="yard"), False)

    assert 'data-value="yard" aria-pressed="true"' in html
    assert 'data-value="gate" aria-pressed="false"' in html


def test_header_marks_no_camera_while_one_is_added():
    html = view.header([row_of(RUNNING)], Session(camera="gate"), True)

    assert 'data-value="gate" aria-pressed="false"' in html
    assert 'data-event="open_form" aria-pressed="true"' in html


def test_header_without_cameras_has_no_dead_button():
    assert "open_form" not in view.header([], Session(), True)


def test_header_marks_the_language():
    html = view.header([], Session(language=Language.KO), False)

    assert 'data-value="ko" lang="ko" aria-pressed="true">한국어' in html
    assert 'data-value="en" lang="en" aria-pressed="false">English' in html


def test_overlay_of_a_delivering_camera_hides_nothing():
    html = view.overlay(row_of(RUNNING), ENGLISH)

    assert "ovd-message" not in html
    assert "1:15" in html


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, ["gate is not being counted"]),
        (replace(RUNNING, frame_age_s=None), ["Waiting for the first frame"]),
        (replace(RUNNING, frame_age_s=42.4), ["No signal", "Last picture 42 s ago"]),
        (replace(RUNNING, state=RunStatus.DONE), ["Clip finished", "1,234 frames counted"]),
        (replace(RUNNING, state=RunStatus.STOPPED), ["Stopped", "1,234 frames counted"]),
        (replace(RUNNING, state=RunStatus.LOST, error="timed out"), ["Signal lost", "timed out"]),
        (replace(RUNNING, state=RunStatus.FAILED, error="disk full"), ["failed", "disk full"]),
    ],
)
def test_overlay_says_why_there_is_no_live_picture(status: CameraStatus | None, words: list[str]):
    html = view.overlay(row_of(status), ENGLISH)

    assert [word for word in words if word not in html] == []


def test_live_bar_of_a_running_camera_stops_it():
    html = view.live_bar(row_of(RUNNING), None, ENGLISH)

    assert 'data-event="stop_counting"' in html
    assert "start_again" not in html
    assert "1,234" in html
    assert "5.0 / s" in html


@pytest.mark.parametrize("status", [None, replace(RUNNING, state=RunStatus.DONE)])
def test_live_bar_of_an_idle_camera_starts_it(status: CameraStatus | None):
    html = view.live_bar(row_of(status), None, ENGLISH)

    assert 'data-event="start_again"' in html
    assert "stop_counting" not in html


def test_live_bar_shows_how_far_a_file_is():
    clip = replace(RUNNING, frame_count=200)

    assert "width:50.0%" in view.live_bar(row_of(clip), 99, ENGLISH)


@pytest.mark.parametrize(("total", "index"), [(None, 99), (200, None), (200, 200)])
def test_live_bar_guesses_no_progress(total: int | None, index: int | None):
    html = view.live_bar(row_of(replace(RUNNING, frame_count=total)), index, ENGLISH)

    assert "ovd-progress" not in html


@pytest.mark.parametrize(
    ("changes", "live"),
    [({}, True), ({"frame_age_s": 60.0}, False), ({"state": RunStatus.DONE}, False)],
)
def test_camera_is_live_while_it_is_counted_and_delivers(changes: dict[str, object], live: bool):
    assert view.is_live(replace(RUNNING, **changes)) is live


def test_report_table_names_a_time_once():
    rows = [ROW, replace(ROW, query="car", mean_count=0.0, max_count=0)]

    html = view.report_table(rows, "1m", ENGLISH)

    assert html.count("2026-03-01 12:00") == 1
    assert 'rowspan="2"' in html
    assert "2.50" in html
    assert "90%" in html


def test_report_table_shows_no_numbers_where_nothing_was_observed():
    html = view.report_table([UNSEEN], "1m", ENGLISH)

    assert "not observed" in html
    assert ">0" not in html


@pytest.mark.parametrize(
    ("bucket", "shown"), [("1s", "2026-03-01 12:00:00<"), ("1d", "2026-03-01<")]
)
def test_report_table_is_as_precise_as_its_buckets(bucket: str, shown: str):
    assert shown in view.report_table([ROW], bucket, ENGLISH)


@pytest.mark.parametrize(
    "html",
    [
        view.card_title(MARKUP, MARKUP),
        view.empty(MARKUP),
        view.header([CameraRow(MARKUP, MARKUP, None)], Session(camera=MARKUP), False),
        view.picture(MARKUP, 1, (48, 64), ENGLISH).replace("<img class=", "", 1),
        view.overlay(CameraRow(MARKUP, MARKUP, None), ENGLISH),
        view.overlay(row_of(replace(RUNNING, state=RunStatus.LOST, error=MARKUP)), ENGLISH),
        view.live_bar(CameraRow(MARKUP, MARKUP, replace(RUNNING, uri=MARKUP)), 0, ENGLISH),
        view.report_table([replace(ROW, query=MARKUP)], "1m", ENGLISH),
    ],
)
def test_text_of_users_is_never_markup(html: str):
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_store_in_order_has_no_notice():
    assert view.store_notice(StoreHealth(StoreState.GOOD, 3, 5), ENGLISH) == ""


@pytest.mark.parametrize(("texts", "words"), [(ENGLISH, "nearly full"), (KOREAN, "거의 찼습니다")])
def test_store_without_room_says_so_in_the_language_of_the_page(texts, words):
    health = StoreHealth(StoreState.LOW_SPACE, 0, 12_400_000, "detail")

    notice = view.store_notice(health, texts)

    assert words in notice
    assert "12 MB" in notice


def test_store_that_cannot_write_says_how_much_waits_and_why():
    health = StoreHealth(StoreState.FAILING, 1234, None, f"the disk is full {MARKUP}")

    notice = view.store_notice(health, ENGLISH)

    assert "1,234 wait in memory: the disk is full" in notice
    assert MARKUP not in notice
    assert 'role="alert"' in notice


@pytest.mark.parametrize(
    "state", [SourceState.AWAY, SourceState.FROZEN, SourceState.BLIND], ids=str
)
def test_camera_that_shows_nothing_has_no_signal_and_says_why(state):
    status = replace(RUNNING, frame_age_s=0.1, health=SourceHealth(state, "cable <cut>"))

    assert not view.has_signal(status)
    shown = view.overlay(view.CameraRow("gate", "rtsp://h/1", status), ENGLISH)
    assert "No signal" in shown
    assert "cable &lt;cut&gt;" in shown


def test_camera_that_is_slowed_down_says_what_was_asked_for():
    status = replace(RUNNING, frames_counted=100, counted_fps=1.2, wanted_fps=2.0, frame_age_s=0.1)

    shown = view.live_bar(view.CameraRow("gate", "rtsp://h/1", status), 9, ENGLISH)
    assert "1.2 / s of 2.0" in shown


def test_capacity_is_told_once_it_is_known():
    known, unknown = Capacity(14.4, 4.0, 2, ()), Capacity(None, 4.0, 2, ())

    assert view.capacity(known, 2.0, ENGLISH).endswith("14 frames per second: 7 cameras at 2 each.")
    assert view.capacity(unknown, 2.0, ENGLISH) == ""
