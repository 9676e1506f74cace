"""Tell which footage a file holds, whatever it is called and wherever it lies."""

import hashlib
from pathlib import Path

_PART_BYTES = 65536


def identify_file(path: Path) -> str:
    """Return a checksum of a file's size and of its beginning, middle and end.

    Raises:
        OSError: If it cannot be read.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for start in (0, max(size // 2 - _PART_BYTES // 2, 0), max(size - _PART_BYTES, 0)):
            file.seek(start)
            digest.update(file.read(_PART_BYTES))
    return digest.hexdigest()


def identify_text(text: str) -> str:
    """Return a checksum of what describes footage that is not a file here."""
    return hashlib.sha256(text.encode()).hexdigest()
