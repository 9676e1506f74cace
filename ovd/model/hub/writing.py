"""One writer at a time of a model's folder, among the threads and processes of a machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovd.errors import ConflictError, OutputError


@contextmanager
def write_alone(folder: Path) -> Iterator[None]:
    """Hold the folder of a model; the system lets go of it when the process ends, however it does.

    Args:
        folder: The folder, which need not exist; its lock file lies beside it.

    Raises:
        ConflictError: If another thread or process holds it.
        OutputError: If the lock file cannot be made.
    """
    path = folder.parent / f".{folder.name}.lock"
    descriptor = _take(path, folder.name)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _take(path: Path, model: str) -> int:
    """Open and lock a file; one that its holder removed meanwhile is made again."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(f"cannot write to {path.parent}: {error.strerror}") from error
        if not _lock(descriptor):
            os.close(descriptor)
            raise ConflictError(
                f"the model {model!r} is being changed already, by this or another program; wait "
                "until that is done"
            )
        if _is_named(descriptor, path):
            return descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open file; return False where another one holds it.

    A system or file system without locks keeps nothing out.
    """
    try:
        import fcntl  # not on every system

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return True
    return True


def _is_named(descriptor: int, path: Path) -> bool:
    """Return whether a name still belongs to an open file."""
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    own = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (own.st_dev, own.st_ino)
