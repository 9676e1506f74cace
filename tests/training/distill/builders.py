"""Make frames, labels, and teachers of known behaviour."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.ports import DetectorInfo
from ovd.domain.query import Query
from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.detector import VocabularyDetector
from ovd.model.runtimes.options import Runtime, RuntimeOptions
from ovd.training.distill.frames import KeptFrame
from ovd.training.distill.labelling import Teacher
from ovd.training.distill.plan import DistillPlan
from ovd.training.teacher.labels import Seen
from ovd.video.images import save_image
from tests.builders import make_vocabulary

SIZE_HW = (60, 80)
NAME = "quoblet"
PLAN = DistillPlan("clip", "persons@1", (NAME,), (0.35,), "ovdense@1", frames=20, seconds=None)


def write_frames(folder: Path, count: int) -> tuple[KeptFrame, ...]:
    """Write frames in which a white square stands further right in each."""
    frames = []
    for number in range(count):
        image = np.zeros((*SIZE_HW, 3), dtype=np.uint8)
        image[20:40, number : number + 20] = 255
        save_image(folder / f"{number:03d}.png", image)
        frames.append(KeptFrame(f"{number:03d}.png", SIZE_HW))
    return tuple(frames)


class SquareDetector:
    """Finds the white square by some names, or, where it guesses, always the same place."""

    info = DetectorInfo("square", "1" * 64, ("person",), 0.4, open_vocabulary=True)

    def __init__(
        self,
        guesses: bool = False,
        fails_after: int | None = None,
        finds: Collection[str] = ("square", "person"),
    ) -> None:
        self.calls = 0
        self._guesses = guesses
        self._finds = finds
        self._fails_after = fails_after

    def encode(self, queries: Sequence[Query]):
        return make_vocabulary(queries)

    def detect(self, images, vocabulary):
        if self._fails_after is not None and self.calls >= self._fails_after:
            raise KeyboardInterrupt
        self.calls += 1
        return [self._find(image, vocabulary.labels) for image in images]

    def _find(self, image, labels):
        columns = np.flatnonzero(image[30, :, 0] > 128)
        box = (2, 20, 22, 40) if self._guesses else (columns[0], 20, columns[-1] + 1, 40)
        found = [number for number, label in enumerate(labels) if label in self._finds]
        return Detections(
            np.array([box] * len(found), dtype=np.float32).reshape(-1, 4),
            np.full(len(found), 0.7, dtype=np.float32),
            np.array(found, dtype=np.int64),
            labels,
        )


def make_teacher(detector, *names: str) -> Teacher:
    names = names or ("square",)
    queries = tuple(Query(name, name, (name,), min_score=0.4) for name in names)
    return Teacher(detector, queries, names)


def make_seen(name="square", score=0.7, xyxy=(0.0, 0.0, 20.0, 20.0)) -> Seen:
    return Seen(name, score, xyxy, "square")


class PersonTeacher:
    """Finds persons, by whatever name it is asked for."""

    def __init__(self, detector):
        self.info = replace(detector.info, name="persons")
        self._detector = detector

    def encode(self, queries):
        least = queries[0].min_score
        return self._detector.encode([Query("person", "person", ("person",), min_score=least)])

    def detect(self, images, vocabulary):
        found = self._detector.detect(images, vocabulary)
        return [Detections(one.xyxy, one.score, one.label_id, (NAME,)) for one in found]


def open_student(folder: Path) -> VocabularyDetector:
    run = RuntimeOptions(runtime=Runtime.EAGER)
    return load_ovdense(LoadOptions(folder, run=run))
