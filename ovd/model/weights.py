"""Weights on disk: a manifest, checksums, safetensors and nothing else."""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from ovd.errors import WeightsChecksumError, WeightsError
from ovd.text_files import read_toml

MANIFEST = "manifest.toml"
FACTS_KEY = "ovd"
HOW_TO_RESTORE = "fetch it again from the ovd repository, or point OVD_WEIGHTS_DIR to a good copy"


class WeightsRole(StrEnum):
    """The purpose of a file."""

    NETWORK = "network"
    NETWORK_GRAPH = "network_graph"
    INT8_RANGES = "int8_ranges"
    TEXT_EMBEDDINGS = "text_embeddings"
    TEXT_TOWER = "text_tower"
    TEXT_TOWER_CONFIG = "text_tower_config"
    SPELLER = "speller"
    REGION_BANK = "region_bank"


class WeightsState(StrEnum):
    """The state of a file on disk compared with its manifest."""

    OK = "ok"
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True)
class WeightsFile:
    """One entry of the manifest.

    Attributes:
        file: Name in the weights folder.
        role: What it is for.
        used_by: Names of the detectors that load it.
        sha256: Checksum, hexadecimal.
        size: Bytes.
        licence: SPDX identifier.
        origin: Where it comes from.
    """

    file: str
    role: WeightsRole
    used_by: tuple[str, ...]
    sha256: str
    size: int
    licence: str
    origin: str

    def __post_init__(self) -> None:
        if Path(self.file).name != self.file:
            raise ValueError(f"file must be a bare name, got {self.file!r}")


@dataclass(frozen=True)
class WeightsStatus:
    """A manifest entry and how the file on disk compares with it."""

    entry: WeightsFile
    state: WeightsState


@dataclass(frozen=True, eq=False)
class LoadedWeights:
    """The content of a verified file.

    Attributes:
        entry: What the manifest says about it.
        tensors: Arrays by name, in the precision in which they are stored.
        names: The names that its outputs or rows stand for, in order.
        encoder_id: For text embeddings, which encoder made them; else empty.
    """

    entry: WeightsFile
    tensors: dict[str, NDArray[np.generic]]
    names: tuple[str, ...]
    encoder_id: str

    def below(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """Return the tensors whose names start with a prefix, under their names without it."""
        return {
            name.removeprefix(prefix): array
            for name, array in self.tensors.items()
            if name.startswith(prefix)
        }


def read_manifest(weights_dir: Path) -> tuple[WeightsFile, ...]:
    """Read the entries of a weights folder.

    Raises:
        WeightsError: If there is no manifest or it cannot be understood.
    """
    path = weights_dir / MANIFEST
    try:
        entries = read_toml(path)["weights"]
        return tuple(
            WeightsFile(
                **(entry | {"role": WeightsRole(entry["role"]), "used_by": tuple(entry["used_by"])})
            )
            for entry in entries
        )
    except OSError as error:
        raise WeightsError(
            f"cannot read the weights manifest {path}: {error.strerror}; set OVD_WEIGHTS_DIR to "
            f"the folder that holds {MANIFEST}"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"the weights manifest {path} is damaged: {error}") from error


def check_weights(weights_dir: Path) -> tuple[WeightsStatus, ...]:
    """Compare every file of the manifest with the disk, reading each whole.

    Raises:
        WeightsError: If the manifest cannot be read.
    """
    return tuple(
        WeightsStatus(entry, _state(weights_dir / entry.file, entry))
        for entry in read_manifest(weights_dir)
    )


def verify_weights(weights_dir: Path) -> tuple[WeightsFile, ...]:
    """Return all entries of the manifest, after their files were found unchanged.

    Raises:
        WeightsError: If the manifest or a file is missing.
        WeightsChecksumError: If a file is not the one the manifest names.
    """
    entries = read_manifest(weights_dir)
    for entry in entries:
        _verify(weights_dir / entry.file, entry)
    return entries


def load_weights(weights_dir: Path, detector: str, role: WeightsRole) -> LoadedWeights:
    """Verify and read the file that a detector uses in one role.

    Raises:
        WeightsError: If the manifest names no such file, or it is missing or unreadable.
        WeightsChecksumError: If the file is not the one the manifest names.
    """
    entry = _find(weights_dir, detector, role)
    path = weights_dir / entry.file
    _verify(path, entry)
    try:
        with safe_open(path, framework="np") as file:
            facts = json.loads((file.metadata() or {}).get(FACTS_KEY, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"weights file {path} is no safetensors file: {error}") from error
    return LoadedWeights(entry, tensors, tuple(facts.get("names", ())), facts.get("encoder_id", ""))


def load_weights_config(weights_dir: Path, detector: str, role: WeightsRole) -> dict[str, Any]:
    """Verify and read the JSON object that a detector uses in one role.

    Raises:
        WeightsError: As `load_weights`.
        WeightsChecksumError: If the file is not the one the manifest names.
    """
    entry = _find(weights_dir, detector, role)
    path = weights_dir / entry.file
    _verify(path, entry)
    try:
        document: dict[str, Any] = dict(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(f"weights file {path} is no JSON object: {error}") from error
    return document


def has_weights(weights_dir: Path, detector: str, role: WeightsRole) -> bool:
    """Return whether the manifest names a file for a detector in one role.

    Raises:
        WeightsError: If the manifest cannot be read.
    """
    entries = read_manifest(weights_dir)
    return any(entry.role == role and detector in entry.used_by for entry in entries)


def _find(weights_dir: Path, detector: str, role: WeightsRole) -> WeightsFile:
    for entry in read_manifest(weights_dir):
        if entry.role == role and detector in entry.used_by:
            return entry
    raise WeightsError(
        f"{weights_dir / MANIFEST} names no {role} file for the detector {detector!r}"
    )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path, entry: WeightsFile) -> WeightsState:
    if not path.is_file():
        return WeightsState.MISSING
    same = path.stat().st_size == entry.size and file_sha256(path) == entry.sha256
    return WeightsState.OK if same else WeightsState.CHANGED


def _verify(path: Path, entry: WeightsFile) -> None:
    try:
        got = file_sha256(path)
    except OSError as error:
        raise WeightsError(
            f"cannot read weights file {path}: {error.strerror}; {HOW_TO_RESTORE}"
        ) from error
    if got != entry.sha256:
        raise WeightsChecksumError(
            f"weights file {path} is not the one its manifest names: SHA-256 wanted "
            f"{entry.sha256}, got {got}; {HOW_TO_RESTORE}"
        )


def read_network_sizes(weights_dir: Path) -> dict[str, int]:
    """Return the bytes of the network files of a weights folder, by detector."""
    try:
        entries = read_manifest(weights_dir)
    except WeightsError:
        return {}
    return {
        detector: (weights_dir / entry.file).stat().st_size
        for entry in entries
        if entry.role is WeightsRole.NETWORK and (weights_dir / entry.file).is_file()
        for detector in entry.used_by
    }
