"""Images of a data set as its boxes were drawn on them, for evaluation and training alike."""

from pathlib import Path

from ovd.domain.frame import Image
from ovd.errors import DatasetError
from ovd.video.images import load_image


def load_labelled_image(path: Path, size_hw: tuple[int, int]) -> Image:
    """Read an image of a data set.

    The orientation in its EXIF data is applied, as viewers, labelling tools and `ovd detect` do,
    unless only the pixels as stored have the size that the data set states.

    Args:
        path: The file.
        size_hw: Height and width that the data set states.

    Returns:
        `(H, W, 3)` uint8 RGB of that size.

    Raises:
        ImageError: If the file is missing, empty, truncated or no image.
        DatasetError: If the image has another size.
    """
    image = load_image(path)
    if image.shape[:2] == size_hw:
        return image
    if image.shape[:2] == size_hw[::-1]:
        stored = load_image(path, apply_orientation=False)
        if stored.shape[:2] == size_hw:
            return stored
    raise DatasetError(
        f"image {path} is {image.shape[1]} x {image.shape[0]}, but the dataset says "
        f"{size_hw[1]} x {size_hw[0]}: its boxes belong to another size"
    )
