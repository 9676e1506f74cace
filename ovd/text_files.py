"""Reading text files that people wrote, whatever editor they used."""

import tomllib
from pathlib import Path
from typing import Any


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, without the byte order mark that it may begin with.

    Line ends become newlines, so that a file saved by an editor on Windows reads like any other.

    Raises:
        OSError: If it cannot be read.
        UnicodeDecodeError: If it is text of another encoding, or none.
    """
    return path.read_text(encoding="utf-8-sig")


def read_toml(path: Path) -> dict[str, Any]:
    """Return the document of a TOML file; see `read_text` for its encoding.

    Raises:
        OSError: If it cannot be read.
        UnicodeDecodeError: If it is no text.
        tomllib.TOMLDecodeError: If it is no TOML.
    """
    return tomllib.loads(read_text(path))
