"""Capacity: how many cameras this machine can count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ovd.domain.live import SourceState
from ovd.domain.records import RunStatus
from ovd.services.counting.worker import RATE_WINDOW, CameraStatus

# Sampling by arrival makes rates wander a little; below this share a camera is slowed down.
_FULL_SPEED = 0.85


@dataclass(frozen=True)
class Capacity:
    """What the machine gets through, and what is asked of it.

    Attributes:
        frames_per_s: Frames that the detector gets through in a second; None while unknown.
        wanted_fps: Frames per second that the running cameras ask for.
        cameras: Live cameras that are being counted.
        slowed: Names of those that get fewer frames counted than they ask for.
    """

    frames_per_s: float | None
    wanted_fps: float
    cameras: int
    slowed: tuple[str, ...]

    @classmethod
    def of(cls, frames_per_s: float | None, statuses: Sequence[CameraStatus]) -> Self:
        """Judge how cameras stand."""
        live = [
            status
            for status in statuses
            if status.state is RunStatus.RUNNING and status.wanted_fps is not None
        ]
        slowed = tuple(status.camera for status in live if is_slowed(status))
        wanted_fps = sum(status.wanted_fps or 0.0 for status in live)
        return cls(frames_per_s, wanted_fps, len(live), slowed)

    def cameras_at(self, fps: float) -> int | None:
        """How many cameras could be counted at this rate; None while unknown."""
        return None if self.frames_per_s is None else int(self.frames_per_s / fps)


def is_slowed(status: CameraStatus) -> bool:
    """Whether a camera that sends pictures gets fewer of them counted than it asks for."""
    if status.wanted_fps is None or status.health.state is not SourceState.GOOD:
        return False
    settled = status.state is RunStatus.RUNNING and status.frames_counted >= RATE_WINDOW
    return settled and 0 < status.counted_fps < _FULL_SPEED * status.wanted_fps
