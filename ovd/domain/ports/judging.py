"""Port of what judges crops: an expensive model beside a cheap detector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ovd.domain.frame import Image


class CropJudge(Protocol):
    """Tells how well crops fit texts. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Return its name, as in `--verify`."""
        ...

    @property
    def default_min_score(self) -> float:
        """Return the score in [0, 1] from which a judged object counts."""
        ...

    def judge(self, crops: Sequence[Image], texts: Sequence[str]) -> NDArray[np.float32]:
        """Return `(N,)` scores in [0, 1] of N square RGB crops, each for its own text.

        Raises:
            OvdError: If a text cannot be asked, or the judge cannot be computed here.
        """
        ...


# Seconds after which objects that wait for their first judgement tell that the judge is behind.
BEHIND_AFTER_S = 5.0


@dataclass(frozen=True)
class JudgeStatus:
    """The progress of the judge of a run.

    Attributes:
        name: Its name, as in `--verify`.
        min_score: Combined score from which an object counts.
        judged: Judgements of this run.
        pending: Objects in the newest frame that were not judged yet.
        waited_s: For how long the oldest of them has waited, in media time.
        cost_s: Seconds that a judgement takes lately; None before the first.
        wanted_per_s: Judgements per second that the budget allows.
        per_s: Judgements per second that are made at most; less where the judge is too slow.
    """

    name: str
    min_score: float
    judged: int = 0
    pending: int = 0
    waited_s: float = 0.0
    cost_s: float | None = None
    wanted_per_s: float = 5.0
    per_s: float = 5.0

    @property
    def is_slow(self) -> bool:
        """Return whether it is asked less often than the budget allows, as it takes too long."""
        return self.per_s < self.wanted_per_s

    @property
    def is_behind(self) -> bool:
        """Return whether objects wait longer than usual for their first judgement."""
        return self.waited_s > BEHIND_AFTER_S

    @property
    def note(self) -> str:
        """Return what is wrong, in English; empty where nothing is."""
        parts = []
        if self.is_slow and self.cost_s is not None:
            parts.append(
                f"the judge {self.name} takes {1000 * self.cost_s:.0f} ms; {self.per_s:.1f} tracks "
                f"are judged per second instead of {self.wanted_per_s:g}"
            )
        if self.is_behind:
            parts.append(
                f"the judge {self.name} is behind: {self.pending} objects are not judged yet, the "
                f"oldest for {self.waited_s:.0f} s"
            )
        return "; ".join(parts)


@dataclass(frozen=True)
class Verification:
    """A judge, and how often it is asked.

    Attributes:
        judge: Decides once per track.
        min_score: Combined score from which an object counts; see `TrackVerifier`.
        per_s: Most judgements per second.
        again_s: Seconds after which a track is judged again.
    """

    judge: CropJudge
    min_score: float
    per_s: float = 5.0
    again_s: float = 10.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.min_score <= 1.0 or self.per_s <= 0 or self.again_s <= 0:
            raise ValueError(f"min_score in [0, 1], per_s and again_s above 0, got {self}")

    @property
    def recorded_as(self) -> str:
        """Return what a run records beside its detector."""
        return f"{self.judge.name}@{self.min_score:g}"
