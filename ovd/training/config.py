"""Configuration of a training run, read from TOML; unknown keys are refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from ovd.errors import SettingsError
from ovd.text_files import read_toml
from ovd.training.data.augment import AugmentConfig
from ovd.training.detr.config import DetrConfig
from ovd.training.student.last_layer import LastLayerConfig
from ovd.training.student.origin import OriginConfig
from ovd.training.teacher.distillation import DistillConfig
from ovd.training.teacher.labels import TrustConfig
from ovd.training.text.caption_phrases import CaptionConfig
from ovd.training.text.phrases import PhraseConfig

T = TypeVar("T")
# Keys of earlier versions, by which files written for them are still read.
RENAMED_KEYS = {"said": "captions"}

STUDENTS = ("ovdense", "ovghost", "ovdetr")


@dataclass(frozen=True)
class DataConfig:
    """Select the data to train on.

    Attributes:
        folder: Folder that the other paths are relative to.
        annotations: Pattern of the COCO files below it.
        images: Folder that their file names are relative to.
        val: Pattern of COCO files to calibrate the scores on; empty for none.
        pseudo_labels: File of a teacher's boxes, relative to where the run is started; empty for
            none.
        captions: `{split: {file name: [captions]}}`, relative to the data folder; empty for none.
        teacher_labels: Files of what several teachers said of the images, in place of
            `pseudo_labels`, relative to where the run is started; see `ovd.training.teacher`.
        more: Further folders laid out as `folder`, of which all of `annotations` is trained on.
        cache_mib: Decoded images kept in memory by each process; 0 decodes at each use.
        source_weights: How often to draw from a source, relative to what its size would give; 1
            for those not named.
        hold_out: Names to keep out of training, to be measured as novel ones.
    """

    folder: str
    annotations: str = "annotations/*_train.json"
    images: str = "images"
    val: str = ""
    pseudo_labels: str = ""
    captions: str = ""
    teacher_labels: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    cache_mib: int = 4096
    source_weights: Mapping[str, float] = field(default_factory=dict)
    hold_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextConfig:
    """Configure the text encoder and its adapter.

    Attributes:
        encoder: `shipped` for the one in the weights folder; a folder or package that carries a
            sentence encoder; or a text encoder of open_clip as MODEL/TAG.
        anchors: `.npz` of CLIP text embeddings, relative to the data folder; empty for none.
        anchor_weight: How much staying near them counts.
        anchor_count: How many of them are looked at in each step.
        noise: Share of noise on the features of the phrases.
        rate_factor: Learning rate of the adapter as a share of the full rate.
    """

    encoder: str = "shipped"
    anchors: str = "text_embeddings/merged_a.npz"
    anchor_weight: float = 1.0
    anchor_count: int = 128
    noise: float = 0.1
    rate_factor: float = 0.5


@dataclass(frozen=True)
class ModelConfig:
    """Configure the network and its initial weights.

    Attributes:
        width: Channels of neck and head.
        embed_dim: Dimensions in which regions and texts are compared.
        teacher: Safetensors file of the SSD to start and distil from; empty starts from noise.
        resume_weights: Safetensors file written by an earlier run whose weights to start from
            instead.
        average_with: Another such file; the start is then the mean of both, tensor by tensor
            (Wortsman et al., 2022, "Model soups"). Only runs with a common start can be averaged.
        average_share: How much of the other is in that mean, between 0 and 1.
        frozen_blocks: How many of the backbone's first blocks are never changed.
        student: `ovdense`; `ovghost` for ShuffleNetV2 with a ghost pyramid; `ovdetr` for object
            queries.
        arrays: `.npz` with the arrays of a NanoDet-Plus-m that `ovghost` starts from; empty starts
            from noise.
        adapter: Safetensors file of an earlier run whose text adapter to start from; empty fits
            one to `text.anchors`.
    """

    width: int = 128
    embed_dim: int = 256
    teacher: str = "weights/ssd_mobilenet_v2_coco.safetensors"
    resume_weights: str = ""
    average_with: str = ""
    average_share: float = 0.5
    frozen_blocks: int = 7
    student: str = "ovdense"
    arrays: str = ""
    adapter: str = ""

    def __post_init__(self) -> None:
        if self.student not in STUDENTS:
            raise ValueError(f"student must be one of {', '.join(STUDENTS)}, got {self.student!r}")
        if self.average_with and not self.resume_weights:
            raise ValueError("average_with needs resume_weights, which is empty")
        if not 0 < self.average_share < 1:
            raise ValueError(f"average_share between 0 and 1 wanted, got {self.average_share}")


@dataclass(frozen=True)
class ScheduleConfig:
    """Configure the length of training and the learning rate.

    Attributes:
        images: Images to learn from in all, repeats counted.
        batch: Images per step.
        min_side_px: Least side of the network's input; each step draws its own size.
        max_side_px: Greatest side.
        max_area_px: Greatest area, which bounds time and memory of a step.
        rate: Highest learning rate of new layers.
        backbone_factor: Learning rate of the backbone as a share of that.
        inherited_factor: Learning rate of the layers that start from the teacher's predictors.
        weight_decay: Of AdamW; norms and biases are spared.
        warmup_images: Images over which the rate rises.
        decay_share: Share of all images at the end over which the rate falls to a hundredth.
        max_norm: Gradients are cut to this norm.
        ema_steps: Memory of the averaged weights in steps.
        single_from: Share of all images after which the one-to-one branch learns.
        seed: Of everything random.
    """

    images: int = 40000
    batch: int = 16
    min_side_px: int = 320
    max_side_px: int = 512
    max_area_px: int = 512 * 384
    rate: float = 1.5e-3
    backbone_factor: float = 0.1
    inherited_factor: float = 0.3
    weight_decay: float = 0.03
    warmup_images: int = 3000
    decay_share: float = 0.3
    max_norm: float = 10.0
    ema_steps: int = 300
    single_from: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.images < self.batch or self.batch < 2:
            raise ValueError(f"images >= batch >= 2 wanted, got {self.images} and {self.batch}")


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses; see `ovd.training.losses.criterion.LossWeights`.

    Attributes:
        box: GIoU of the boxes.
        single: Class loss of the one-to-one branch.
        bins: Cross entropy of the distances to the sides; of `ovghost` alone.
        presence: Image-level loss.
        captions: Phrases of captions against whole images; see `ovd.training.text.caption_phrases`.
        distill: What the teacher thinks of the same view; see `ovd.training.teacher.distillation`.
        quality_floor: Least target of a positive point at the very start; falls to 0 by the end
            of the warm-up.
    """

    box: float = 2.0
    bins: float = 0.25
    single: float = 1.0
    presence: float = 0.5
    captions: float = 0.3
    distill: float = 0.0
    quality_floor: float = 0.6


