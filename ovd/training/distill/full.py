"""Train the whole network on labelled frames, so that it keeps what it knows.

The training engine starts from the weights before. What the network finds of the names that it
knows becomes labels too (Hinton et al., 2015; here of the network's own boxes), and the network
that it once began as is asked in every view, where it ships.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from safetensors.torch import save_file

from ovd.domain.ports import Detector
from ovd.domain.query import Query
from ovd.model.backends import embedded, ovdense
from ovd.model.weights import (
    LoadedWeights,
    WeightsRole,
    has_weights,
    load_weights,
    read_manifest,
)
from ovd.training.distill.files import write_json, write_text
from ovd.training.distill.head import Lessons, install_folder
from ovd.training.distill.learning import OnStage
from ovd.training.distill.plan import DistillLimits
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.engine.run import SENTENCE_CACHE, RunOptions, train
from ovd.training.packaging.calibration import Calibration
from ovd.training.packaging.export import ExportRequest
from ovd.training.packaging.weights_folder import write_manifest, write_weights_folder
from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.sentence_features import SHIPPED, SentenceEncoder, find_features
from ovd.video.images import load_image

WORK, CONFIG, OWN_LABELS = "training", "run.toml", "own_labels.json"
# Names that are found nowhere in a frame with this score are believed absent there.
ABSENT_BELOW = 0.02
BATCH = 8
CONFIG_TEXT = """\
# Written by ovd distill.
[data]
folder = {folder}
annotations = {annotations}
images = {images}
pseudo_labels = {own_labels}

[phrases]
min_pseudo_score = 0.35

[augment]
mosaic = 0.2

[text]
anchors = ""
noise = 0.05
rate_factor = 0.1

[model]
resume_weights = {weights}
teacher = {teacher}
frozen_blocks = 13

[distill]
everywhere = true

[loss]
quality_floor = 0.0
distill = {distill}

[schedule]
images = {learned}
batch = {batch}
max_area_px = 163840
rate = 0.0005
warmup_images = {warmup}
decay_share = 0.5
ema_steps = {ema_steps}

