"""Let a teacher label frames, resumably, and check how far its labels can be believed."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ovd.domain.boxes import pairwise_iou
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector
from ovd.domain.query import Query
from ovd.training.distill.frames import KeptFrame
from ovd.training.teacher.labels import Seen, read_seen
from ovd.video.images import load_image

# Objects from this share of the threshold on are doubtful: neither labels nor background.
DOUBTFUL_SHARE = 0.5
SAME_IOU = 0.5

FrameLabels = dict[str, list[Seen]]


@dataclass(frozen=True, eq=False)
class Teacher:
    """A detector that labels, and what it is asked for.

    Attributes:
        detector: The detector.
        queries: One per name, in order; their thresholds decide what is a label.
        names: What the student is to call them.
    """

    detector: Detector
    queries: tuple[Query, ...]
    names: tuple[str, ...]

    def min_scores(self) -> dict[str, float]:
        """Return the threshold of each name."""
        return {name: query.min_score for name, query in zip(self.names, self.queries, strict=True)}

    def label(self, frames: Sequence[KeptFrame], folder: Path, job: "LabelJob") -> FrameLabels:
        """Label frames, a line of a file per frame; frames that have a line are not asked again.

        Args:
            frames: Frames to label.
            folder: Where they lie.
            job: The file, and what is to be told.
        """
        done = _read_lines(job.path)
        asked = [query.with_min_score(query.min_score * DOUBTFUL_SHARE) for query in self.queries]
        vocabulary = None
        for number, frame in enumerate(frames, start=1):
            if frame.file_name not in done:
                if vocabulary is None:
                    vocabulary = self.detector.encode(asked)
                image = load_image(folder / frame.file_name)
                view = np.ascontiguousarray(image[:, ::-1]) if job.mirrored else image
                [found] = self.detector.detect([view], vocabulary)
                seen = self._describe(found, image, job.mirrored)
                _append_line(job.path, frame.file_name, seen)
                done[frame.file_name] = seen
            job.on_frame(number)
        return {frame.file_name: done[frame.file_name] for frame in frames}

    def _describe(self, found: Detections, image: Image, mirrored: bool) -> list[Seen]:
        """Return detections as labels, in pixels of the image as it is."""
        width = image.shape[1]
        seen = []
        for box, score, label_id in zip(found.xyxy, found.score, found.label_id, strict=True):
            x0, y0, x1, y1 = (float(value) for value in box)
            corners = (width - x1, y0, width - x0, y1) if mirrored else (x0, y0, x1, y1)
            name = self.names[label_id]
            seen.append(Seen(name, float(score), corners, self.detector.info.name))
        return seen


def _do_nothing(number: int) -> None:
    """Ignore how many frames are labelled."""


@dataclass(frozen=True)
class LabelJob:
    """Where labels go.

    Attributes:
        path: File of JSON lines; see `ovd.training.teacher.labels`.
        mirrored: Whether the teacher is shown the frames mirrored.
        on_frame: Called with the number of frames that are labelled.
    """

    path: Path
    mirrored: bool = False
    on_frame: Callable[[int], None] = _do_nothing


def _read_lines(path: Path) -> FrameLabels:
    """Read what is labelled already; a line that was cut off is removed from the file."""
    if not path.is_file():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)
    return dict(read_seen(path))


def _append_line(path: Path, file_name: str, seen: Sequence[Seen]) -> None:
    rows = [
        {
            "label": item.name,
            "score": round(item.score, 4),
            "box": [round(value, 2) for value in item.xyxy],
            "teacher": item.teacher,
        }
        for item in seen
    ]
    line = json.dumps({"image": file_name, "detections": rows}, ensure_ascii=False)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


@dataclass(frozen=True)
class Steadiness:
    """Share of labels that the teacher gives again in the mirrored frame.

    Attributes:
        found: Labels that it gives again.
        tried: Labels that were looked for.
    """

    found: int
    tried: int

    @property
    def share(self) -> float:
        """Return the share; 1 where nothing was tried."""
        return self.found / self.tried if self.tried else 1.0


def measure_steadiness(
    labels: FrameLabels, mirrored: FrameLabels, min_scores: dict[str, float]
) -> dict[str, Steadiness]:
    """Compare the labels of frames with those of the same frames mirrored.

    What is one object for a model that knows the name is one in a mirror too. A teacher that
    guesses gives other boxes there.

    Args:
        labels: Labels of at least the frames of `mirrored`.
        mirrored: Labels of mirrored frames, in pixels of the frames as they are.
        min_scores: Threshold of each name; half of it suffices in the mirror.
    """
    tried: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for file_name, again in mirrored.items():
        for name, least in min_scores.items():
            sure = [item for item in labels[file_name] if item.name == name and item.score >= least]
            other = [item for item in again if item.name == name]
            iou = pairwise_iou(_boxes(sure), _boxes(other))
            tried[name] += len(sure)
            found[name] += int((iou.max(axis=1, initial=0.0) >= SAME_IOU).sum())
    return {name: Steadiness(found[name], tried[name]) for name in min_scores}


def _boxes(seen: Sequence[Seen]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.array([item.xyxy for item in seen], dtype=np.float32).reshape(-1, 4)
