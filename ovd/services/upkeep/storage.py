"""Storage: the bytes that data takes on the disk."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

# What SQLite keeps beside a database file.
_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True)
class StoragePlaces:
    """The places of data.

    Attributes:
        data_dir: Folder of everything.
        database: File of the database; None for a server.
        evidence: Folder of images.
        uploads: Folder of files that were sent.
        results: Folder of what jobs made.
    """

    data_dir: Path
    database: Path | None
    evidence: Path
    uploads: Path
    results: Path


@dataclass(frozen=True)
class Storage:
    """The bytes of a disk, and of what lies on it.

    Attributes:
        total_bytes: Size of the disk of the data folder.
        free_bytes: What is free on it.
        database_bytes: Size of the database; None for a server.
        evidence_bytes: Size of the images.
        uploads_bytes: Size of the files that were sent.
        results_bytes: Size of reports and backups that jobs made.
    """

    total_bytes: int
    free_bytes: int
    database_bytes: int | None
    evidence_bytes: int
    uploads_bytes: int
    results_bytes: int


def measure_storage(places: StoragePlaces) -> Storage:
    """Return how the disk of the data folder is used now."""
    disk = shutil.disk_usage(places.data_dir)
    database = None
    if places.database is not None:
        files = (places.database.with_name(places.database.name + end) for end in _BESIDE)
        database = sum(file.stat().st_size for file in files if file.is_file())
    return Storage(
        disk.total,
        disk.free,
        database,
        measure_folder(places.evidence),
        measure_folder(places.uploads),
        measure_folder(places.results),
    )


def measure_folder(folder: Path) -> int:
    """Return the bytes of the files in a folder and below it; 0 where there is none."""
    size = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                size += (Path(root) / name).lstat().st_size
            except FileNotFoundError:
                continue  # removed meanwhile, because it is old
    return size
