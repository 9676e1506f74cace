"""Distillation: the large model that labels, the recording, and the detector that learns."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ovd.bootstrap.counting import build_opener, default_camera_name
from ovd.bootstrap.detectors import build_detector, build_reader, load_network, open_network
from ovd.bootstrap.stores import open_catalogue
from ovd.bootstrap.teaching import load_region_bank
from ovd.domain.ports import Detector, FrameSource, QueryReader, SourceOptions
from ovd.domain.query import Query
from ovd.errors import InputError, SourceOpenError
from ovd.model.runtimes.options import Precision, Runtime
from ovd.model.weights import WeightsRole, has_weights
from ovd.settings import Settings
from ovd.video.uri import SourceUri, UriKind

if TYPE_CHECKING:
    from ovd.training.distill.full import FullTraining
    from ovd.training.distill.head import Rows
    from ovd.training.distill.learning import OnStage, Student
    from ovd.training.distill.plan import DistillPlan
    from ovd.training.distill.run import Surroundings

STUDENT = "ovdense"
# Frames per second of a clip or camera that are looked at for something new.
SAMPLE_FPS = 2.0


@dataclass(frozen=True)
class DistillRequest:
    """A distillation as a user asks for it.

    Attributes:
        teacher: Name of the large model.
        names: What is to be learned, as typed.
        source: A recording, a folder of images, or the name of a camera.
        frames: The most frames that are labelled.
        hours: Media time to watch; None for all of it.
        fps: Frames per second that are looked at; None for the default.
        min_score: Threshold of the teacher; None for its own.
        full: Whether the whole network learns.
        device: Where it is trained, as torch calls it.
        command: How it was started, to be kept with the weights.
    """

    teacher: str
    names: tuple[str, ...]
    source: str
    frames: int = 300
    hours: float | None = None
    fps: float | None = None
    min_score: float | None = None
    full: bool = False
    device: str = "cpu"
    command: str = ""

    def __post_init__(self) -> None:
        if self.teacher == STUDENT:
            raise InputError(
                f"{STUDENT!r} is the detector that learns; choose a large model as its teacher: "
                "ovd detectors"
            )
        if not self.names:
            raise InputError('no name to learn; give at least one, such as --names "forklift"')
        if self.frames < 1 or (self.hours is not None and self.hours <= 0):
            raise InputError(
                f"--frames of at least 1 and --hours above 0 wanted, got {self.frames} and "
                f"{self.hours}"
            )


def build_distillation(
    settings: Settings, request: DistillRequest, on_stage: "OnStage"
) -> "tuple[DistillPlan, Surroundings]":
    """Load teacher and student, and find the source.

    Args:
        settings: Weights, models, database, language.
        request: What is asked for.
        on_stage: Called with a stage's name, what is done and the total.

    Raises:
        InputError: If a name cannot be learned as it is typed, or there is no such source.
        WeightsError: If weights are missing or damaged.
    """
    from ovd.training.distill.labelling import Teacher
    from ovd.training.distill.plan import DistillPlan
    from ovd.training.distill.run import Surroundings

    address = _find_address(settings, request.source)
    detector = build_detector(settings.model_copy(update={"detector": request.teacher}))
    reader = build_reader(detector, settings.weights_dir)

    def ask(names: Sequence[str]) -> Teacher:
        queries = tuple(read_name(reader, name, request.min_score) for name in names)
        return Teacher(detector, queries, tuple(query.prompts[0] for query in queries))

    student = _open_student(settings, settings.weights_dir)
    teacher = ask(request.names)
    plan = DistillPlan(
        source=SourceUri.parse(address).redacted,
        teacher=detector.info.detector_id,
        names=teacher.names,
        min_scores=tuple(query.min_score for query in teacher.queries),
        student=student.info.detector_id,
        frames=request.frames,
        seconds=None if request.hours is None else request.hours * 3600,
        full=request.full,
    )
    around = Surroundings(
        lambda: _open_source(settings, address, request.fps),
        ask,
        make_student(settings, request),
        on_stage,
        settings.ui_language,
    )
    return plan, around


def make_student(settings: Settings, request: DistillRequest) -> "Student":
    """Return the embedded detector of the settings' weights as what learns.

    Raises:
        WeightsError: If weights are missing or damaged.
    """
    from ovd.training.distill.learning import Student

    return Student(
        settings.weights_dir,
        lambda folder: _open_student(settings, folder),
        lambda: _load_background(settings),
        _build_training(settings, request) if request.full else None,
    )


def _build_training(settings: Settings, request: DistillRequest) -> "FullTraining":
    from ovd.training.distill.full import FullTraining
    from ovd.training.distill.plan import DistillLimits
    from ovd.training.engine.run import RunOptions

    options = RunOptions(device=request.device, command=request.command)
    student = _open_student(settings, settings.weights_dir)
    return FullTraining(settings.weights_dir, student, DistillLimits(), options)


def read_name(reader: QueryReader, name: str, min_score: float | None) -> Query:
    """Read a name that is to be learned: one kind of object, nothing beside it.

    Raises:
        InputError: If it is a list, a wider word, or has conditions.
    """
    query = reader.read(name, min_score)
    if not query.supported:
        raise InputError(f"the teacher cannot be asked for {name!r}: {query.note}")
    if len(query.prompts) != 1 or query.excluded or query.coloured or query.has_conditions:
        raise InputError(
            f"{name!r} is read as {query.read_as!r}; a name to learn is one kind of object without "
            "colours, relations and exceptions: give its names one by one"
        )
    return query


def _open_student(settings: Settings, folder: Path) -> Detector:
    """Open the embedded detector of a weights folder, computed alike before and after."""
    network = load_network(
        settings.model_copy(
            update={
                "detector": STUDENT,
                "weights_dir": folder,
                "runtime": Runtime.EAGER,
                "precision": Precision.FLOAT32,
                "text_encoder": None,
            }
        )
    )
    open_network(network)
    return network


def _load_background(settings: Settings) -> "Rows | None":
    if not has_weights(settings.weights_dir, STUDENT, WeightsRole.REGION_BANK):
        return None
    return load_region_bank(settings.weights_dir, STUDENT).embeds


def _find_address(settings: Settings, source: str) -> str:
    """Return the address of a camera by its name, or the source itself.

    Raises:
        InputError: If it is neither.
    """
    if "://" in source or source.startswith("webcam:") or Path(source).exists():
        return source
    with closing(open_catalogue(settings)) as store:
        if any(camera.name == source for camera in store.cameras.all()):
            return store.cameras.find_address(source)
    raise SourceOpenError(f"there is no file, folder or camera {source!r}; see: ovd cameras list")


def _open_source(settings: Settings, address: str, fps: float | None) -> FrameSource:
    kind = SourceUri.parse(address).kind
    is_images = kind in (UriKind.IMAGE, UriKind.FOLDER)
    sample_fps = fps or (None if is_images else SAMPLE_FPS)
    opener = build_opener(settings)
    return opener(address, default_camera_name(address), SourceOptions(sample_fps, give_up_s=120.0))
