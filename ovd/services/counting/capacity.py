"""Capacity: how many cameras this machine can count."""

from collections.abc import Sequence

from ovd.domain.live import SourceState
from ovd.domain.ports import CameraStatus, Capacity
from ovd.domain.records import RunStatus

# Frames over which the rate of a camera is measured.
RATE_WINDOW = 20
# Sampling by arrival makes rates wander a little; below this share a camera is slowed down.
_FULL_SPEED = 0.85


def measure_capacity(frames_per_s: float | None, statuses: Sequence[CameraStatus]) -> Capacity:
    """Compare what the detector gets through with what these cameras ask for.

    Args:
        frames_per_s: Frames that the detector gets through in a second; None while unknown.
        statuses: How the cameras stand.
    """
    live = [
        status
        for status in statuses
        if status.state is RunStatus.RUNNING and status.wanted_fps is not None
    ]
    slowed = tuple(status.camera for status in live if is_slowed(status))
    wanted_fps = sum(status.wanted_fps or 0.0 for status in live)
    return Capacity(frames_per_s, wanted_fps, len(live), slowed)


def is_slowed(status: CameraStatus) -> bool:
    """Return whether a camera that sends frames gets fewer of them counted than it asks for."""
    if status.wanted_fps is None or status.health.state is not SourceState.GOOD:
        return False
    settled = status.state is RunStatus.RUNNING and status.frames_counted >= RATE_WINDOW
    return settled and 0 < status.counted_fps < _FULL_SPEED * status.wanted_fps
