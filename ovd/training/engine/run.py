"""A training run from its configuration to its checkpoints."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

from ovd.datasets.captions import caption_phrases, load_captions
from ovd.datasets.coco import load_dataset
from ovd.errors import DatasetError, SettingsError
from ovd.model.ghost.network import OvGhost
from ovd.model.text.adapter import TextAdapter
from ovd.training.config import TrainConfig, load_train_config
from ovd.training.data.dataset import DataConfig as MixConfig
from ovd.training.data.dataset import TrainingData, load_training_data
from ovd.training.data.loader import BatchMaker, LoaderConfig, load_batches
from ovd.training.engine.checkpoint import Progress
from ovd.training.engine.curve import draw_curve
from ovd.training.engine.device import find_device, keep_freed_memory
from ovd.training.engine.students import build_objective, make_student, start_student
from ovd.training.engine.trainer import (
    CURVE_FILE,
    STATE_FILE,
    WEIGHTS_FILE,
    ProcessGroup,
    RunCallbacks,
    TextInputs,
    Trainer,
    ignore_progress,
    run_steps,
)
from ovd.training.engine.warm_start import forget_names, load_ssd
from ovd.training.student.fitting import fit_to_data
from ovd.training.student.start import COCO_NAMES
from ovd.training.teacher.labeller import LabellerConfig, Teacher, write_pseudo_labels
from ovd.training.teacher.labels import load_teacher_labels
from ovd.training.teacher.pseudo_labels import PseudoLabels, load_pseudo_labels
from ovd.training.text.caption_phrases import CaptionSampler, keep_unboxed
from ovd.training.text.phrasebook import load_phrasebook
from ovd.training.text.phrases import PhraseSampler
from ovd.training.text.sentence_features import SentenceEncoder, find_features
from ovd.training.text.text_space import load_anchors

SENTENCE_CACHE = "sentences.npz"
TRAIN_SPLIT = "train"
START_BATCHES = 3


@dataclass(frozen=True)
class RunOptions:
    """Configure where a run computes; of these only the text encoder changes the result.

    Attributes:
        device: What torch calls it, such as `cpu` or `cuda`.
        command: How the run was started, to be kept with the weights.
        text_encoder: Encoder instead of the one that the configuration names; empty for none.
        weights_dir: Folder of the shipped weights.
        group: This process's place among several that train together; their process group must
            have been joined.
        on_step: Called after each step.
    """

    device: str = "cpu"
    command: str = ""
    text_encoder: str = ""
    weights_dir: Path = Path("weights")
    group: ProcessGroup = field(default_factory=ProcessGroup)
    on_step: Callable[[Progress], None] = ignore_progress


def train(config_path: Path, folder: Path, options: RunOptions | None = None) -> Path:
    """Train, or resume from the state in `folder`.

    Args:
        config_path: TOML file; see docs/training.md.
        folder: Where state, weights and curve go.
        options: Where and how to compute.

    Returns:
        The file of averaged weights.

    Raises:
        SettingsError: If the configuration is wrong, or torch knows no such device.
        DatasetError: If the data is wrong.
        WeightsError: If something to start from cannot be read.
        TrainingDivergedError: If the loss is no number for too long.
    """
    options = options or RunOptions()
    config = load_run_config(config_path, options.text_encoder)
    group, device = options.group, find_device(options.device)
    keep_freed_memory()
    torch.manual_seed(config.schedule.seed)
    data, sampler = load_run_data(config)
    captions = _load_caption_sampler(config, sampler)
    teacher = load_teacher(config)
    taught = teacher.names if teacher is not None else ()
    phrases = (*sampler.all_phrases(), *captions.all_phrases(), *taught)
    texts = _load_texts(config, phrases, folder, options.weights_dir)
    loader = _loader_config(config)
    maker = BatchMaker(data, sampler, loader, config.augment, captions)
    trainer = _build_trainer(config, (texts, teacher), maker, folder, (device, group))
    facts = _facts(config, config_path, data, options.command)
    done = trainer.progress.images // config.schedule.batch
    last = -(-config.schedule.images // config.schedule.batch) + group.size
    batches = load_batches(maker, loader, range(done + group.rank, last, group.size))
    if group.rank:
        run_steps(trainer, batches, config, folder / f"rank_{group.rank}", RunCallbacks())
        return folder / WEIGHTS_FILE
    callbacks = RunCallbacks(lambda: trainer.save(folder, facts), options.on_step)
    run_steps(trainer, batches, config, folder, callbacks)
    draw_curve(folder / CURVE_FILE, folder / "curve.png")
    return folder / WEIGHTS_FILE


def load_run_config(config_path: Path, text_encoder: str = "") -> TrainConfig:
    """Read a configuration, with another text encoder if one is named.

    Raises:
        SettingsError: If it is wrong.
    """
    config = load_train_config(config_path)
    if not text_encoder:
        return config
    return replace(config, text=replace(config.text, encoder=text_encoder))


def _build_trainer(
    config: TrainConfig,
    sides: tuple[TextInputs, Teacher | None],
    maker: BatchMaker,
    folder: Path,
    place: tuple[torch.device, ProcessGroup],
) -> Trainer:
    """Build a trainer at its start, or resume it from the state in `folder`."""
    texts, teacher = sides
    network = make_student(config)
    adapter = TextAdapter(texts.encoder.dim, config.model.embed_dim)
    is_resumed = (folder / STATE_FILE).exists()
    if not is_resumed:
        start_student(config, network, adapter, texts, maker)

    def embed(phrases: Sequence[str]) -> Tensor:
        device = next(adapter.parameters()).device
        embeds: Tensor = adapter(texts.encoder.encode(phrases).to(device))
        return embeds

    is_first = not is_resumed and place[1].rank == 0
    if config.last_layer.images and is_first and isinstance(network, OvGhost):
        wordings = load_phrasebook(), _loader_config(config)
        fit_to_data(config, network, maker.data, embed, wordings)
    objective = build_objective(config, network, embed, teacher)
    trainer = Trainer(config, network, adapter, objective, texts, place)
    if is_resumed:
        trainer.resume(folder)
    return trainer


def write_teacher_labels(config_path: Path, labeller: LabellerConfig | None = None) -> int:
    """Write the pseudo labels of the configuration's teacher, for its run to read.

    Returns:
        How many boxes were written.

    Raises:
        SettingsError: If the configuration names no teacher or no file for the labels.
        DatasetError: If the data is wrong.
        WeightsError: If the teacher cannot be read.
    """
    config = load_train_config(config_path)
    if not config.data.pseudo_labels or not config.model.teacher:
        raise SettingsError(f"{config_path}: pseudo labels need data.pseudo_labels, model.teacher")
    teacher = Teacher(*load_ssd(Path(config.model.teacher)))
    datasets = [load_dataset(*files) for files in find_files(config, config.data.annotations)]
    path = Path(config.data.pseudo_labels)
    return write_pseudo_labels(datasets, teacher, path, labeller or LabellerConfig())


def find_files(config: TrainConfig, pattern: str) -> list[tuple[Path, Path]]:
    """Return the COCO files that match a pattern, each with its images folder.

    Raises:
        DatasetError: If there is none.
    """
    folder = Path(config.data.folder)
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise DatasetError(f"no file matches {pattern!r} below {folder}")
    return [(path, folder / config.data.images) for path in paths]


def load_run_data(config: TrainConfig) -> tuple[TrainingData, PhraseSampler]:
    """Load the images of a run with their labels, and what may be asked about them.

    Raises:
        DatasetError: If the data is wrong.
    """
    book = load_phrasebook()
    held_out = frozenset(config.data.hold_out)
    data = load_training_data(
        find_all_files(config),
        book,
        MixConfig(
            cache_mib=config.data.cache_mib,
            source_weights=config.data.source_weights,
            hold_out=held_out,
        ),
        _load_labels(config),
    )
    return data, PhraseSampler(book, data.names, config.phrases, held_out)


def find_all_files(config: TrainConfig) -> list[tuple[Path, Path]]:
    """COCO files to train on, of the data folder and of those beside it.

    Raises:
        DatasetError: If a folder has none.
    """
    folders = (config.data.folder, *config.data.more)
    return [
        found
        for folder in folders
        for found in find_files(
            replace(config, data=replace(config.data, folder=folder)), config.data.annotations
        )
    ]


def _load_labels(config: TrainConfig) -> Mapping[str, PseudoLabels] | None:
    """Return the labels of the teachers; none where no file is named."""
    if config.data.teacher_labels:
        paths = [Path(path) for path in config.data.teacher_labels]
        return load_teacher_labels(paths, COCO_NAMES, config.trust)
    labels = config.data.pseudo_labels
    return load_pseudo_labels(Path(labels)) if labels else None


def load_teacher(config: TrainConfig) -> Teacher | None:
    """Load the teacher for distillation, without the names that are held out.

    Raises:
        SettingsError: If distillation has a weight and there is no teacher.
        WeightsError: If the teacher cannot be read.
    """
    if config.loss.distill <= 0 or config.model.student != "ovdense":
        return None
    if not config.model.teacher:
        raise SettingsError("loss.distill is above 0 and needs model.teacher, which is empty")
    ssd, names = load_ssd(Path(config.model.teacher))
    return Teacher(*forget_names(ssd, names, config.data.hold_out))


def _load_caption_sampler(config: TrainConfig, sampler: PhraseSampler) -> CaptionSampler:
    """Load the caption phrases that no box is labelled with and that are not held out."""
    if not config.data.captions:
        return CaptionSampler()
    captions = load_captions(Path(config.data.folder) / config.data.captions, TRAIN_SPLIT)
    book = load_phrasebook()
    held_out = [word for name in config.data.hold_out for word in book.wordings(name)]
    phrases = {file: caption_phrases(texts) for file, texts in captions.items()}
    boxed = {*sampler.all_phrases(), *held_out}
    return CaptionSampler(keep_unboxed(phrases, boxed, config.captions.min_images), config.captions)


def _load_texts(
    config: TrainConfig, phrases: Sequence[str], folder: Path, weights_dir: Path
) -> TextInputs:
    source = find_features(config.text.encoder, weights_dir)
    encoder = SentenceEncoder(source, folder / SENTENCE_CACHE)
    encoder.encode(phrases)
    anchors = None
    if config.text.anchors:
        path = Path(config.data.folder) / config.text.anchors
        anchors = load_anchors(path, encoder, config.model.embed_dim)
    encoder.save()
    return TextInputs(encoder, anchors)


def _loader_config(config: TrainConfig) -> LoaderConfig:
    schedule = config.schedule
    return LoaderConfig(
        batch_size=schedule.batch,
        seed=schedule.seed,
        min_side_px=schedule.min_side_px,
        max_side_px=schedule.max_side_px,
        max_area_px=schedule.max_area_px,
        workers=config.plan.workers,
    )


def _facts(
    config: TrainConfig, config_path: Path, data: TrainingData, command: str
) -> Mapping[str, object]:
    """Return the facts that are needed to repeat the run."""
    return {
        "command": command,
        "config": asdict(config) | {"data": asdict(config.data) | {"folder": ""}},
        "config_sha256": hashlib.sha256(config_path.read_bytes()).hexdigest(),
        "data_sha256": {source.name: source.sha256 for source in data.sources},
        "names": data.names,
        "torch": version("torch"),
    }
