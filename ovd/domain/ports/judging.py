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
