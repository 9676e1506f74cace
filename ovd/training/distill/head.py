"""Fit new names to the network as it is, and write the weights folder that knows them."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ovd.errors import WeightsError
from ovd.model.backends import LoadOptions, ovdense
from ovd.model.backends.ovdense import load_encoder
from ovd.model.networks import build_network
from ovd.model.ovdense import OvDense
from ovd.model.text.compact_tower import load_own_tower
from ovd.model.weights import MANIFEST, WeightsRole, load_weights, read_manifest
from ovd.training.data.augment import AugmentConfig
from ovd.training.data.dataset import DataConfig, load_training_data
from ovd.training.data.loader import BatchMaker
from ovd.training.packaging.fitted_table import write_fitted_table
from ovd.training.packaging.weights_folder import describe_file, write_manifest
from ovd.training.text.name_fit import (
    FULL,
    LabelledRegions,
    NameFitConfig,
    fit_names,
    join_regions,
)
from ovd.training.text.name_regions import DetectorSizes, read_regions, uncalibrated_scale
from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.phrases import NameSampler

Rows = NDArray[np.float32]
NAME = ovdense.NAME
LEAST_BATCH = 4


@dataclass(frozen=True)
class HeadConfig:
    """Configure how names are fitted.

    Attributes:
        passes: How often each frame is looked at, augmented anew.
        batch: Images looked at together.
        seed: Of everything random.
        background_weight: Weight of regions of other scenes as negatives: nobody labelled these
            for the new names, which they seldom show.
        fit: Steps and rate.
        augment: How frames are changed.
    """

    passes: int = 4
    batch: int = 8
    seed: int = 0
    background_weight: float = 0.25
    fit: NameFitConfig = field(default_factory=NameFitConfig)
    augment: AugmentConfig = field(
        default_factory=lambda: AugmentConfig(min_scale=0.7, max_scale=1.4, mosaic=0.0)
    )


@dataclass(frozen=True)
class Lessons:
    """Labelled frames to learn from.

    Attributes:
        annotations: COCO file.
        images: Folder of its images.
        names: The names to fit, all of the file.
    """

    annotations: Path
    images: Path
    names: tuple[str, ...]


def fit_head(
    weights_dir: Path,
    lessons: Lessons,
    background: Rows | None,
    config: HeadConfig,
    on_image: Callable[[int, int], None],
) -> dict[str, Rows]:
    """Fit the text embeddings of names to labelled frames.

    Args:
        weights_dir: Weights of the detector `ovdense`.
        lessons: What to learn from.
        background: `(N, D)` regions of other scenes; None for none.
        config: How.
        on_image: Called with the images that were looked at, and their number.

    Returns:
        `(D,)` embeddings by name.

    Raises:
        WeightsError: If the weights are of another network.
        DatasetError: If the frames cannot be read.
    """
    torch.manual_seed(config.seed)
    weights = load_weights(weights_dir, NAME, WeightsRole.NETWORK)
    network = build_network(weights)
    if not isinstance(network, OvDense):
        raise WeightsError(
            f"names can be fitted to the network that ships, {weights.entry.file} holds another; "
            "point OVD_WEIGHTS_DIR to the shipped weights"
        )
    encoder, _ = load_encoder(LoadOptions(weights_dir), weights, NAME)
    start = torch.from_numpy(encoder.embed(lessons.names))
    scale = uncalibrated_scale(weights_dir)
    maker, columns, steps = _make_batches(lessons, config)
    found = read_regions(network, maker, range(steps), columns, (start, scale), config.fit)
    images = steps * min(config.batch, len(maker.data))
    regions = join_regions(_counted(found, images, on_image))
    if background is not None:
        regions = join_regions([regions, _negatives(background, len(lessons.names), config)])
    embeds, _ = fit_names(regions, start, scale, config.fit)
    return dict(zip(lessons.names, embeds.numpy(), strict=True))


def _make_batches(lessons: Lessons, config: HeadConfig) -> tuple[BatchMaker, list[int], int]:
    """Return what makes batches, where the names are in them, and how many there are."""
    book = load_phrasebook()
    files = [(lessons.annotations, lessons.images)]
    data = load_training_data(files, book, DataConfig(rare_share=0.0))
    sampler = NameSampler(book, data.names)
    batch = min(config.batch, len(data))
    maker = BatchMaker(data, sampler, DetectorSizes(batch, config.seed), config.augment)
    steps = -(-config.passes * len(data) // batch)
    return maker, [sampler.asked.index(name) for name in lessons.names], steps


def _counted(
    parts: Iterator[LabelledRegions], total: int, on_image: Callable[[int, int], None]
) -> Iterator[LabelledRegions]:
    for number, part in enumerate(parts, start=1):
        on_image(number, total)
        yield part


def _negatives(background: Rows, names: int, config: HeadConfig) -> LabelledRegions:
    """Return regions that show none of the names, as far as is known."""
    embeds = torch.from_numpy(background).half()
    target = torch.zeros(len(embeds), names, dtype=torch.uint8)
    return LabelledRegions(
        embeds, target, torch.full_like(target, round(config.background_weight * FULL))
    )


def write_head_folder(
    weights_dir: Path, folder: Path, fitted: Mapping[str, Rows], origin: str
) -> None:
    """Write a copy of a weights folder that knows more names, whole or not at all.

    Args:
        weights_dir: The folder to copy.
        folder: The folder to write; replaced where it is there.
        fitted: `(D,)` embeddings by name.
        origin: Where the new table comes from, for the manifest.

    Raises:
        WeightsError: If a file is missing or damaged.
    """
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    entries = read_manifest(weights_dir)
    for name in (MANIFEST, *(entry.file for entry in entries)):
        shutil.copyfile(weights_dir / name, part / name)
    network = load_weights(part, NAME, WeightsRole.NETWORK)
    table = write_fitted_table(part, fitted, load_own_tower(part, network, ""), load_phrasebook())
    made = describe_file(NAME, table, WeightsRole.TEXT_EMBEDDINGS, origin)
    write_manifest(
        part,
        [
            replace(made, used_by=entry.used_by) if entry.file == table.name else entry
            for entry in entries
        ],
    )
    install_folder(part, folder)


def install_folder(part: Path, folder: Path) -> None:
    """Put a finished folder in its place."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def name_origin(names: Sequence[str], teacher: str) -> str:
    """Return the origin of a table, as the manifest states it."""
    return f"ovd distill: {', '.join(names)} as labelled by {teacher}"
