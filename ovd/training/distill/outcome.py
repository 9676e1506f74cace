"""The outcome of a distillation, name by name."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ovd.training.distill.labelling import Steadiness
from ovd.training.distill.measuring import Accuracy


class Verdict(StrEnum):
    """The result for a name."""

    LEARNED = "learned"
    NOT_BETTER = "not_better"
    TOO_FEW = "too_few"
    UNSTEADY = "unsteady"
    FORGETS = "forgets"


@dataclass(frozen=True)
class NameOutcome:
    """One name.

    Attributes:
        name: What it is called.
        verdict: What became of it.
        learned_from: Objects that the teacher labelled in the frames to learn from.
        held_out: Objects that it labelled in the frames to check with.
        steadiness: How often it gives its labels again in mirrored frames.
        before: Accuracy of the student before, against the teacher; None where it was not tried.
        after: Accuracy of the student after it learned.
    """

    name: str
    verdict: Verdict
    learned_from: int
    held_out: int
    steadiness: Steadiness
    before: Accuracy | None = None
    after: Accuracy | None = None


@dataclass(frozen=True)
class KnownNames:
    """The result for the names that the student knew before.

    Attributes:
        compared: Names that were compared on the held-out frames.
        changed_frames: Frames in which any of them is found otherwise than before.
        before: Mean AP50 against the teacher before; None where the teacher was not asked.
        after: The same after.
    """

    compared: int
    changed_frames: int
    before: float | None = None
    after: float | None = None

    @property
    def lost(self) -> float:
        """Return how much AP50 was lost; 0 where it was not measured."""
        return 0.0 if self.before is None or self.after is None else self.before - self.after


@dataclass(frozen=True)
class Outcome:
    """The outcome of a distillation.

    Attributes:
        names: Outcome of each name, in the order asked for.
        frames: Frames that were labelled.
        held_out_frames: Those of them that nothing was learned from.
        known: What became of the other names; None where nothing was learned.
        weights: Weights folder that knows the names; None where nothing was learned.
        report: Page with pictures of the labels.
    """

    names: tuple[NameOutcome, ...]
    frames: int
    held_out_frames: int
    known: KnownNames | None
    weights: Path | None
    report: Path

    @property
    def learned(self) -> tuple[str, ...]:
        """Return the names that were learned."""
        return tuple(item.name for item in self.names if item.verdict is Verdict.LEARNED)


def describe_outcome(outcome: Outcome) -> dict[str, object]:
    """Return an outcome as JSON."""
    known = outcome.known
    return {
        "weights": None if outcome.weights is None else str(outcome.weights),
        "report": str(outcome.report),
        "frames": outcome.frames,
        "held_out_frames": outcome.held_out_frames,
        "names": [_describe_name(item) for item in outcome.names],
        "known_names": None
        if known is None
        else {
            "compared": known.compared,
            "changed_frames": known.changed_frames,
            "AP50_before": known.before,
            "AP50_after": known.after,
        },
    }


def _describe_name(item: NameOutcome) -> dict[str, object]:
    before, after = item.before, item.after
    return {
        "name": item.name,
        "verdict": item.verdict.value,
        "learned_from": item.learned_from,
        "held_out": item.held_out,
        "steady": item.steadiness.found,
        "steady_of": item.steadiness.tried,
        "AP50_before": None if before is None else before.ap50,
        "AP50_after": None if after is None else after.ap50,
        "count_error_before": None if before is None else before.count_error,
        "count_error_after": None if after is None else after.count_error,
    }
