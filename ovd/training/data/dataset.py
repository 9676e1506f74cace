"""Training data from many sources: labels, pseudo labels, and how often to draw each image."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ovd.datasets.coco import CocoBox, CocoDataset, CocoImage, load_dataset
from ovd.errors import DatasetError
from ovd.training.data.examples import Boxes, Example
from ovd.training.data.image_cache import ImageCache, StoredImage, kept_size
from ovd.training.data.person_attributes import with_contained_attributes
from ovd.training.teacher.pseudo_labels import PseudoLabels, merge_pseudo_labels
from ovd.training.text.phrasebook import Phrasebook


@dataclass(frozen=True)
class DataConfig:
    """Configure how sources are mixed and images are cached.

    Attributes:
        max_side_px: Larger images are shrunk to this longer side once, when they are decoded.
        cache_mib: Decoded images kept in memory; what does not fit is decoded at each use.
        temperature: 1 draws every image equally often, 0 every source.
        max_repeat: No image is drawn more often than this, as a multiple of the mean.
        source_weights: Factor per source on top; sources not named have 1, those with 0 are
            not drawn.
        rare_share: Images holding a name found in less than this share of all images are drawn
            more often, by the square root of what is missing.
        hold_out: Names whose boxes and absences are removed.
    """

    max_side_px: int = 640
    cache_mib: int = 4096
    temperature: float = 0.85
    max_repeat: float = 3.0
    source_weights: Mapping[str, float] = field(default_factory=dict)
    rare_share: float = 0.004
    hold_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """One dataset file: its checksum and the names it labels exhaustively.

    Attributes:
        name: As the file calls itself.
        sha256: Checksum of the dataset file.
        exhaustive: Names of which every object is boxed.
        exhaustive_except_small: Names of which every object is boxed unless it is small.
    """

    name: str
    sha256: str
    exhaustive: frozenset[str]
    exhaustive_except_small: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Record:
    stored: StoredImage
    file_name: str
    boxes: Boxes
    source: int
    absent_soft: frozenset[str] = frozenset()


class TrainingData:
    """All images that may be trained on, decoded, ready to be drawn.

    Attributes:
        sources: The dataset files.
        weights: `(I,)` float64, how often each image should be drawn; the mean
            is 1 before the highest are capped.
    """

    def __init__(
        self, records: Sequence[_Record], sources: Sequence[Source], config: DataConfig
    ) -> None:
        self.sources = tuple(sources)
        self._records = tuple(records)
        self.weights = _draw_weights(records, sources, config)
        self._images = ImageCache([record.stored for record in records], config.cache_mib)
        kinds = [(source.exhaustive, source.exhaustive_except_small) for source in sources]
        self._kind_of = np.array([kinds.index(kinds[record.source]) for record in records])
        drawn = self.weights > 0
        self._partners = [
            np.flatnonzero((self._kind_of == kind) & drawn) for kind in range(len(kinds))
        ]

    def __len__(self) -> int:
        return len(self._records)

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name that is boxed, or labelled exhaustively, somewhere; sorted."""
        boxed = {name for record in self._records for name in record.boxes.names}
        stated = (source.exhaustive | source.exhaustive_except_small for source in self.sources)
        return tuple(sorted(boxed.union(*stated)))

    def example(self, index: int) -> Example:
        """Return the example at `index` at its cached size; its pixels must not be written to.

        Raises:
            DatasetError: If the image is not cached and its file cannot be decoded any more.
        """
        record = self._records[index]
        source = self.sources[record.source]
        return Example(
            self._images[index],
            record.boxes,
            source.name,
            record.file_name,
            source.exhaustive,
            source.exhaustive_except_small,
            record.absent_soft,
        )

    def partners(self, index: int) -> NDArray[np.intp]:
        """Return indices of all images whose sources box the same names exhaustively."""
        partners: NDArray[np.intp] = self._partners[self._kind_of[index]]
        return partners


