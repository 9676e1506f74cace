"""Download of a snapshot: resumed, checked, and in its place only once it is whole."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ovd.errors import (
    DownloadBrokenError,
    ModelMismatchError,
    NoSpaceError,
    OutputError,
    WeightsChecksumError,
)
from ovd.model.hub.client import HubClient, HubFile, HubListing
from ovd.model.hub.snapshot import (
    PART_SUFFIX,
    SnapshotLock,
    find_lock,
    make_lock,
    verify_snapshot,
    write_lock,
)

# Left free on the disk beside the model.
SPARE_BYTES = 100_000_000
# Tries of one file that bring no byte, after which the download ends.
TRIES = 3
_KINDS = (".json", ".safetensors", ".txt")
_LISTING = "ovd.listing.json"


@dataclass(frozen=True)
class PullProgress:
    """Progress of a download.

    Attributes:
        file: What is being downloaded.
        done: Bytes that are here, of all files.
        total: Bytes of all files.
    """

    file: str
    done: int
    total: int


Report = Callable[[PullProgress], None]


@dataclass(frozen=True)
class Pull:
    """A download to be made.

    Attributes:
        model: Name of the model in the table of detectors.
        repository: Where it comes from.
        folder: Where it is to be; its last part is made here.
    """

    model: str
    repository: str
    folder: Path


def pull_snapshot(
    client: HubClient,
    pull: Pull,
    report: Report,
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
) -> SnapshotLock:
    """Download a model, unless it is there and whole.

    The first download takes the newest revision, and its lock file names it: a later one takes
    that revision again. What a broken download left is used by the next.

    Args:
        client: The hub.
        pull: What, and where to.
        report: Told of every piece.
        free_bytes: Tells how much room the disk of a folder has.

    Raises:
        HubError: If the hub cannot be reached or lacks the model.
        DownloadBrokenError: If the connection broke off too often.
        WeightsChecksumError: If what arrived is not what the hub lists, or what is locked.
        NoSpaceError: If the disk has too little room; nothing is downloaded then.
        OutputError: If the folder cannot be written.
    """
    lock = find_lock(pull.folder)
    if lock is not None and lock.repository == pull.repository and _is_whole(pull.folder, lock):
        return lock
    try:
        return _pull(client, pull, lock, report, free_bytes)
    except OSError as error:
        raise OutputError(f"cannot write to {pull.folder.parent}: {error.strerror}") from error


def _pull(
    client: HubClient,
    pull: Pull,
    lock: SnapshotLock | None,
    report: Report,
    free_bytes: Callable[[Path], int],
) -> SnapshotLock:
    work = pull.folder.parent / f".{pull.folder.name}.download"
    work.mkdir(parents=True, exist_ok=True)
    locked = lock is not None and lock.repository == pull.repository and lock.revision
    listing = _kept_listing(work) or client.describe(pull.repository, locked or "main")
    listing = replace(listing, files=_wanted(listing))
    (work / _LISTING).write_text(json.dumps(asdict(listing)), encoding="utf-8")
    total = sum(file.size for file in listing.files)
    here = sum(_bytes_here(work, file) for file in listing.files)
    needed, free = total - here + SPARE_BYTES, free_bytes(work)
    if free < needed:
        raise NoSpaceError(
            f"{pull.model!r} needs {needed / 1e6:.0f} MB more in {pull.folder.parent}, "
            f"{free / 1e6:.0f} MB are free; remove something, or take --to DIR on another disk"
        )
    done = 0
    for file in listing.files:
        before = done

        def tell(own: int, name: str = file.path, before: int = before) -> None:
            report(PullProgress(name, before + own, total))

        _fetch(client, listing, file, work, tell)
        done += file.size
    made = make_lock(work, pull.model, [file.path for file in listing.files])
    made = replace(made, repository=listing.repository, revision=listing.revision)
    _require_locked(made, lock if locked else None, work)
    write_lock(work, made)
    (work / _LISTING).unlink()
    move_into_place(work, pull.folder)
    return made


def move_into_place(work: Path, folder: Path) -> None:
    """Replace a folder by another beside it; what was there is removed afterwards."""
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    work.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _wanted(listing: HubListing) -> tuple[HubFile, ...]:
    """Return the files that are needed: no code, no pickles, no copies in other formats."""
    files = tuple(
        file for file in listing.files if "/" not in file.path and file.path.endswith(_KINDS)
    )
    if not any(file.path.endswith(".safetensors") for file in files):
        raise ModelMismatchError(
            f"{listing.repository} at {listing.revision} has no *.safetensors file; other formats "
            "can run code and are not read"
        )
    return files


def _fetch(
    client: HubClient,
    listing: HubListing,
    file: HubFile,
    work: Path,
    tell: Callable[[int], None],
) -> None:
    whole = work / file.path
    if whole.is_file() and whole.stat().st_size == file.size:
        return
    part = work / (file.path + PART_SUFFIX)
    fruitless = 0
    while (have := _size(part)) < file.size:
        tell(have)
        try:
            _append(client, listing, file, part, tell)
        except DownloadBrokenError:
            fruitless = fruitless + 1 if _size(part) <= have else 0
            if fruitless >= TRIES:
                raise
        else:
            if _size(part) <= have:
                raise DownloadBrokenError(
                    f"the hub sends {file.path} of {listing.repository} no further than "
                    f"{have} of {file.size} bytes; run the same command later"
                )
    part.touch()
    _require_checksum(part, listing, file)
    part.rename(whole)


def _append(
    client: HubClient,
    listing: HubListing,
    file: HubFile,
    part: Path,
    tell: Callable[[int], None],
) -> None:
    with client.stream(listing, file, _size(part)) as answer, part.open("ab") as target:
        target.truncate(answer.starts_at)
        have = answer.starts_at
        for chunk in answer.chunks:
            target.write(chunk)
            have += len(chunk)
            target.flush()
            tell(have)


def _require_checksum(part: Path, listing: HubListing, file: HubFile) -> None:
    if file.sha256:
        with part.open("rb") as opened:
            got, wanted = hashlib.file_digest(opened, "sha256").hexdigest(), file.sha256
    else:
        content = part.read_bytes()
        header = f"blob {len(content)}\0".encode()
        got = hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
        wanted = file.blob_id
    if got == wanted and part.stat().st_size == file.size:
        return
    part.unlink()
    raise WeightsChecksumError(
        f"{file.path} of {listing.repository} did not arrive as the hub lists it: checksum wanted "
        f"{wanted}, got {got}; it was removed, run the same command again"
    )


def _require_locked(made: SnapshotLock, lock: SnapshotLock | None, work: Path) -> None:
    """Refuse what differs from the lock of the first download, although the revision is its."""
    if lock is None or made.checksum == lock.checksum:
        return
    shutil.rmtree(work, ignore_errors=True)
    raise WeightsChecksumError(
        f"the hub sends other files for revision {lock.revision} of {lock.repository} than those "
        "that were locked by the first download; nothing was replaced"
    )


def _kept_listing(work: Path) -> HubListing | None:
    """Return the listing of a download that broke off, so that it goes on with its revision."""
    try:
        document = json.loads((work / _LISTING).read_text(encoding="utf-8"))
        files = tuple(HubFile(**entry) for entry in document["files"])
        return HubListing(document["repository"], document["revision"], files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_whole(folder: Path, lock: SnapshotLock) -> bool:
    try:
        verify_snapshot(folder, lock)
    except (ModelMismatchError, WeightsChecksumError):
        return False
    return True


def _bytes_here(work: Path, file: HubFile) -> int:
    return max(_size(work / file.path), _size(work / (file.path + PART_SUFFIX)))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
