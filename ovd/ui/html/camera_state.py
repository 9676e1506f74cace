"""The state of a camera, as a word and a colour."""

from dataclasses import dataclass
from html import escape

from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus
from ovd.services.streaming.signal import has_signal
from ovd.texts.page import PageTexts

_STATE_CLASS = {
    RunStatus.RUNNING: "ok",
    RunStatus.DONE: "done",
    RunStatus.STOPPED: "idle",
    RunStatus.LOST: "bad",
    RunStatus.FAILED: "bad",
    RunStatus.INTERRUPTED: "warn",
}


@dataclass(frozen=True)
class ShownCamera:
    """A camera on the page: one of the fleet, or one that only the store knows.

    Attributes:
        name: Name of the camera.
        uri: Where it is read from, credentials removed.
        status: How it stands in the fleet, None when it is not there.
    """

    name: str
    uri: str
    status: CameraStatus | None


def is_live(status: CameraStatus) -> bool:
    """Say whether a camera is being counted and delivers frames."""
    return status.state is RunStatus.RUNNING and has_signal(status)


def state_of(status: CameraStatus | None, texts: PageTexts) -> tuple[str, str]:
    """Return CSS class and words for the state of a camera."""
    if status is None:
        return "idle", texts.state_idle
    if not has_signal(status):
        return "bad", texts.live_no_signal
    if status.state is RunStatus.RUNNING and status.frame_age_s is None:
        return "warn", texts.state_connecting
    words = {
        RunStatus.RUNNING: texts.state_running,
        RunStatus.DONE: texts.state_done,
        RunStatus.STOPPED: texts.state_stopped,
        RunStatus.LOST: texts.state_lost,
        RunStatus.FAILED: texts.state_failed,
        RunStatus.INTERRUPTED: texts.state_interrupted,
    }
    return _STATE_CLASS[status.state], words[status.state]


def state_chip(status: CameraStatus | None, texts: PageTexts) -> str:
    """Draw the state of a camera as a coloured chip with words."""
    kind, words = state_of(status, texts)
    return f'<span class="ovd-state {kind}"><i></i>{escape(words)}</span>'
