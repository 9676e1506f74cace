"""Images that come with a request."""

import tempfile
from pathlib import Path
from typing import Protocol

from fastapi import UploadFile

from ovd.domain.frame import Image


class ImageLoader(Protocol):
    """Decodes images, as `ovd.video.decoding.image_decoder.ImageDecoder` does."""

    def load(self, path: Path) -> Image:
        """Return an image as `(H, W, 3)` uint8 RGB.

        Raises:
            ImageError: If it is none, or too large.
        """
        ...

    def close(self) -> None:
        """End what it works with."""
        ...


def read_uploaded_image(upload: UploadFile, images: ImageLoader) -> Image:
    """Return the pixels of an image that was sent.

    Raises:
        ImageError: If it is none, or has too many pixels.
    """
    with tempfile.NamedTemporaryFile(suffix=".image") as file:
        while chunk := upload.file.read(1 << 20):
            file.write(chunk)
        file.flush()
        return images.load(Path(file.name))
