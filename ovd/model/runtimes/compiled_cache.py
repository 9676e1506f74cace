"""CompiledCache: files of compiled networks, so that a later start does not compile again."""

import hashlib
import logging
import math
import os
import tempfile
import time
from pathlib import Path

_LOG = logging.getLogger(__name__)
_MAGIC = b"ovd compiled network 1\n"
_SUFFIX, _PART_SUFFIX = ".compiled", ".part"
UNFINISHED_S = 3600.0
# About 25 MB each; a detector has four input sizes.
MAX_FILES = 8


class CompiledCache:
    """Keeps what a runtime compiled, by a key that says what it depends on.

    A file that is truncated or was made by something else is not used. Files are replaced in one
    step, so that processes may share the folder; a folder that cannot be written keeps nothing.
    """

    def __init__(self, folder: Path | None, max_files: int = MAX_FILES) -> None:
        """Use a folder, made when the first file is written.

        Args:
            folder: Where the files lie; None keeps nothing.
            max_files: The oldest of more are removed.
        """
        self._folder = folder
        self._max_files = max_files

    def read(self, key: str) -> bytes | None:
        """Return what was kept under a key, None if nothing usable was."""
        if self._folder is None:
            return None
        path = self._path(self._folder, key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _LOG.warning("cannot read %s, so the network is compiled again: %s", path, error)
            return None
        head = len(_MAGIC)
        digest, compiled = content[head : head + 32], content[head + 32 :]
        if content[:head] != _MAGIC or digest != _digest(key, compiled):
            _LOG.warning("%s is damaged, so the network is compiled again", path)
            return None
        return compiled

    def write(self, key: str, compiled: bytes) -> None:
        """Keep something under a key; removes the files that were written longest ago."""
        if self._folder is None:
            return
        path = self._path(self._folder, key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=_PART_SUFFIX)
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + _digest(key, compiled))
                file.write(compiled)
            Path(name).replace(path)
            self._prune(self._folder)
        except OSError as error:
            _LOG.warning("cannot keep the compiled network in %s: %s", self._folder, error)

    def _prune(self, folder: Path) -> None:
        """Remove what is too much, and what processes that were killed left unfinished."""
        newest_first = sorted(folder.glob(f"*{_SUFFIX}"), key=_written_at, reverse=True)
        unfinished = (
            path
            for path in folder.glob(f"*{_PART_SUFFIX}")
            if time.time() - _written_at(path) > UNFINISHED_S
        )
        for path in (*newest_first[self._max_files :], *unfinished):
            path.unlink(missing_ok=True)

    def _path(self, folder: Path, key: str) -> Path:
        return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}{_SUFFIX}"


def _written_at(path: Path) -> float:
    """Return when a file was written; infinity where another process has removed it meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _digest(key: str, compiled: bytes) -> bytes:
    digest = hashlib.sha256(key.encode() + b"\n")
    digest.update(compiled)
    return digest.digest()
