"""One file of database, key and images together, written and checked whole."""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from ovd.bundled import VERSION
from ovd.errors import InputError, OutputError, StoreCorruptError

DATABASE, KEY, EVIDENCE, MANIFEST = "ovd.db", "secret.key", "evidence", "manifest.json"
_FORMAT = 1
_NAME = re.compile(
    r"ovd\.db|secret\.key|evidence/[0-9-]{10}/[0-9a-f]{16}/(series\.json|[0-9a-z_]{1,200}\.jpg)"
)
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 256_000_000


@dataclass(frozen=True)
class ArchiveParts:
    """The parts of a backup.

    Attributes:
        copy_database: Writes a copy of the database into a file that does not exist yet.
        key: File of the key that encrypts credentials; there may be none.
        evidence: Folder of the images; there may be none.
    """

    copy_database: Callable[[Path], int]
    key: Path
    evidence: Path


@dataclass(frozen=True)
class Unpacked:
    """The checked contents of an archive in a folder of their own.

    Attributes:
        database: Copy of the database.
        key: The key; None if the archive has none.
        evidence: Folder of the images; None if the archive has none.
    """

    database: Path
    key: Path | None
    evidence: Path | None


def is_archive(file: Path) -> bool:
    """Return whether a file is an archive rather than a database."""
    return file.is_file() and tarfile.is_tarfile(file)


def write_archive(target: Path, parts: ArchiveParts, now: datetime, overwrite: bool) -> int:
    """Write database, key and images into one tar file that only its owner may read.

    Written beside `target` and renamed, so that no half archive stays. The database is copied
    first: images are at least as new as what it counts.

    Returns:
        Size of the archive in bytes.

    Raises:
        OutputError: If `target` exists and may not be overwritten, or cannot be written.
        StoreError: If the database cannot be copied.
    """
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists; choose another name, or replace it with --force")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with TemporaryDirectory(prefix=".ovd-", dir=target.parent) as folder:
            copy = Path(folder) / DATABASE
            parts.copy_database(copy)
            with (
                os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
                tarfile.open(fileobj=file, mode="w") as archive,
            ):
                _add_files(archive, copy, parts, now)
        part.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check the folder") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


@contextmanager
def unpack_archive(file: Path, beside: Path) -> Iterator[Unpacked]:
    """Unpack an archive beside where its contents go, and check every byte of it.

    Raises:
        InputError: If it is no archive of ovd.
        StoreCorruptError: If something in it is missing, damaged or does not belong there.
        OutputError: If there is no room for it.
    """
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".restore-", dir=beside) as folder:
        root = Path(folder)
        try:
            with tarfile.open(file) as archive:
                manifest, found = _unpack(archive, root)
        except tarfile.TarError as error:
            raise StoreCorruptError(f"{file} is damaged: {error}; take another copy") from error
        except OSError as error:
            raise OutputError(f"{file} cannot be unpacked: {error.strerror}") from error
        if manifest.get("format") != _FORMAT:
            raise InputError(f"{file} is no backup that this ovd knows; take one of ovd db backup")
        if manifest.get("files") != found:
            raise StoreCorruptError(f"{file} is damaged: its contents are not as listed in it")
        yield Unpacked(
            root / DATABASE,
            root / KEY if KEY in found else None,
            root / EVIDENCE if (root / EVIDENCE).is_dir() else None,
        )


def put_in_place(new: Path | None, place: Path, now: datetime) -> Path | None:
    """Move an unpacked file or folder to its place; the former one is kept beside it.

    Returns:
        Where the former one is; None if there was none, or it was the same file.

    Raises:
        OutputError: If it cannot be moved.
    """
    if new is None:
        return None
    kept = place.with_name(f"{place.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    try:
        if place.is_file() and place.read_bytes() == new.read_bytes():
            return None
        had = place.exists()
        if had:
            place.rename(kept)
        shutil.move(new, place)
    except OSError as error:
        raise OutputError(f"{place} cannot be replaced: {error.strerror}") from error
    return kept if had else None


def _add_files(archive: tarfile.TarFile, copy: Path, parts: ArchiveParts, now: datetime) -> None:
    listed = {DATABASE: _add(archive, DATABASE, copy)}
    if parts.key.is_file():
        listed[KEY] = _add(archive, KEY, parts.key)
    for path in sorted(parts.evidence.glob("*/*/*")):
        name = f"{EVIDENCE}/{path.relative_to(parts.evidence).as_posix()}"
        if _NAME.fullmatch(name):
            try:
                listed[name] = _add(archive, name, path)
            except FileNotFoundError:
                continue  # removed meanwhile, because it is old
    manifest = {
        "format": _FORMAT,
        "ovd": VERSION,
        "created_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "files": listed,
    }
    content = json.dumps(manifest, indent=1).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode, info.mtime = len(content), 0o600, round(now.timestamp())
    archive.addfile(info, io.BytesIO(content))


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file; returns its checksum."""
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = state.st_size, 0o600, round(state.st_mtime)
        reader = _HashingReader(file)
        archive.addfile(info, reader)
    return reader.checksum.hexdigest()


class _HashingReader:
    """Reads a file and sums up what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.checksum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.checksum.update(content)
        return content


def _unpack(archive: tarfile.TarFile, root: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Write the files of an archive, none of them outside of `root`; returns their checksums."""
    manifest: object = None
    found: dict[str, str] = {}
    for info in archive:
        content = archive.extractfile(info) if info.isreg() else None
        if content is None or not (_NAME.fullmatch(info.name) or info.name == MANIFEST):
            raise tarfile.TarError(f"{info.name[:80]!r} does not belong into it")
        if info.name == MANIFEST:
            manifest = _read_manifest(content)
            continue
        path = root / info.name
        path.parent.mkdir(parents=True, exist_ok=True)
        reader = _HashingReader(content)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while chunk := reader.read(_CHUNK):
                file.write(chunk)
        os.utime(path, (info.mtime, info.mtime))
        found[info.name] = reader.checksum.hexdigest()
    return manifest if isinstance(manifest, dict) else {}, found


def _read_manifest(content: IO[bytes]) -> object:
    try:
        return json.loads(content.read(_LARGEST_MANIFEST))
    except ValueError as error:
        raise tarfile.TarError("its list of contents cannot be read") from error