def load_training_data(
    files: Sequence[tuple[Path, Path]],
    book: Phrasebook,
    config: DataConfig | None = None,
    pseudo: Mapping[str, PseudoLabels] | None = None,
) -> TrainingData:
    """Read and decode the sources of a training run.

    Args:
        files: COCO file and images folder of each source.
        book: Relations of names, and the attributes that contained boxes give.
        config: How to mix and keep.
        pseudo: A teacher's boxes by file name, for the names that a source does not label.

    Raises:
        DatasetError: If a file, record or image is wrong, a source may only be evaluated on, or
            no source is named.
    """
    if not files:
        raise DatasetError("no training source is named; at least one COCO file is needed")
    config = config or DataConfig()
    sources: list[Source] = []
    records: list[_Record] = []
    for json_path, images_dir in files:
        dataset = load_dataset(json_path, images_dir)
        if dataset.is_evaluation_only:
            raise DatasetError(
                f"{dataset.path} ({dataset.source}) says that it is for evaluation only; "
                "take it out of the training sources"
            )
        source = _source(dataset, config.hold_out)
        known = source.exhaustive | source.exhaustive_except_small | config.hold_out
        for image in dataset.images:
            record = _record(image, len(sources), book, config)
            labels = (pseudo or {}).get(image.file_name)
            records.append(_with_pseudo(record, labels, known, book) if labels else record)
        sources.append(source)
    return TrainingData(records, sources, config)


def _source(dataset: CocoDataset, hold_out: frozenset[str]) -> Source:
    return Source(
        dataset.source,
        dataset.sha256,
        dataset.exhaustive - hold_out,
        dataset.exhaustive_except_small - hold_out,
    )


def _record(image: CocoImage, source: int, book: Phrasebook, config: DataConfig) -> _Record:
    stored = StoredImage(image.path, image.size_hw, kept_size(image.size_hw, config.max_side_px))
    boxes = _boxes([box for box in image.boxes if box.name not in config.hold_out])
    scale = np.tile(np.array(stored.kept_hw[::-1]) / np.array(image.size_hw[::-1]), 2)
    boxes = replace(boxes, xyxy=(boxes.xyxy * scale).astype(np.float32))
    return _Record(
        stored, image.file_name, with_contained_attributes(boxes, book.containment_rules), source
    )


def _boxes(boxes: Sequence[CocoBox]) -> Boxes:
    return Boxes(
        np.array([box.xyxy for box in boxes], dtype=np.float32).reshape(-1, 4),
        tuple(box.name for box in boxes),
        tuple(box.attributes for box in boxes),
        np.ones(len(boxes), dtype=np.float32),
        np.array([box.is_crowd for box in boxes], dtype=np.bool_),
    )


def _with_pseudo(
    record: _Record, labels: PseudoLabels, known: frozenset[str], book: Phrasebook
) -> _Record:
    stored = record.stored
    scale = np.tile(np.array(stored.kept_hw[::-1]) / np.array(stored.size_hw[::-1]), 2)
    xyxy = (labels.boxes.xyxy * scale).astype(np.float32)
    boxes, absent = merge_pseudo_labels(
        record.boxes,
        replace(labels, boxes=replace(labels.boxes, xyxy=xyxy)),
        book,
        known,
        stored.kept_hw,
    )
    return replace(record, boxes=boxes, absent_soft=absent)


def _draw_weights(
    records: Sequence[_Record], sources: Sequence[Source], config: DataConfig
) -> NDArray[np.float64]:
    unknown = set(config.source_weights) - {source.name for source in sources}
    if unknown:
        raise DatasetError(
            f"source_weights names {', '.join(sorted(unknown))}; "
            f"the sources are {', '.join(source.name for source in sources)}"
        )
    sizes = Counter(record.source for record in records)
    by_source = np.array(
        [
            config.source_weights.get(source.name, 1.0) * sizes[i] ** (config.temperature - 1.0)
            for i, source in enumerate(sources)
        ]
    )
    weights = by_source[[record.source for record in records]] * _rarity(records, config.rare_share)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise DatasetError(
            f"source_weights must leave at least one image to draw: {config.source_weights}"
        )
    capped: NDArray[np.float64] = np.minimum(weights / weights.mean(), config.max_repeat)
    return capped


def _rarity(records: Sequence[_Record], rare_share: float) -> NDArray[np.float64]:
    found = Counter(name for record in records for name in set(record.boxes.names))
    wanted = rare_share * len(records)
    return np.array(
        [
            max([1.0, *(np.sqrt(wanted / found[name]) for name in set(record.boxes.names))])
            for record in records
        ]
    )
