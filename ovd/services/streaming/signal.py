"""The signal of a camera, judged by its frames, and the word for its state."""

from ovd.domain.live import SourceState
from ovd.domain.ports import CameraStatus
from ovd.domain.records import RunStatus

NO_SIGNAL_S = 5.0
NO_SIGNAL_FRAMES = 4.0
NO_SIGNAL_STATES = (SourceState.AWAY, SourceState.FROZEN, SourceState.BLIND)
_STATES = {
    RunStatus.INTERRUPTED: "waiting",
    RunStatus.DONE: "done",
    RunStatus.STOPPED: "stopped",
    RunStatus.LOST: "failed",
    RunStatus.FAILED: "failed",
}


def has_signal(status: CameraStatus) -> bool:
    """Return whether a running camera still delivers frames, judged by the rate it had before."""
    if status.state is RunStatus.RUNNING and status.health.state in NO_SIGNAL_STATES:
        return False
    if status.state is not RunStatus.RUNNING or status.frame_age_s is None:
        return True
    usual = NO_SIGNAL_FRAMES / status.counted_fps if status.counted_fps > 0 else 0.0
    return status.frame_age_s <= max(NO_SIGNAL_S, usual)


def name_state(status: CameraStatus | None, enabled: bool) -> str:
    """Return the state of a camera: counting, waiting, stopped, failed, or done for a recording.

    Args:
        status: How it stands in the fleet; None where it is not there.
        enabled: Whether it is to be counted.
    """
    if status is None:
        return "waiting" if enabled else "stopped"
    if status.state is RunStatus.RUNNING:
        seen = status.frame_age_s is not None and has_signal(status)
        return "counting" if seen else "waiting"
    return _STATES[status.state]
