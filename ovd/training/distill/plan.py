"""The plan of a distillation: what is asked for, kept beside its results."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ovd.errors import InputError
from ovd.training.distill.files import write_json
from ovd.training.distill.head import HeadConfig

PLAN = "plan.json"


@dataclass(frozen=True)
class DistillPlan:
    """A distillation: source, teacher, names and student.

    Attributes:
        source: Where frames are taken from, without credentials.
        teacher: Identity of the teacher: its name and the start of its checksum.
        names: What is to be learned.
        min_scores: Thresholds of the teacher, in the order of the names.
        student: Identity of the student before.
        frames: The most frames that are labelled.
        seconds: Media time that is watched; None to the end of the recording.
        full: Whether the whole network learns.
    """

    source: str
    teacher: str
    names: tuple[str, ...]
    min_scores: tuple[float, ...]
    student: str
    frames: int
    seconds: float | None
    full: bool = False


@dataclass(frozen=True)
class DistillLimits:
    """Numbers of a distillation: how much is needed, and what counts as better.

    Attributes:
        checked: Frames that the teacher is shown mirrored too.
        least_steady: Share of its labels that it must give again there.
        least_learned: Objects of a name needed to learn from.
        least_held_out: Objects of a name needed to check with.
        least_gain: AP50 by which a name must be found better than before.
        most_miscounted: Objects per frame by which counts of a name may get worse all the same.
        scaled_on: Frames learned from on which the threshold of a name is found, at most.
        most_lost: AP50 that the other names may lose.
        head: How names are fitted to the network as it is.
        full_passes: How often each frame is learned from when the whole network learns.
        full_images: The most images that it then learns from, repeats counted.
    """

    checked: int = 40
    least_steady: float = 0.5
    least_learned: int = 10
    least_held_out: int = 3
    least_gain: float = 0.01
    most_miscounted: float = 0.1
    scaled_on: int = 60
    most_lost: float = 0.01
    head: HeadConfig = field(default_factory=HeadConfig)
    full_passes: int = 20
    full_images: int = 6000


def begin(folder: Path, plan: DistillPlan) -> None:
    """Keep the plan, or check that the folder belongs to the same.

    Raises:
        InputError: If the folder belongs to another plan.
        OutputError: If it cannot be written.
    """
    path = folder / PLAN
    wanted = json.loads(json.dumps(asdict(plan)))
    if not path.is_file():
        write_json(path, wanted)
        return
    kept = json.loads(path.read_text(encoding="utf-8"))
    other = [key for key, value in wanted.items() if kept.get(key) != value]
    if other:
        raise InputError(
            f"{folder} holds another distillation: {other[0]} was {kept.get(other[0])!r}, now "
            f"{wanted[other[0]]!r}; choose another folder with --out, or remove this one"
        )
