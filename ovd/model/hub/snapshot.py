"""Snapshot folders of models: the files of one revision, and a lock file that names them."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ovd.errors import ModelMismatchError, ModelMissingError, OutputError, WeightsChecksumError
from ovd.model.weights import file_sha256

LOCK_FILE = "ovd.lock.json"
CONFIG_FILE = "config.json"
# What is left of a download that broke off.
PART_SUFFIX = ".part"


@dataclass(frozen=True)
class LockedFile:
    """One file of a snapshot.

    Attributes:
        path: Below the folder, with forward slashes.
        size: Bytes.
        sha256: Checksum, hexadecimal.
    """

    path: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        parts = PurePosixPath(self.path)
        if parts.is_absolute() or ".." in parts.parts or "\\" in self.path or not parts.name:
            raise ValueError(f"a path below the folder is wanted, got {self.path!r}")


@dataclass(frozen=True)
class SnapshotLock:
    """The content of a snapshot folder.

    Attributes:
        model: Name of the model in the table of detectors.
        repository: Where it comes from; empty for a folder that was added by hand.
        revision: Which version of the repository; empty likewise.
        files: All files, by path.
    """

    model: str
    repository: str
    revision: str
    files: tuple[LockedFile, ...]

    @property
    def checksum(self) -> str:
        """Return one SHA-256 of all files, hexadecimal; it does not depend on their order."""
        lines = sorted(f"{file.sha256}  {file.path}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)


def find_lock(folder: Path) -> SnapshotLock | None:
    """Return the lock of a folder; None where there is no usable one."""
    try:
        return _parse_lock((folder / LOCK_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_lock(folder: Path, model: str) -> SnapshotLock:
    """Read the lock of the folder of a model.

    Raises:
        ModelMissingError: If the model is not there; says how to get it.
        ModelMismatchError: If the lock is damaged or names another model.
    """
    if not (folder / LOCK_FILE).is_file():
        raise ModelMissingError(
            f"the model {model!r} is not in {folder}, and ovd downloads nothing by itself; get it "
            f"with: ovd weights pull {model} (or, from a folder that was copied by hand: "
            f"ovd weights add DIR --as {model})"
        )
    lock = find_lock(folder)
    if lock is None:
        raise ModelMismatchError(
            f"{folder / LOCK_FILE} is damaged; make it again: ovd weights add {folder} --as {model}"
        )
    if lock.model != model:
        raise ModelMismatchError(
            f"{folder} holds the model {lock.model!r}, wanted was {model!r}; get it with: "
            f"ovd weights pull {model}"
        )
    return lock


def write_lock(folder: Path, lock: SnapshotLock) -> None:
    """Write the lock of a folder, all at once.

    Raises:
        OutputError: If it cannot be written.
    """
    text = json.dumps(asdict(lock), indent=1)
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, prefix=LOCK_FILE, delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        os.replace(file.name, folder / LOCK_FILE)  # noqa: PTH105
    except OSError as error:
        raise OutputError(f"cannot write {folder / LOCK_FILE}: {error.strerror}") from error


def make_lock(folder: Path, model: str, paths: Iterable[str] | None = None) -> SnapshotLock:
    """Return a lock of the files of a folder as they are, each read whole.

    Args:
        folder: The folder.
        model: Name of the model.
        paths: The files; None takes all of them, without those that a download left unfinished.
    """
    if paths is None:
        found = (path for path in folder.rglob("*") if path.is_file() and _belongs(path))
        paths = (path.relative_to(folder).as_posix() for path in found)
    files = tuple(
        LockedFile(path, (folder / path).stat().st_size, file_sha256(folder / path))
        for path in sorted(paths)
    )
    return SnapshotLock(model, "", "", files)


def verify_snapshot(folder: Path, lock: SnapshotLock) -> None:
    """Compare every file with the lock, reading each whole.

    Raises:
        ModelMismatchError: If one is missing.
        WeightsChecksumError: If one changed.
    """
    for file in lock.files:
        path = folder / file.path
        if not path.is_file():
            raise ModelMismatchError(
                f"{path} is missing; get it again with: ovd weights pull {lock.model}"
            )
        if path.stat().st_size != file.size or file_sha256(path) != file.sha256:
            raise WeightsChecksumError(
                f"{path} is not the file that {folder / LOCK_FILE} names (SHA-256 "
                f"{file.sha256}); get it again with: ovd weights pull {lock.model}"
            )


def read_config(folder: Path) -> dict[str, Any]:
    """Read the configuration of the model in a folder.

    Raises:
        ModelMismatchError: If there is none.
    """
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMismatchError(
            f"{folder} holds no model: its {CONFIG_FILE} cannot be read ({error}); a folder as "
            "the hub has it is wanted, with config.json, *.safetensors and tokenizer files"
        ) from error
    if not isinstance(config, dict):
        raise ModelMismatchError(f"{folder / CONFIG_FILE} is no configuration of a model")
    return config


def require_fitting(
    folder: Path, model: str, model_type: str, weights: Callable[[Path], bool] | None = None
) -> None:
    """Refuse a folder whose configuration is of another architecture, or that has no weights.

    Raises:
        ModelMismatchError: If so.
    """
    got = read_config(folder).get("model_type", "unknown")
    if got != model_type:
        raise ModelMismatchError(
            f"{folder} holds a model of type {got!r}; {model!r} is one of type {model_type!r}"
        )
    has_weights = weights or (lambda path: any(path.glob("*.safetensors")))
    if not has_weights(folder):
        raise ModelMismatchError(
            f"{folder} holds no *.safetensors file; other formats can run code and are not read"
        )


def _belongs(path: Path) -> bool:
    return (
        path.name != LOCK_FILE
        and path.suffix != PART_SUFFIX
        and not any(part.startswith(".") for part in path.parts[-2:])
    )


def _parse_lock(text: str) -> SnapshotLock:
    document = json.loads(text)
    files = tuple(LockedFile(**entry) for entry in document["files"])
    return SnapshotLock(document["model"], document["repository"], document["revision"], files)