@dataclass(frozen=True)
class PlanConfig:
    """Configure logging, checkpoints and worker processes.

    Attributes:
        log_steps: Steps between two lines of the curve.
        save_images: Images between two checkpoints.
        workers: Processes that prepare batches.
    """

    log_steps: int = 20
    save_images: int = 4000
    workers: int = 1


@dataclass(frozen=True)
class TrainConfig:
    """Configure a whole training run."""

    data: DataConfig
    trust: TrustConfig = field(default_factory=TrustConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    phrases: PhraseConfig = field(default_factory=PhraseConfig)
    captions: CaptionConfig = field(default_factory=CaptionConfig)
    distill: DistillConfig = field(default_factory=DistillConfig)
    origin: OriginConfig = field(default_factory=OriginConfig)
    detr: DetrConfig = field(default_factory=DetrConfig)
    last_layer: LastLayerConfig = field(default_factory=LastLayerConfig)
    text: TextConfig = field(default_factory=TextConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    plan: PlanConfig = field(default_factory=PlanConfig)


def load_train_config(path: Path) -> TrainConfig:
    """Read a training configuration.

    Raises:
        SettingsError: If the file cannot be read, a key is unknown or missing, or a value has
            the wrong type.
    """
    return load_config(path, TrainConfig)


def load_config(path: Path, kind: type[T]) -> T:
    """Read a configuration into `kind`, a dataclass of dataclasses.

    Raises:
        SettingsError: As `load_train_config`.
    """
    try:
        document = read_toml(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read the training configuration {path}: {error}") from error
    return _build(kind, document, str(path))


def _build(kind: type[T], table: dict[str, Any], at: str) -> T:
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    known = {item.name for item in fields(kind)}
    table = {_new_key(key, table, known): value for key, value in table.items()}
    unknown = sorted(set(table) - known)
    if unknown:
        raise SettingsError(
            f"{at}: unknown key {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )
    values = {name: _value(hints[name], value, f"{at}: {name}") for name, value in table.items()}
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{at}: {error}") from error


def _new_key(key: str, table: dict[str, Any], known: set[str]) -> str:
    """Return today's name of a key; a key whose new name is there too keeps its own."""
    new = RENAMED_KEYS.get(key, key)
    return new if new in known and new not in table else key


def _value(hint: Any, value: Any, at: str) -> Any:
    if is_dataclass(hint) and isinstance(value, dict):
        return _build(hint, value, at)  # type: ignore[arg-type]
    if getattr(hint, "__origin__", None) is tuple and isinstance(value, list):
        inner = hint.__args__[0]
        return tuple(_value(inner, item, f"{at}[{i}]") for i, item in enumerate(value))
    if getattr(hint, "__origin__", None) is Mapping and isinstance(value, dict):
        inner = hint.__args__[1]
        return {name: _value(inner, item, f"{at}.{name}") for name, item in value.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(hint, type) or type(value) is not hint:
        wanted = getattr(hint, "__name__", str(hint))
        raise SettingsError(f"{at}: wanted {wanted}, got {value!r}")
    return value
