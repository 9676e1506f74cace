"""Turn the predictions of several teachers into labels, ignored boxes, and absences.

The teachers have looked once; the file holds their fused boxes, a line of JSON per image. What
they agree on becomes a label, what only some of them see silences its place, and where they see
nothing there probably is nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ovd.errors import DatasetError
from ovd.training.data.examples import Boxes
from ovd.training.teacher.pseudo_labels import PseudoLabels

FUSED = "fused"
HOW_TO_MAKE = (
    "let the teachers look at the images first (docs/training.md), or leave "
    "data.teacher_labels out to train without them"
)


@dataclass(frozen=True)
class TrustConfig:
    """Say how far teachers are believed.

    Attributes:
        least: Fused boxes below this score say nothing at all; from it on they silence their
            place.
        scores: Fused scores, rising.
        precision: How often a box of each of these scores is right, measured on labelled images;
            between them it is interpolated. It becomes the trust that a box is learned with.
        source_least_trust: Per source whose images the teachers misjudge, the trust below which
            a box of theirs only silences its place; images go by the folder that they lie in.
    """

    least: float = 0.10
    scores: tuple[float, ...] = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7)
    precision: tuple[float, ...] = (0.3, 0.43, 0.58, 0.68, 0.78, 0.84, 0.88, 0.93, 0.98)
    source_least_trust: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.precision) or sorted(self.scores) != list(self.scores):
            raise ValueError(
                f"as many rising scores as precisions wanted, got {self.scores} and "
                f"{self.precision}"
            )


@dataclass(frozen=True)
class Seen:
    """Hold one box that a teacher saw.

    Attributes:
        name: What it calls it.
        score: How sure it is, in [0, 1].
        xyxy: Corners in pixels of the image as stored.
        teacher: `fused`, or the name of a teacher that speaks for itself.
    """

    name: str
    score: float
    xyxy: tuple[float, float, float, float]
    teacher: str


def load_teacher_labels(
    paths: Sequence[Path], names: Sequence[str], config: TrustConfig | None = None
) -> dict[str, PseudoLabels]:
    """Read the fused labels of the teachers, by the name of the image below its folder.

    Args:
        paths: Files of JSON lines; of an image that appears again the last line counts.
        names: What the teachers know. Where they see no such thing it counts as weakly absent.
        config: How far to believe them.

    Returns:
        Boxes whose soft score is the chance of being right, and names held absent elsewhere.

    Raises:
        DatasetError: If a file is missing or a line is wrong.
    """
    config = config or TrustConfig()
    known = frozenset(names)
    labels = {}
    for path in paths:
        for file_name, seen in read_seen(path):
            fused = [item for item in seen if item.teacher == FUSED and item.name in known]
            labels[file_name] = PseudoLabels(believe(fused, file_name, config), known)
    return labels


def believe(seen: Sequence[Seen], file_name: str, config: TrustConfig) -> Boxes:
    """Give each box the trust that its score earns; drop those that say nothing.

    A box of a source that the teachers misjudge keeps a trust of at most its precision, and one
    below that source's least trust becomes a doubt: nothing is learned at its place.
    """
    kept = [item for item in seen if item.score >= config.least and _has_area(item.xyxy)]
    score = np.array([item.score for item in kept], dtype=np.float64)
    trust = np.interp(score, config.scores, config.precision).astype(np.float32)
    least = config.source_least_trust.get(file_name.split("/")[0], 0.0)
    nothing: tuple[Mapping[str, str], ...] = ({},) * len(kept)
    return Boxes(
        np.array([item.xyxy for item in kept], dtype=np.float32).reshape(-1, 4),
        tuple(item.name for item in kept),
        nothing,
        trust,
        np.asarray(trust < least, dtype=np.bool_),
    )


def read_seen(path: Path) -> Iterator[tuple[str, list[Seen]]]:
    """Read images and what was seen in each.

    A last line that was cut off, as by a run that was stopped, is left out.

    Raises:
        DatasetError: If the file is missing or another line is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"there are no teachers' labels at {path} ({error.strerror}); {HOW_TO_MAKE}"
        ) from error
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if line.endswith(b"\n"):
            yield _parse_line(line, f"{path}: line {number}")


def _parse_line(line: bytes, at: str) -> tuple[str, list[Seen]]:
    try:
        record = json.loads(line)
        seen = [
            Seen(
                str(row["label"]),
                float(row["score"]),
                _corners(row["box"]),
                str(row["teacher"]),
            )
            for row in record["detections"]
        ]
        file_name = str(record["image"])
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{at} must be an object with image and detections of label, score, box and teacher: "
            f"{error!r}"
        ) from error
    if not all(0 <= item.score <= 1 and np.isfinite(item.xyxy).all() for item in seen):
        raise DatasetError(f"{at} has a score outside [0, 1] or a box without finite corners")
    return file_name, seen


def _corners(values: Sequence[float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(value) for value in values)
    return x0, y0, x1, y1


def _has_area(xyxy: tuple[float, float, float, float]) -> bool:
    return xyxy[2] > xyxy[0] and xyxy[3] > xyxy[1]
