"""Images that come with a request."""

import tempfile
from pathlib import Path

from fastapi import UploadFile

from ovd.domain.frame import Image
from ovd.errors import ImageError
from ovd.video.images import load_image, measure_image

MOST_PIXELS = 40_000_000


def read_uploaded_image(upload: UploadFile) -> Image:
    """Return the pixels of an image that was sent.

    Raises:
        ImageError: If it is none, or has too many pixels.
    """
    with tempfile.NamedTemporaryFile(suffix=".image") as file:
        while chunk := upload.file.read(1 << 20):
            file.write(chunk)
        file.flush()
        return _load(Path(file.name))


def _load(path: Path) -> Image:
    width, height = measure_image(path)
    if width * height > MOST_PIXELS:
        raise ImageError(
            f"an image of at most {MOST_PIXELS / 1e6:.0f} megapixels is wanted, got "
            f"{width} x {height}"
        )
    try:
        return load_image(path)
    except ImageError as error:
        raise ImageError(str(error).replace(str(path), "the image")) from error
