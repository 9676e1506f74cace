"""Distil labelled data into the embedded detector, by a teacher that knows the labels.

    python -m bench.distilling --data ../shared/data --source license_plate_id
        --label "license plate" [--name zorbel] [--frames 200] [--full] [--out DIR]

The name is one that means nothing, so that all that the detector knows of it afterwards comes from
the labels. Prints what `ovd distill --json` prints. What the labelled data cannot tell is how good
the labels of a large model are.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ovd.bootstrap.models.distilling import STUDENT, DistillRequest, make_student
from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import DetectorInfo, SourceOptions
from ovd.domain.query import Query, Vocabulary
from ovd.errors import NotLearnedError
from ovd.settings import load_settings
from ovd.training.distill.labelling import Teacher
from ovd.training.distill.outcome import describe_outcome
from ovd.training.distill.plan import DistillPlan
from ovd.training.distill.run import RESULT, Surroundings, distil
from ovd.training.distill.sampling import make_thumbnail, measure_change
from ovd.video import open_source
from ovd.video.images import load_image, save_image


class LabelTeacher:
    """Knows the boxes of labelled images, which it finds by their look, mirrored or not."""

    info = DetectorInfo("labels", "0" * 64, (), 0.5, open_vocabulary=True)

    def __init__(self, dataset: CocoDataset, label: str) -> None:
        self._label = label
        self._images = dataset.images
        self._thumbnails = np.stack([make_thumbnail(load_image(one.path)) for one in self._images])

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Return a vocabulary of one prompt per query; nothing of it is compared."""
        count = len(queries)
        return Vocabulary(
            tuple(queries),
            tuple(query.prompts[0] for query in queries),
            np.arange(count, dtype=np.int64),
            np.zeros(count, dtype=np.bool_),
            np.zeros((count, 1), dtype=np.float32),
            "labels",
            self.info.detector_id,
        )

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Return the labels of images."""
        return [self._find(image, vocabulary.labels) for image in images]

    def _find(self, image: Image, labels: tuple[str, ...]) -> Detections:
        views = [make_thumbnail(image), make_thumbnail(np.ascontiguousarray(image[:, ::-1]))]
        changes = np.stack([measure_change(self._thumbnails, view) for view in views])
        mirrored, place = np.unravel_index(int(changes.argmin()), changes.shape)
        boxes = [box.xyxy for box in self._images[place].boxes if box.name == self._label]
        xyxy = np.array(boxes, dtype=np.float32).reshape(-1, 4)
        if mirrored:
            xyxy = np.stack(
                [image.shape[1] - xyxy[:, 2], xyxy[:, 1], image.shape[1] - xyxy[:, 0], xyxy[:, 3]],
                axis=1,
            )
        scores = np.ones(len(xyxy), dtype=np.float32)
        return Detections(xyxy, scores, np.zeros(len(xyxy), dtype=np.int64), labels)


def main() -> int:
    """Distil, and print the outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--source", default="license_plate_id")
    parser.add_argument("--label", default="license plate")
    parser.add_argument("--name", default="zorbel")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp(prefix="ovd-distilling-"))
    annotations = options.data / "annotations" / f"{options.source}_train.json"
    dataset = load_dataset(annotations, options.data / "images")
    for number, image in enumerate(dataset.images):
        save_image(out / "images" / f"{number:05d}.png", load_image(image.path))
    settings = load_settings()
    request = DistillRequest("labels", (options.name,), "", full=options.full)
    query = Query(options.name, options.name, (options.name,), min_score=0.5)
    teacher = LabelTeacher(dataset, options.label)
    around = Surroundings(
        lambda: open_source(str(out / "images"), options.source, SourceOptions()),
        lambda names: Teacher(teacher, (query,), (options.name,)),
        make_student(settings, request),
    )
    plan = DistillPlan(
        options.source, "labels", (options.name,), (0.5,), STUDENT, options.frames, None,
        options.full,
    )  # fmt: skip
    try:
        result = json.dumps(describe_outcome(distil(plan, out, around)))
    except NotLearnedError as error:
        result = f"{error}\n{(out / RESULT).read_text(encoding='utf-8')}"
    sys.stdout.write(f"{result}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
