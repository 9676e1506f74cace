import gc
from itertools import islice

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image as PilImage

from ovd.domain.ports import SourceOptions
from ovd.video.decoding.orientation import read_orientation
from ovd.video.file import FileSource
from ovd.video.images import load_image
from ovd.video.uri import SourceUri
from tests.clips import filter_packets, make_clip, set_display_matrix

# Where the upper left, upper right, lower left corner of the coded frame is to be seen.
UPRIGHT = {
    "mirrored": ((0, -1), (0, 0), (-1, -1)),
    "upside down": ((-1, 0), (-1, -1), (0, 0)),
    "half turn": ((-1, -1), (-1, 0), (0, -1)),
    "transposed": ((0, 0), (-1, 0), (0, -1)),
    "quarter turn left": ((-1, 0), (0, 0), (-1, -1)),
    "quarter turn right": ((0, -1), (-1, -1), (0, 0)),
    "transversed": ((-1, -1), (0, -1), (-1, 0)),
}
MATRICES = {
    "mirrored": (-1, 0, 0, 1),
    "upside down": (1, 0, 0, -1),
    "half turn": (-1, 0, 0, -1),
    "transposed": (0, 1, 1, 0),
    "quarter turn left": (0, -1, 1, 0),
    "quarter turn right": (0, 1, -1, 0),
    "transversed": (0, -1, -1, 0),
}
SEI = {
    "mirrored": "flip=horizontal",
    "upside down": "flip=vertical",
    "half turn": "rotate=180",
    "quarter turn left": "rotate=90",
    "quarter turn right": "rotate=270",
}
EXIF = {
    "mirrored": 2,
    "half turn": 3,
    "upside down": 4,
    "transposed": 5,
    "quarter turn right": 6,
    "transversed": 7,
    "quarter turn left": 8,
}


def make_corners() -> np.ndarray:
    """A frame whose upper left corner is white, upper right and lower left ones grey."""
    image = np.zeros((64, 96, 3), dtype=np.uint8)
    image[:32, :48], image[:32, 48:], image[32:, :48] = 250, 170, 90
    return image


@pytest.fixture
def clip(tmp_path):
    return make_clip(tmp_path / "clip.mp4", [0.0, 0.1, 0.2], draw=lambda *_: make_corners())


def first_image(path):
    """The first image; all others have the same orientation."""
    source = FileSource(SourceUri.parse(str(path)), "gate", SourceOptions())
    images = [frame.image for frame in source]
    assert source.info.size_hw == images[0].shape[:2]
    assert {corners_of(image) for image in images} == {corners_of(images[0])}
    return images[0]


def corners_of(image):
    """Where the white, light grey and dark grey corners are."""
    height, width = image.shape[:2]
    levels = {
        (y, x): int(image[(height - 4) if y else 4, (width - 4) if x else 4, 0])
        for y in (0, -1)
        for x in (0, -1)
    }
    return tuple(
        min(levels, key=lambda corner: abs(levels[corner] - level)) for level in (250, 170, 90)
    )


@pytest.mark.parametrize("name", MATRICES)
def test_video_is_set_upright_as_the_matrix_of_its_container_says(clip, name):
    image = first_image(set_display_matrix(clip, *MATRICES[name]))

    assert corners_of(image) == UPRIGHT[name]


@pytest.mark.parametrize("name", SEI)
def test_video_is_set_upright_as_its_stream_says(tmp_path, clip, name):
    turned = tmp_path / "turned.mp4"
    filter_packets(turned, clip, f"h264_metadata=display_orientation=insert:{SEI[name]}")

    assert corners_of(first_image(turned)) == UPRIGHT[name]


@pytest.mark.parametrize(
    ("turn", "flip", "name"),
    [
        (90, "horizontal", "transposed"),
        (90, "vertical", "transversed"),
        (270, "horizontal", "transversed"),
        (180, "horizontal", "upside down"),
    ],
)
def test_video_is_mirrored_before_it_is_turned(tmp_path, clip, turn, flip, name):
    turned = tmp_path / "turned.mp4"
    orientation = f"display_orientation=insert:rotate={turn}:flip={flip}"
    filter_packets(turned, clip, f"h264_metadata={orientation}")

    assert corners_of(first_image(turned)) == UPRIGHT[name]


@pytest.mark.parametrize("name", EXIF)
def test_image_is_set_upright_as_its_camera_noted(tmp_path, name):
    image = PilImage.fromarray(make_corners())
    exif = image.getexif()
    exif[0x0112] = EXIF[name]
    image.save(tmp_path / "turned.png", exif=exif)

    assert corners_of(load_image(tmp_path / "turned.png")) == UPRIGHT[name]


def test_turned_jpegs_of_a_video_are_set_upright(tmp_path):
    image = PilImage.fromarray(make_corners())
    exif = image.getexif()
    exif[0x0112] = EXIF["quarter turn right"]
    image.save(tmp_path / "turned.jpg", exif=exif)
    clip = tmp_path / "turned.mjpeg"
    clip.write_bytes((tmp_path / "turned.jpg").read_bytes() * 5)

    assert corners_of(first_image(clip)) == UPRIGHT["quarter turn right"]


def test_frames_are_freed_without_the_garbage_collector():
    gc.collect()
    gc.disable()
    try:
        with av.open("samples/pedestrians.mp4") as container:
            for frame in islice(container.decode(video=0), 5):
                read_orientation(frame)
            del frame
        left = [item for item in gc.get_objects() if type(item) is VideoFrame]
    finally:
        gc.enable()

    assert left == []
