import io
import random

import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.video.network.image_splitter import ImageSplitter
from tests.clips import make_image


def encode(number, kind="JPEG", **options):
    stream = io.BytesIO()
    PilImage.fromarray(make_image(number)).save(stream, kind, **options)
    return stream.getvalue()


def split(data, size=None):
    splitter, images = ImageSplitter(), []
    for start in range(0, len(data), size or len(data)):
        splitter.feed(data[start : start + (size or len(data))])
        while (image := splitter.next()) is not None:
            images.append(image)
    return splitter, images


@pytest.mark.parametrize("size", [1, 7, 1400, None])
@pytest.mark.parametrize("between", [b"", b"\r\n--frame\r\nContent-Length: 9\r\n\r\n", b"\xff" * 3])
def test_images_are_found_whatever_lies_between_and_however_they_arrive(size, between):
    images = [encode(0), encode(1, progressive=True), encode(2, "PNG"), encode(3, quality=100)]

    _, found = split(between.join(images), size)

    assert found == images


def test_image_is_complete_with_its_last_byte():
    image = encode(0)
    splitter = ImageSplitter()

    splitter.feed(image[:-1])
    before = splitter.next()
    splitter.feed(image[-1:])

    assert (before, splitter.next()) == (None, image)


def test_thumbnail_belongs_to_its_image():
    exif = PilImage.Exif()
    exif.get_ifd(0x8769)[0x927C] = encode(5)
    image = encode(0, exif=exif)

    assert image.count(b"\xff\xd8\xff") == 2
    assert split(image * 2)[1] == [image] * 2


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_image_that_is_cut_off_by_the_next_is_dropped(share):
    images = [encode(number) for number in range(3)]
    images[1] = images[1][: int(share * len(images[1]))]

    splitter, found = split(b"\r\n--frame\r\n\r\n".join(images))

    assert found == [images[0], images[2]]
    assert splitter.broken == 1


def test_noise_is_no_image_and_is_not_kept():
    noise = bytes(random.Random(0).randrange(0xFF) for _ in range(100_000))  # noqa: S311

    splitter, found = split(noise, 1000)

    assert found == []
    assert len(splitter._data) < 10


def test_camera_may_send_restart_markers():
    image = encode(0, restart_marker_blocks=1)

    assert split(image + encode(1))[1][0] == image
    assert np.asarray(PilImage.open(io.BytesIO(image))).shape == (64, 96, 3)
