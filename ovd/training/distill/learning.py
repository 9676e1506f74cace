"""Teach the student usable names, measure it before and after, and keep what is better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.domain.ports import Detector
from ovd.training.distill.frames import FOLDER
from ovd.training.distill.head import (
    Lessons,
    Rows,
    fit_head,
    install_folder,
    name_origin,
    write_head_folder,
)
from ovd.training.distill.labelling import FrameLabels, LabelJob, Teacher
from ovd.training.distill.measuring import (
    Accuracy,
    Measured,
    count_changed,
    find_frequent,
    measure,
    score_names,
)
from ovd.training.distill.outcome import KnownNames, NameOutcome, Verdict
from ovd.training.distill.parts import Parts, count_labels, write_dataset
from ovd.training.distill.plan import DistillLimits
from ovd.training.distill.threshold import scale_to_threshold

CANDIDATE, WEIGHTS = "candidate", "weights"
LEARNED_FILE, HELD_OUT_FILE = "learned.json", "held_out.json"
KNOWN_LABELS, KNOWN_FILE = "known.jsonl", "known.json"
# Of the names that the student knows the teacher is asked for these few, to see what is forgotten.
FREQUENT_NAMES, FREQUENT_FINDS = 5, 5

OnStage = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Student:
    """The detector that learns.

    Attributes:
        weights_dir: Its weights folder.
        open: Opens the detector of a weights folder.
        background: Gives `(N, D)` regions of other scenes; None where there are none.
        train: Trains the whole network on labelled frames, writes a weights folder; None where
            only names are fitted.
    """

    weights_dir: Path
    open: Callable[[Path], Detector]
    background: Callable[[], NDArray[np.float32] | None] = lambda: None
    train: Callable[[Lessons, Path, OnStage], None] | None = None


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labelled frames of a distillation.

    Attributes:
        folder: Folder of the distillation.
        teacher: Who labelled them.
        ask: Makes the same teacher of other names.
        labels: By file name.
        parts: What is learned from, and what is held out.
    """

    folder: Path
    teacher: Teacher
    ask: Callable[[Sequence[str]], Teacher]
    labels: FrameLabels
    parts: Parts

    def write(self, file: str, names: Sequence[str], held_out: bool) -> CocoDataset:
        """Write the labels of some names as a COCO file."""
        frames = self.parts.held_out if held_out else self.parts.learned
        scores = self.teacher.min_scores()
        wanted = {name: scores[name] for name in names}
        return write_dataset(self.folder / file, frames, self.labels, wanted, self.folder / FOLDER)


@dataclass(frozen=True)
class Learned:
    """The outcome of the names that could be learned.

    Attributes:
        names: Outcomes.
        known: What became of the names that were known before.
        weights: The weights folder; None where nothing is better.
    """

    names: tuple[NameOutcome, ...]
    known: KnownNames
    weights: Path | None


def learn(
    usable: Sequence[NameOutcome],
    labelled: Labelled,
    student: Student,
    limits: DistillLimits,
    on_stage: OnStage,
) -> Learned:
    """Teach names to a student, and keep the result where it is better than before.

    Names fitted to the network as it is are kept one by one: none changes another. A network that
    was trained as a whole is kept or refused as a whole.

    Args:
        usable: The names, with what their labels are.
        labelled: Frames and labels.
        student: Who learns.
        limits: Numbers.
        on_stage: Called with a stage's name, what is done and the total.
    """
    names = tuple(item.name for item in usable)
    lessons = _write_lessons(labelled, names)
    held_out = labelled.write(HELD_OUT_FILE, names, held_out=True)
    detector = student.open(student.weights_dir)
    others = tuple(name for name in detector.info.known_names if name not in names)
    before = _measure(detector, held_out, others, "before", on_stage)
    candidate = labelled.folder / CANDIDATE
    fitted = _teach(student, lessons, candidate, labelled.teacher, limits, on_stage)
    after = _measure(student.open(candidate), held_out, others, "after", on_stage)
    known = KnownNames(len(others), count_changed(before, after, others))
    if fitted is None:
        known = _ask_about_known(known, labelled, others, (before, after), on_stage)
    outcomes = _compare(usable, before, after, limits)
    if fitted is None:
        outcomes = _judge_whole(outcomes, known, (before, after), limits)
    kept = [item.name for item in outcomes if item.verdict is Verdict.LEARNED]
    if not kept:
        return Learned(outcomes, known, None)
    if fitted is not None and len(kept) < len(names):
        better = {name: fitted[name] for name in kept}
        write_head_folder(student.weights_dir, candidate, better, _origin(kept, labelled))
    install_folder(candidate, labelled.folder / WEIGHTS)
    return Learned(outcomes, known, labelled.folder / WEIGHTS)


