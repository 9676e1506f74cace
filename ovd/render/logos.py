"""Logos of reports: read, checked and made small."""

import binascii
import io
from base64 import b64decode

from PIL import Image

from ovd.errors import InputError

LARGEST_FILE = 2_000_000
MAX_SIZE_WH = (600, 200)
_MAX_PIXELS = 40_000_000


def fit_logo(content: bytes) -> bytes:
    """Return a PNG or JPEG as a small PNG, without what else was in the file.

    Args:
        content: The file.

    Returns:
        A PNG of at most `MAX_SIZE_WH` pixels, its proportions kept.

    Raises:
        InputError: If it is too large, or no PNG or JPEG.
    """
    if len(content) > LARGEST_FILE:
        raise InputError(f"a logo of at most 2 MB is wanted, this one has {len(content) / 1e6:.1f}")
    refusal = "a logo is wanted as a PNG or JPEG file"
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise InputError(f"a logo of at most {_MAX_PIXELS:,} pixels is wanted")
            image.thumbnail(MAX_SIZE_WH)
            small = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{refusal}: {error}") from error
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def decode_logo(text: str) -> bytes:
    """Return what `fit_logo` makes of a PNG or JPEG in base64; empty for an empty text.

    Raises:
        InputError: If it is no base64, or no logo.
    """
    try:
        content = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"a logo is wanted as a PNG or JPEG file in base64: {error}") from error
    return fit_logo(content) if content else b""


def size_of_logo(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels of what `fit_logo` gave."""
    with Image.open(io.BytesIO(content)) as image:
        return image.size
