"""Files of a distillation, each written whole or not at all."""

import json
from pathlib import Path

from ovd.errors import OutputError
from ovd.video.images import unfinished_path


def write_json(path: Path, document: object) -> None:
    """Write a JSON document.

    Raises:
        OutputError: If it cannot be written.
    """
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1))


def write_text(path: Path, text: str) -> None:
    """Write a text.

    Raises:
        OutputError: If it cannot be written.
    """
    part = unfinished_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
