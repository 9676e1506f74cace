"""ModelService: lists, downloads, adds and removes the models that do not ship."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ovd.errors import (
    InputError,
    ModelMismatchError,
    ModelMissingError,
    NoSpaceError,
    OutputError,
    UnknownModelError,
)
from ovd.model.backends import BACKENDS
from ovd.model.backends.spec import BackendSpec, HubSource
from ovd.model.hub.client import HubClient
from ovd.model.hub.download import SPARE_BYTES, Pull, PullProgress, move_into_place, pull_snapshot
from ovd.model.hub.snapshot import (
    SnapshotLock,
    make_lock,
    read_config,
    read_lock,
    require_fitting,
    verify_snapshot,
    write_lock,
)
from ovd.model.hub.writing import write_alone


@dataclass(frozen=True)
class ModelEntry:
    """A model that does not ship, and whether it is here.

    Attributes:
        spec: Its entry in the table of detectors.
        lock: The files that are here; None where it is not.
        accepted: Whether its licence is permissive or was accepted.
    """

    spec: BackendSpec
    lock: SnapshotLock | None
    accepted: bool

    @property
    def size(self) -> int:
        """Return the bytes of its files, or what its weights alone will take."""
        return self.lock.size if self.lock is not None else 4 * self.spec.parameters


class ModelService:
    """The models of one folder; safe to share between threads, and with other processes."""

    def __init__(
        self,
        folder: Path,
        client: HubClient,
        accepted_licences: frozenset[str] = frozenset(),
        specs: tuple[BackendSpec, ...] = BACKENDS,
    ) -> None:
        """Look after a folder, which need not exist.

        Args:
            folder: Where models are, each in a folder of its name.
            client: Where they come from.
            accepted_licences: Licences that were accepted beside the permissive ones.
            specs: The table of detectors.
        """
        self._folder = folder
        self._client = client
        self._accepted = accepted_licences
        self._specs = tuple(spec for spec in specs if spec.hub is not None)

    def all(self) -> tuple[ModelEntry, ...]:
        """Return the models in the order of the table; reads no weights."""
        return tuple(self._entry(spec) for spec in self._specs)

    def find(self, name: str) -> ModelEntry:
        """Return a model.

        Raises:
            UnknownModelError: If none has that name.
        """
        return self._entry(self._spec(name))

    def pull(
        self, name: str, report: Callable[[PullProgress], None], to: Path | None = None
    ) -> Path:
        """Download a model, unless it is here and whole; return its folder.

        Args:
            name: Name of the model.
            report: Told of every piece; may raise to end the download, which can be resumed.
            to: Folder of models to use instead of the service's own.

        Raises:
            UnknownModelError: If none has that name.
            LicenceError: If its licence was not accepted.
            ConflictError: If it is being downloaded or added already.
            OvdError: As `pull_snapshot`.
        """
        spec = self._spec(name)
        spec.require_licence(self._accepted)
        folder = (to or self._folder) / name
        with write_alone(folder):
            pull_snapshot(self._client, Pull(name, _hub(spec).repository, folder), report)
            require_fitting(folder, name, _hub(spec).model_type)
        return folder

    def require_pullable(self, name: str) -> None:
        """Refuse what `pull` would refuse before it asks the hub.

        Raises:
            UnknownModelError: If no model has that name.
            LicenceError: If its licence was not accepted.
        """
        self._spec(name).require_licence(self._accepted)

    def add(self, source: Path, name: str | None = None) -> Path:
        """Take a folder that was copied by hand, and lock its files as they are; return its place.

        Args:
            source: A folder as the hub has it. It is copied, unless it is in its place already.
            name: Name of the model; None finds it out from the configuration.

        Raises:
            UnknownModelError: If none has that name, or several fit.
            LicenceError: If its licence was not accepted.
            ModelMismatchError: If the folder holds another model.
            NoSpaceError: If the disk has too little room.
            OutputError: If the folder cannot be written.
        """
        if not source.is_dir():
            raise ModelMismatchError(f"{source} is no folder; give the folder of a model")
        spec = self._recognise(source) if name is None else self._spec(name)
        spec.require_licence(self._accepted)
        require_fitting(source, spec.name, _hub(spec).model_type)
        _require_marks(source, spec)
        place = self._folder / spec.name
        with write_alone(place):
            lock = make_lock(source, spec.name)
            if place.exists() and place.samefile(source):
                write_lock(place, lock)
            else:
                _copy(source, place, lock)
        return place

    def verify(self, name: str) -> SnapshotLock:
        """Read a model whole and compare it with its lock.

        Raises:
            ModelMissingError: If it is not here.
            WeightsError: If it changed.
        """
        folder = self._folder / self._spec(name).name
        lock = read_lock(folder, name)
        verify_snapshot(folder, lock)
        return lock

    def remove(self, name: str) -> None:
        """Remove the files of a model.

        Raises:
            ModelMissingError: If it is not here.
            OutputError: If they cannot be removed.
        """
        if self.find(name).lock is None:
            raise ModelMissingError(f"the model {name!r} is not in {self._folder}")
        with write_alone(self._folder / name):
            try:
                shutil.rmtree(self._folder / name)
            except OSError as error:
                raise OutputError(f"cannot remove {error.filename}: {error.strerror}") from error

    def _entry(self, spec: BackendSpec) -> ModelEntry:
        accepted = spec.is_permissive or spec.licence in self._accepted
        return ModelEntry(spec, spec.locked(self._folder), accepted)

    def _spec(self, name: str) -> BackendSpec:
        spec = next((spec for spec in self._specs if spec.name == name), None)
        if spec is None:
            known = ", ".join(spec.name for spec in self._specs)
            raise UnknownModelError(f"no model {name!r} can be downloaded; known: {known}")
        return spec

    def _recognise(self, source: Path) -> BackendSpec:
        config = read_config(source)
        fitting = [
            spec
            for spec in self._specs
            if _hub(spec).model_type == config.get("model_type") and not _differing(config, spec)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise ModelMismatchError(
                f"{source} holds a model of type {config.get('model_type', 'unknown')!r}, which is "
                "none of: " + ", ".join(spec.name for spec in self._specs)
            )
        names = ", ".join(spec.name for spec in fitting)
        raise UnknownModelError(f"{source} may be any of {names}; say which: --as NAME")


def _copy(source: Path, place: Path, lock: SnapshotLock) -> None:
    work = place.parent / f".{place.name}.copy"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place.parent).free
        if free < lock.size + SPARE_BYTES:
            raise NoSpaceError(
                f"copying {source} needs {lock.size / 1e6:.0f} MB in {place.parent}, "
                f"{free / 1e6:.0f} MB are free; remove something, or set OVD_MODELS_DIR"
            )
        shutil.rmtree(work, ignore_errors=True)
        for file in lock.files:
            target = work / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file.path, target)
        verify_snapshot(work, lock)
        write_lock(work, replace(lock))
        move_into_place(work, place)
    except OSError as error:
        raise OutputError(f"cannot copy {source} to {place}: {error.strerror}") from error


def _hub(spec: BackendSpec) -> HubSource:
    if spec.hub is None:
        raise InputError(f"{spec.name!r} ships with ovd")
    return spec.hub


def _differing(config: dict[str, Any], spec: BackendSpec) -> str:
    """Return what in a configuration is not as the model has it; empty where all is."""
    for key, wanted in _hub(spec).marks:
        value: Any = config
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        # What is left out is the library's default, that of the smaller model.
        if value is not None and value != wanted:
            return f"{key} is {value}, wanted {wanted}"
    return ""


def _require_marks(source: Path, spec: BackendSpec) -> None:
    differing = _differing(read_config(source), spec)
    if differing:
        raise ModelMismatchError(f"{source} holds another model than {spec.name!r}: {differing}")
