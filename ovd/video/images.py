"""Reading and writing images as RGB."""

import os
import struct
import threading
import uuid
from pathlib import Path

import numpy as np
from PIL import Image as PilImage
from PIL import ImageOps, UnidentifiedImageError

from ovd.domain.frame import Image
from ovd.errors import ImageError, OutputError
from ovd.video.network.credentials import holds_login

_SAVE_FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
MOST_PIXELS = 200_000_000
# The limit that Pillow has is one for the whole process.
_LIMIT = threading.Lock()
# What Pillow raises for files that are cut off, damaged, absurdly large or something else.
_DECODING_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
)


def load_image(path: Path, *, apply_orientation: bool = True) -> Image:
    """Read an image of any common format as it is meant to be seen.

    The orientation a camera noted is applied, transparency is laid on white, 16-bit depth is
    reduced to 8, grey and CMYK become RGB; of an animation the first image is taken.

    Args:
        path: The file.
        apply_orientation: False reads the pixels as they are stored, whatever the EXIF data say.

    Returns:
        `(H, W, 3)` uint8 RGB.

    Raises:
        ImageError: If the file is missing, empty, truncated or no image.
    """
    if not path.exists():
        if holds_login(str(path)):
            raise ImageError("an image file was expected, not an address; count cameras instead")
        raise ImageError(f"there is no file {path}; check the path")
    if not path.is_file():
        raise ImageError(f"{path} is no file; an image was expected")
    try:
        if path.stat().st_size == 0:
            raise ImageError(f"{path} is empty; an image was expected")
        with _open(path) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise ImageError(
                    f"{path} is too large: {width} x {height} are {width * height / 1e6:.0f} "
                    f"megapixels, at most {MOST_PIXELS / 1e6:.0f} are read; scale it down"
                )
            image.load()
            return _to_rgb(ImageOps.exif_transpose(image) if apply_orientation else image)
    except MemoryError:
        raise ImageError(f"{path} is too large for the memory of this machine") from None
    except UnidentifiedImageError as error:
        raise ImageError(f"{path} is no image of a known format (JPEG, PNG, ...)") from error
    except _DECODING_ERRORS as error:
        raise ImageError(f"cannot read {path}: {error}; is it complete?") from error


def load_image_within(path: Path, most_pixels: int) -> Image:
    """Read an image like `load_image`, of at most so many pixels; messages do not name its path.

    Raises:
        ImageError: If it is none, or larger; that is told before it is decoded.
    """
    width, height = measure_image(path)
    if width * height > most_pixels:
        raise ImageError(
            f"an image of at most {most_pixels / 1e6:.0f} megapixels is wanted, got "
            f"{width} x {height}"
        )
    try:
        return load_image(path)
    except ImageError as error:
        raise ImageError(str(error).replace(str(path), "the image")) from error


def measure_image(path: Path) -> tuple[int, int]:
    """Return width and height of an image as its head says; nothing is decoded.

    Raises:
        ImageError: If it is no image.
    """
    try:
        with _open(path) as image:
            return image.size
    except _DECODING_ERRORS as error:
        raise ImageError("the file is no image of a known format (JPEG, PNG, ...)") from error


def _open(path: Path) -> PilImage.Image:
    """Read the head of an image, of any size: Pillow warns of large ones, and refuses some."""
    with _LIMIT:
        limit, PilImage.MAX_IMAGE_PIXELS = PilImage.MAX_IMAGE_PIXELS, None
        try:
            return PilImage.open(path)
        finally:
            PilImage.MAX_IMAGE_PIXELS = limit


def _to_rgb(image: PilImage.Image) -> Image:
    if image.mode.startswith("I"):
        # "I" is how Pillow holds some 16-bit files; its own conversion would clip them to white.
        depth16 = np.asarray(image).astype(np.int64)
        shift = 8 if image.mode != "I" or depth16.max(initial=0) > 255 else 0
        grey = np.clip(depth16 >> shift, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode == "F":
        raise ValueError("images of floating-point numbers have no agreed brightness")
    if image.has_transparency_data:
        cutout = image.convert("RGBA")
        white = PilImage.new("RGBA", cutout.size, "white")
        image = PilImage.alpha_composite(white, cutout)
    return np.array(image.convert("RGB"), dtype=np.uint8)


def save_image(path: Path, image: Image) -> None:
    """Write an image whole or not at all; the suffix chooses the format.

    Args:
        path: Where to; folders that are missing are made, a file that is there is replaced.
        image: `(H, W, 3)` uint8 RGB.

    Raises:
        OutputError: If the suffix is unknown or the place cannot be written.
    """
    kind = _SAVE_FORMATS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(_SAVE_FORMATS)
        raise OutputError(f"cannot write an image as {path.name!r}; its name must end in {known}")
    part = unfinished_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        PilImage.fromarray(image).save(part, kind, quality=92)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def unfinished_path(path: Path) -> Path:
    """Return a hidden name beside `path`, unused so far, to write to before renaming."""
    return path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.part")
