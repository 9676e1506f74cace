from dataclasses import replace

import pytest

from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus
from ovd.services.streaming.signal import has_signal
from ovd.texts.page import ENGLISH
from ovd.ui.html.camera_state import is_live, state_of
from tests.ui.samples import RUNNING


def test_camera_that_delivers_has_a_signal():
    assert has_signal(RUNNING)


def test_camera_without_frames_for_long_has_no_signal():
    assert not has_signal(replace(RUNNING, frame_age_s=5.1))


def test_slow_camera_may_take_its_time():
    assert has_signal(replace(RUNNING, counted_fps=0.1, frame_age_s=30.0))


def test_ended_camera_needs_no_signal():
    assert has_signal(replace(RUNNING, state=RunStatus.DONE, frame_age_s=900.0))


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
    assert state_of(status, ENGLISH)[1] == words


@pytest.mark.parametrize(
    ("changes", "live"),
    [({}, True), ({"frame_age_s": 60.0}, False), ({"state": RunStatus.DONE}, False)],
)
def test_camera_is_live_while_it_is_counted_and_delivers(changes: dict[str, object], live: bool):
    assert is_live(replace(RUNNING, **changes)) is live