def _write_lessons(labelled: Labelled, names: tuple[str, ...]) -> Lessons:
    dataset = labelled.write(LEARNED_FILE, names, held_out=False)
    return Lessons(dataset.path, labelled.folder / FOLDER, names)


def _origin(names: Sequence[str], labelled: Labelled) -> str:
    return name_origin(names, labelled.teacher.detector.info.name)


def _measure(
    detector: Detector,
    held_out: CocoDataset,
    others: Sequence[str],
    stage: str,
    on_stage: OnStage,
) -> Measured:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        on_stage(stage, done, len(held_out.images))

    return measure(detector, held_out, others, advance)


def _teach(
    student: Student,
    lessons: Lessons,
    candidate: Path,
    teacher: Teacher,
    limits: DistillLimits,
    on_stage: OnStage,
) -> dict[str, Rows] | None:
    """Write the weights folder of the student that learned; return the names fitted to it."""
    if student.train is not None:
        student.train(lessons, candidate, on_stage)
        return None
    fitted = fit_head(
        student.weights_dir,
        lessons,
        student.background(),
        limits.head,
        lambda done, total: on_stage("learning", done, total),
    )
    origin = name_origin(lessons.names, teacher.detector.info.name)
    write_head_folder(student.weights_dir, candidate, fitted, origin)
    learned = load_dataset(lessons.annotations, lessons.images)
    few = replace(learned, images=learned.images[:: -(-len(learned.images) // limits.scaled_on)])
    fitted = scale_to_threshold(fitted, student.open(candidate), few, student.weights_dir)
    write_head_folder(student.weights_dir, candidate, fitted, origin)
    return fitted


def _compare(
    usable: Sequence[NameOutcome], before: Measured, after: Measured, limits: DistillLimits
) -> tuple[NameOutcome, ...]:
    pairs = [(item, before.accuracy[item.name], after.accuracy[item.name]) for item in usable]
    return tuple(
        replace(item, before=old, after=new, verdict=_judge(old, new, limits))
        for item, old, new in pairs
    )


def _judge(before: Accuracy, after: Accuracy, limits: DistillLimits) -> Verdict:
    """Return whether a name is found better than before, and not counted worse."""
    is_found = after.ap50 - before.ap50 >= limits.least_gain
    is_counted = after.count_error - before.count_error <= limits.most_miscounted
    return Verdict.LEARNED if is_found and is_counted else Verdict.NOT_BETTER


def _judge_whole(
    outcomes: tuple[NameOutcome, ...],
    known: KnownNames,
    measured: tuple[Measured, Measured],
    limits: DistillLimits,
) -> tuple[NameOutcome, ...]:
    """Refuse a network that forgets, or whose names are not better taken together."""
    names = [item.name for item in outcomes]
    before, after = (one.mean_ap50(names) for one in measured)
    if known.lost > limits.most_lost:
        return tuple(replace(item, verdict=Verdict.FORGETS) for item in outcomes)
    if after - before < limits.least_gain:
        return tuple(replace(item, verdict=Verdict.NOT_BETTER) for item in outcomes)
    return outcomes


def _ask_about_known(
    known: KnownNames,
    labelled: Labelled,
    others: Sequence[str],
    measured: tuple[Measured, Measured],
    on_stage: OnStage,
) -> KnownNames:
    """Ask the teacher for the known names found most often, and score the student with them."""
    frequent = find_frequent(measured[0], others, FREQUENT_FINDS, FREQUENT_NAMES)
    if not frequent:
        return known
    frames = labelled.parts.held_out
    teacher = labelled.ask(frequent)
    job = LabelJob(
        labelled.folder / KNOWN_LABELS,
        on_frame=lambda done: on_stage("known names", done, len(frames)),
    )
    labels = teacher.label(frames, labelled.folder / FOLDER, job)
    counts = count_labels(frames, labels, teacher.min_scores())
    scores = {name: least for name, least in teacher.min_scores().items() if counts[name]}
    if not scores:
        return known
    dataset = write_dataset(
        labelled.folder / KNOWN_FILE, frames, labels, scores, labelled.folder / FOLDER
    )
    before, after = (
        float(np.mean([item.ap50 for item in found.values()]))
        for found in (
            score_names(replace(one.run, dataset=dataset), tuple(scores), one.min_score)
            for one in measured
        )
    )
    return replace(known, before=before, after=after)
