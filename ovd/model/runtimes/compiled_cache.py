"""CompiledCache: files of compiled networks, so that a later start does not compile again."""

import hashlib
import logging
import os
import tempfile
from pathlib import Path

_LOG = logging.getLogger(__name__)
_MAGIC = b"ovd compiled network 1\n"
_SUFFIX = ".compiled"
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
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + _digest(key, compiled))
                file.write(compiled)
            Path(name).replace(path)
            self._prune(self._folder)
        except OSError as error:
            _LOG.warning("cannot keep the compiled network in %s: %s", self._folder, error)

    def _prune(self, folder: Path) -> None:
        newest_first = sorted(
            folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True
        )
        for path in newest_first[self._max_files :]:
            path.unlink(missing_ok=True)

    def _path(self, folder: Path, key: str) -> Path:
        return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}{_SUFFIX}"


def _digest(key: str, compiled: bytes) -> bytes:
    digest = hashlib.sha256(key.encode() + b"\n")
    digest.update(compiled)
    return digest.digest()
