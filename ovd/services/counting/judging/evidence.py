"""Evidence over a track: a mean that forgets, and a decision that does not flicker."""

import math
from dataclasses import dataclass
from enum import Enum

# Weight of what was seen before halves in about 0.7 times this many seconds.
MEMORY_S = 1.0
TURNS_TRUE_AT = 0.6
TURNS_FALSE_AT = 0.4
# Without knowledge for so long, what was known is no longer valid.
FORGOTTEN_AFTER_S = 2.0
# Frames that must have been judged before a decision, by the interval between them.
_FRAMES_NEEDED = ((0.5, 3), (1.5, 2))


class Verdict(Enum):
    """The state of a decision."""

    YES = "yes"
    NO = "no"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass
class Evidence:
    """Belief in one condition of one track.

    Attributes:
        frames_needed: Frames that must have been judged before a decision.
        mean: Mean belief so far, in [0, 1].
        frames: Frames that were judged.
        known_at_s: Media time of the last of them.
        holds: The decision.
    """

    frames_needed: int
    mean: float = 0.5
    frames: int = 0
    known_at_s: float = -math.inf
    holds: bool = False

    def add(self, time_s: float, belief: float) -> Verdict:
        """Return the verdict after a frame; a belief of NaN is none."""
        if math.isnan(belief):
            old = time_s - self.known_at_s > FORGOTTEN_AFTER_S
            return Verdict.UNKNOWN if old else self.verdict
        step_s = max(time_s - self.known_at_s, 0.0)
        if step_s > FORGOTTEN_AFTER_S:
            self.mean, self.frames, self.holds = belief, 0, False
        else:
            # The first frames weigh alike, so that the first one is not given more than its share.
            share = max(1.0 - math.exp(-step_s / MEMORY_S), 1.0 / (self.frames + 1))
            self.mean += share * (belief - self.mean)
        self.frames += 1
        self.known_at_s = time_s
        if self.frames >= self.frames_needed:
            self.holds = self.mean >= (TURNS_FALSE_AT if self.holds else TURNS_TRUE_AT)
        return self.verdict

    @property
    def verdict(self) -> Verdict:
        """Return the decision as of the last frame."""
        if self.frames < self.frames_needed:
            return Verdict.PENDING
        return Verdict.YES if self.holds else Verdict.NO


def frames_needed(interval_s: float) -> int:
    """Return the number of frames to judge before a decision, by their interval."""
    return next((frames for longest, frames in _FRAMES_NEEDED if interval_s <= longest), 1)
