"""Distil a teacher into the embedded detector: label, check, learn, measure, keep or refuse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ovd.domain.ports import FrameSource
from ovd.errors import NotLearnedError
from ovd.training.distill.files import write_json
from ovd.training.distill.frames import FOLDER, FrameWish, KeptFrame, collect_frames
from ovd.training.distill.labelling import (
    FrameLabels,
    LabelJob,
    Steadiness,
    Teacher,
    measure_steadiness,
)
from ovd.training.distill.learning import Labelled, OnStage, Student, learn
from ovd.training.distill.outcome import NameOutcome, Outcome, Verdict, describe_outcome
from ovd.training.distill.parts import Parts, count_labels, divide
from ovd.training.distill.plan import DistillLimits, DistillPlan, begin
from ovd.training.distill.report import REPORT, LabelledFrames, write_report

LABELS, MIRRORED, RESULT = "labels.jsonl", "mirrored.jsonl", "result.json"


def _ignore(stage: str, done: int, total: int) -> None:
    """Ignore how far a stage is."""


@dataclass(frozen=True)
class Surroundings:
    """The collaborators of a distillation.

    Attributes:
        open_source: Opens the source of frames.
        ask: Makes a teacher of names.
        student: The detector that learns.
        on_stage: Called with a stage's name, what is done and the total.
        language: Language of the report.
    """

    open_source: Callable[[], FrameSource]
    ask: Callable[[Sequence[str]], Teacher]
    student: Student
    on_stage: OnStage = _ignore
    language: str = "en"


def distil(
    plan: DistillPlan, folder: Path, around: Surroundings, limits: DistillLimits | None = None
) -> Outcome:
    """Teach the student the names of a plan; go on where an interrupted call ended.

    Args:
        plan: What is distilled.
        folder: Where everything goes; the weights folder is `weights` in it.
        around: Source, teacher and student.
        limits: Numbers.

    Returns:
        What became of each name.

    Raises:
        InputError: If the folder belongs to another plan.
        NotLearnedError: If too few frames differ, or no name is found better than before; there
            is no weights folder then.
        OvdError: As source, teacher and student raise.
    """
    limits = limits or DistillLimits()
    begin(folder, plan)
    teacher = around.ask(plan.names)
    wish = FrameWish(plan.frames, plan.seconds)
    frames = collect_frames(
        around.open_source,
        folder,
        wish,
        lambda at_s: around.on_stage("frames", round(at_s), round(plan.seconds or 0)),
    )
    labels, steadiness = _label(frames, folder, teacher, around.on_stage, limits)
    parts = divide(frames, labels, teacher.min_scores())
    names = _judge_labels(teacher, labels, steadiness, parts, limits)
    usable = tuple(item for item in names if item.verdict is Verdict.LEARNED)
    outcome = Outcome(names, len(frames), len(parts.held_out), None, None, folder / REPORT)
    if usable:
        labelled = Labelled(folder, teacher, around.ask, labels, parts)
        learned = learn(usable, labelled, around.student, limits, around.on_stage)
        renewed = {item.name: item for item in learned.names}
        outcome = replace(
            outcome,
            names=tuple(renewed.get(item.name, item) for item in names),
            known=learned.known,
            weights=learned.weights,
        )
    shown = LabelledFrames(frames, labels, folder / FOLDER, teacher.min_scores())
    write_report(folder, plan, outcome, shown, around.language)
    write_json(folder / RESULT, describe_outcome(outcome))
    _require_learned(outcome, limits)
    return outcome


def _label(
    frames: Sequence[KeptFrame],
    folder: Path,
    teacher: Teacher,
    on_stage: OnStage,
    limits: DistillLimits,
) -> tuple[FrameLabels, dict[str, Steadiness]]:
    """Label all frames, and some of them mirrored."""
    images = folder / FOLDER
    on_frame = _counter("labelling", len(frames), on_stage)
    labels = teacher.label(frames, images, LabelJob(folder / LABELS, on_frame=on_frame))
    step = -(-len(frames) // limits.checked)
    checked = frames[::step]
    on_frame = _counter("checking", len(checked), on_stage)
    job = LabelJob(folder / MIRRORED, mirrored=True, on_frame=on_frame)
    mirrored = teacher.label(checked, images, job)
    return labels, measure_steadiness(labels, mirrored, teacher.min_scores())


def _counter(stage: str, total: int, on_stage: OnStage) -> Callable[[int], None]:
    return lambda done: on_stage(stage, done, total)


def _judge_labels(
    teacher: Teacher,
    labels: FrameLabels,
    steadiness: dict[str, Steadiness],
    parts: Parts,
    limits: DistillLimits,
) -> tuple[NameOutcome, ...]:
    """Tell which names have labels that can be learned from."""
    scores = teacher.min_scores()
    learned = count_labels(parts.learned, labels, scores)
    held_out = count_labels(parts.held_out, labels, scores)

    def judge(name: str) -> Verdict:
        if learned[name] < limits.least_learned or held_out[name] < limits.least_held_out:
            return Verdict.TOO_FEW
        steady = steadiness[name].share >= limits.least_steady
        return Verdict.LEARNED if steady else Verdict.UNSTEADY

    return tuple(
        NameOutcome(name, judge(name), learned[name], held_out[name], steadiness[name])
        for name in teacher.names
    )


def _require_learned(outcome: Outcome, limits: DistillLimits) -> None:
    if outcome.weights is not None:
        return
    reasons = "; ".join(_reason(item, limits) for item in outcome.names)
    if any(item.verdict is Verdict.FORGETS for item in outcome.names):
        assert outcome.known is not None
        reasons = f"the names known before lose {outcome.known.lost:.3f} AP50"
    raise NotLearnedError(
        f"nothing was learned, the detector stays as it is: {reasons}; see {outcome.report}"
    )


def _reason(item: NameOutcome, limits: DistillLimits) -> str:
    if item.verdict is Verdict.TOO_FEW:
        return (
            f"{item.name!r}: the teacher found {item.learned_from} objects to learn from and "
            f"{item.held_out} to check with, at least {limits.least_learned} and "
            f"{limits.least_held_out} are needed"
        )
    if item.verdict is Verdict.UNSTEADY:
        steady = item.steadiness
        return (
            f"{item.name!r}: the teacher finds only {steady.found} of {steady.tried} of its own "
            "labels again in mirrored frames"
        )
    assert item.before is not None
    assert item.after is not None
    return (
        f"{item.name!r}: AP50 {item.before.ap50:.2f} before, {item.after.ap50:.2f} after; "
        f"{item.before.count_error:.2f} and {item.after.count_error:.2f} objects miscounted a frame"
    )
