from dataclasses import replace

import pytest

from ovd.domain.live import SourceHealth, SourceState
from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus
from ovd.services.streaming.signal import has_signal
from ovd.texts.page import ENGLISH
from ovd.ui.html.camera_state import ShownCamera
from ovd.ui.html.live_image import live_bar, overlay
from tests.ui.samples import RUNNING, shown_camera


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (75.9, "1:15"), (3600, "1:00:00"), (36610, "10:10:10")]
)
def test_media_time_shows_minutes_and_hours_where_there_are_some(seconds: float, shown: str):
    assert shown in overlay(shown_camera(replace(RUNNING, media_time_s=seconds)), ENGLISH)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("/srv/clips/gate.mp4", "gate.mp4"),
        ("rtsp://10.0.0.9/stream1?token=***", "rtsp://10.0.0.9/stream1"),
        ("webcam:0", "webcam:0"),
    ],
)
def test_source_name_is_short(uri: str, shown: str):
    assert f">{shown}<" in live_bar(ShownCamera("gate", uri, None), None, ENGLISH)


def test_overlay_of_a_delivering_camera_hides_nothing():
    html = overlay(shown_camera(RUNNING), ENGLISH)

    assert "ovd-message" not in html
    assert "1:15" in html


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, ["gate is not being counted"]),
        (replace(RUNNING, frame_age_s=None), ["Waiting for the first frame"]),
        (replace(RUNNING, frame_age_s=42.4), ["No signal", "Last frame 42 s ago"]),
        (replace(RUNNING, state=RunStatus.DONE), ["Clip finished", "1,234 frames counted"]),
        (replace(RUNNING, state=RunStatus.STOPPED), ["Stopped", "1,234 frames counted"]),
        (replace(RUNNING, state=RunStatus.LOST, error="timed out"), ["Signal lost", "timed out"]),
        (replace(RUNNING, state=RunStatus.FAILED, error="disk full"), ["failed", "disk full"]),
    ],
)
def test_overlay_says_why_there_is_no_live_image(status: CameraStatus | None, words: list[str]):
    html = overlay(shown_camera(status), ENGLISH)

    assert [word for word in words if word not in html] == []


def test_live_bar_of_a_running_camera_stops_it():
    html = live_bar(shown_camera(RUNNING), None, ENGLISH)

    assert 'data-event="stop_counting"' in html
    assert "start_again" not in html
    assert "1,234" in html
    assert "5.0 / s" in html


@pytest.mark.parametrize("status", [None, replace(RUNNING, state=RunStatus.DONE)])
def test_live_bar_of_an_idle_camera_starts_it(status: CameraStatus | None):
    html = live_bar(shown_camera(status), None, ENGLISH)

    assert 'data-event="start_again"' in html
    assert "stop_counting" not in html


def test_live_bar_shows_how_far_a_file_is():
    clip = replace(RUNNING, frame_count=200)

    assert "width:50.0%" in live_bar(shown_camera(clip), 99, ENGLISH)


@pytest.mark.parametrize(("total", "index"), [(None, 99), (200, None), (200, 200)])
def test_live_bar_guesses_no_progress(total: int | None, index: int | None):
    html = live_bar(shown_camera(replace(RUNNING, frame_count=total)), index, ENGLISH)

    assert "ovd-progress" not in html


@pytest.mark.parametrize(
    "state", [SourceState.AWAY, SourceState.FROZEN, SourceState.BLIND], ids=str
)
def test_camera_that_shows_nothing_has_no_signal_and_says_why(state):
    status = replace(RUNNING, frame_age_s=0.1, health=SourceHealth(state, "cable <cut>"))

    assert not has_signal(status)
    shown = overlay(ShownCamera("gate", "rtsp://h/1", status), ENGLISH)
    assert "No signal" in shown
    assert "cable &lt;cut&gt;" in shown


def test_camera_that_is_slowed_down_says_what_was_asked_for():
    status = replace(RUNNING, frames_counted=100, counted_fps=1.2, wanted_fps=2.0, frame_age_s=0.1)

    shown = live_bar(ShownCamera("gate", "rtsp://h/1", status), 9, ENGLISH)
    assert "1.2 / s of 2.0" in shown
