"""What a camera may be called, and that its address holds no password."""

import re
from urllib.parse import urlsplit

from ovd.errors import CameraError

MAX_CAMERA_NAME = 200
# {NAME} in an address stands for a variable of the environment.
_REFERENCE = re.compile(r"\{\w+\}")


def check_camera(name: str, uri: str) -> None:
    """Refuse what must not be stored.

    Raises:
        CameraError: If the name is blank, too long or holds control characters.
        ValueError: If the URI still holds a password.
    """
    if not name.strip() or len(name) > MAX_CAMERA_NAME or not name.isprintable():
        raise CameraError(
            f"a camera needs a printable name of 1 to {MAX_CAMERA_NAME} characters, got "
            f"{name[:40]!r}"
        )
    password = urlsplit(uri).password if "://" in uri else None
    if password is not None and not _REFERENCE.fullmatch(password):
        raise ValueError("a stored URI must be free of credentials")
