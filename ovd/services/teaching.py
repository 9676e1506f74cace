"""TeachingService: names taught by example in a running server, which finds them at once."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ovd.detection.taught.examples import ExampleImage
from ovd.detection.taught.proposals import Proposal
from ovd.detection.taught.teacher import NameTeacher
from ovd.domain.frame import Image
from ovd.domain.names import name_key
from ovd.domain.teaching.taught_names import TaughtName, TaughtNames
from ovd.errors import NotFoundError


@dataclass(frozen=True, eq=False)
class Lesson:
    """Boxes by which a name is to be learned.

    Attributes:
        name: What to call the object.
        images: Images with boxes of one kind each.
        keep: Whether the examples that the name has already are used too.
        anyway: Whether to learn it also where the examples are known by another name, or are
            not found by what the others taught.
    """

    name: str
    images: tuple[ExampleImage, ...]
    keep: bool = False
    anyway: bool = False


class TeachingService:
    """Teaches names and tells which there are. Every method may be called from any thread."""

    def __init__(
        self,
        build_teacher: Callable[[], NameTeacher],
        names: TaughtNames,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep names in a database.

        Args:
            build_teacher: Gives who teaches; called when it is first needed.
            names: The names of the database.
            changed: Called when a name was taught or removed, so that it is used at once.
        """
        self._build_teacher = build_teacher
        self._names = names
        self._changed = changed
        self._lock = threading.Lock()
        self._teacher: NameTeacher | None = None

    def all(self) -> tuple[TaughtName, ...]:
        """Return the names in use, by name.

        Raises:
            StoreError: If they cannot be read.
        """
        return self._names.all()

    def find(self, name: str) -> TaughtName:
        """Return a name in use.

        Raises:
            NotFoundError: If there is none of that name.
            StoreError: If they cannot be read.
        """
        for item in self._names.all():
            if name_key(item.name) == name_key(name):
                return item
        raise NotFoundError(f"there is no taught name {name[:80]!r}")

    def teach(self, lesson: Lesson) -> TaughtName:
        """Learn a name, or a new version of it, and keep it.

        Raises:
            NotFoundError: If the examples of a name are to be kept that there is not.
            ExampleError: If a box cannot be learned from.
            OvdError: As `NameTeacher.learn`.
        """
        with self._lock:
            teacher = self._current_teacher()
            kept = self.find(lesson.name).examples if lesson.keep else ()
            examples = (*kept, *teacher.read_images(lesson.images))
            taught = teacher.learn(lesson.name, examples, anyway=lesson.anyway)
            taught = self._names.add(taught)
        self._changed()
        return taught

    def find_look_alikes(
        self, name: str, frames: Sequence[tuple[str, Image]], limit: int = 12
    ) -> list[Proposal]:
        """Return what looks like a name on frames, to be confirmed or refused, best first.

        Args:
            name: A name in use.
            frames: Sources and images.
            limit: At most so many.

        Raises:
            NotFoundError: If there is no such name.
            ImageError: If an image cannot be used.
        """
        taught = self.find(name)
        with self._lock:
            teacher = self._current_teacher()
            regions = teacher.find_regions([image for _, image in frames])
            sources = [source for source, _ in frames]
            return teacher.propose(taught, list(zip(sources, regions, strict=True)), limit)

    def remove(self, name: str) -> TaughtName:
        """Stop using a name; what was counted with it stays.

        Raises:
            NotFoundError: If there is none of that name.
            StoreError: If it cannot be written.
        """
        taught = self.find(name)
        self._names.remove(taught.name, taught.camera)
        self._changed()
        return taught

    def _current_teacher(self) -> NameTeacher:
        if self._teacher is None:
            self._teacher = self._build_teacher()
        return self._teacher