[plan]
workers = 0
log_steps = 5
save_images = 400
"""


@dataclass(frozen=True)
class FullTraining:
    """Trains the whole network.

    Attributes:
        weights_dir: Weights that it starts from.
        detector: The detector of these weights.
        limits: How long it learns.
        options: Where it is computed.
    """

    weights_dir: Path
    detector: Detector
    limits: DistillLimits
    options: RunOptions

    def __call__(self, lessons: Lessons, folder: Path, on_stage: OnStage) -> None:
        """Train, or go on where an interrupted call ended, and write a weights folder.

        Args:
            lessons: What to learn from.
            folder: The weights folder; what the run needs goes into `training` beside it.
            on_stage: Called with a stage's name, what is done and the total.

        Raises:
            WeightsError: If the weights cannot be trained.
            TrainingDivergedError: If the loss is no number for too long.
        """
        work = folder.parent / WORK
        files = json.loads(lessons.annotations.read_text(encoding="utf-8"))["images"]
        names = [str(row["file_name"]) for row in files]
        if not (work / OWN_LABELS).is_file():
            labels = self._label_known(names, lessons, on_stage)
            write_json(work / OWN_LABELS, labels)
        images = min(self.limits.full_images, self.limits.full_passes * len(names))
        images = max(images, BATCH)
        write_text(work / CONFIG, self._config(lessons, work, images))
        options = replace(
            self.options,
            weights_dir=self.weights_dir,
            on_step=lambda done: on_stage("training", min(done.images, images), images),
        )
        weights = train(work / CONFIG, work, options)
        self._package(weights, lessons, folder)

    def _label_known(
        self, files: Sequence[str], lessons: Lessons, on_stage: OnStage
    ) -> dict[str, object]:
        """Return what the network finds of the names that it knows; see `pseudo_labels`."""
        known = [name for name in self.detector.info.known_names if name not in lessons.names]
        queries = [Query(name, name, (name,), min_score=ABSENT_BELOW) for name in known]
        least = self.detector.info.default_min_score
        vocabulary = self.detector.encode(queries)
        labels: dict[str, object] = {}
        for number, file in enumerate(files, start=1):
            [found] = self.detector.detect([load_image(lessons.images / file)], vocabulary)
            rows = [
                [*(round(float(value), 1) for value in box), known[label_id], float(score)]
                for box, score, label_id in zip(
                    found.xyxy, found.score, found.label_id, strict=True
                )
                if score >= least and min(box[2] - box[0], box[3] - box[1]) >= 1
            ]
            seen = {known[label_id] for label_id in found.label_id}
            labels[file] = {"boxes": rows, "absent": [name for name in known if name not in seen]}
            on_stage("own labels", number, len(files))
        return labels

    def _config(self, lessons: Lessons, work: Path, images: int) -> str:
        teacher = self._find_origin()
        network = load_weights(self.weights_dir, ovdense.NAME, WeightsRole.NETWORK)
        return CONFIG_TEXT.format(
            folder=_quoted(lessons.annotations.parent),
            annotations=_quoted(lessons.annotations.name),
            images=_quoted(lessons.images.name),
            own_labels=_quoted((work / OWN_LABELS).absolute()),
            weights=_quoted(self.weights_dir / network.entry.file),
            teacher=_quoted(teacher or ""),
            distill=0.5 if teacher else 0.0,
            learned=images,
            batch=BATCH,
            warmup=max(images // 10, BATCH),
            ema_steps=max(images // BATCH // 4, 1),
        )

    def _find_origin(self) -> Path | None:
        """Return the file of the network that `ovdense` began as; None where it does not ship."""
        if not has_weights(self.weights_dir, embedded.NAME, WeightsRole.NETWORK):
            return None
        weights = load_weights(self.weights_dir, embedded.NAME, WeightsRole.NETWORK)
        return self.weights_dir / weights.entry.file

    def _package(self, weights: Path, lessons: Lessons, folder: Path) -> None:
        """Write the weights folder, with all names that the detector knew before."""
        old = load_weights(self.weights_dir, ovdense.NAME, WeightsRole.TEXT_EMBEDDINGS)
        named = weights.with_name("named.safetensors")
        tensors, facts = read_tensors(weights)
        known = dict.fromkeys((*self.detector.info.known_names, *lessons.names))
        save_file(tensors, named, {"ovd": json.dumps({**facts, "names": list(known)})})
        book = load_phrasebook()
        wordings = (wording for name in lessons.names for wording in book.wordings(name))
        request = ExportRequest(
            named, tuple(dict.fromkeys((*old.names, *wordings))), self._calibration()
        )
        source = find_features(SHIPPED, self.weights_dir)
        sentences = SentenceEncoder(source, weights.parent / SENTENCE_CACHE)
        part = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        write_weights_folder(request, sentences, part, self.weights_dir)
        _copy_others(self.weights_dir, part)
        install_folder(part, folder)

    def _calibration(self) -> Calibration:
        """Return the calibration of the scores before; training takes it out."""
        network: LoadedWeights = load_weights(self.weights_dir, ovdense.NAME, WeightsRole.NETWORK)
        _, facts = read_tensors(self.weights_dir / network.entry.file)
        fit = facts.get("calibration")
        if not isinstance(fit, dict):
            return Calibration()
        return Calibration(float(fit["slope"]), float(fit["offset"]))


def _copy_others(weights_dir: Path, folder: Path) -> None:
    """Copy the files that other detectors and the speller use."""
    entries = list(read_manifest(folder))
    present = {entry.file for entry in entries}
    for entry in read_manifest(weights_dir):
        if entry.file not in present and ovdense.NAME not in entry.used_by:
            shutil.copyfile(weights_dir / entry.file, folder / entry.file)
            entries.append(entry)
    write_manifest(folder, entries)


def _quoted(value: object) -> str:
    """Return a TOML string."""
    return json.dumps(str(value), ensure_ascii=False)
