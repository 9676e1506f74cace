import os
import signal
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from ovd.errors import ImageError
from ovd.video.decoding.image_decoder import ImageDecoder
from ovd.video.images import load_image


@pytest.fixture(scope="module")
def decoder() -> Iterator[ImageDecoder]:
    decoder = ImageDecoder(most_pixels=1_000_000)
    yield decoder
    decoder.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 255, (300, 500, 3), np.uint8)
    path = tmp_path / "photo.png"
    PilImage.fromarray(pixels).save(path)
    return path


def children() -> set[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return set(map(int, found))


def test_image_is_the_one_that_is_decoded_here(decoder: ImageDecoder, photo: Path):
    assert np.array_equal(decoder.load(photo), load_image(photo))


def test_images_of_many_threads_stay_apart(decoder: ImageDecoder, tmp_path: Path):
    paths = [tmp_path / f"{number}.png" for number in range(12)]
    for number, path in enumerate(paths):
        PilImage.new("RGB", (40 + number, 30), (number, 0, 0)).save(path)

    with ThreadPoolExecutor(6) as threads:
        images = list(threads.map(decoder.load, paths))

    assert [(image.shape[1], int(image[0, 0, 0])) for image in images] == [
        (40 + number, number) for number in range(12)
    ]


@pytest.mark.parametrize("content", [b"", b"text", b"<svg/>", b"GIF89a", b"\xff\xd8\xff\xe0" * 9])
def test_file_that_is_no_image_is_refused_without_its_path(
    decoder: ImageDecoder, tmp_path: Path, content: bytes
):
    path = tmp_path / "secret-folder.jpg"
    path.write_bytes(content)

    with pytest.raises(ImageError) as refused:
        decoder.load(path)

    assert "secret-folder" not in str(refused.value)


def test_image_of_too_many_pixels_is_refused(decoder: ImageDecoder, tmp_path: Path):
    path = tmp_path / "bomb.png"
    PilImage.new("1", (20_000, 20_000)).save(path)

    with pytest.raises(ImageError, match="megapixels"):
        decoder.load(path)


def test_process_that_dies_is_started_again(photo: Path):
    before, decoder = children(), ImageDecoder()
    decoder.load(photo)
    [worker] = children() - before
    os.kill(worker, signal.SIGSEGV)

    with pytest.raises(ImageError, match="than is allowed"):
        decoder.load(photo)

    assert decoder.load(photo).shape == (300, 500, 3)
    decoder.close()
    assert children() == before


def test_image_that_takes_too_long_ends_its_process(tmp_path: Path, photo: Path):
    pipe = tmp_path / "endless.png"
    os.mkfifo(pipe)
    decoder = ImageDecoder(longest_s=0.1)

    with pytest.raises(ImageError, match="than is allowed"):
        decoder.load(pipe)

    decoder.close()


def test_text_that_inflates_does_not_fill_the_memory(decoder: ImageDecoder, photo: Path):
    bomb = b"a\0\0" + zlib.compress(bytes(200_000_000))
    checksum = struct.pack(">I", zlib.crc32(b"zTXt" + bomb))
    png = photo.read_bytes()
    photo.write_bytes(
        png[:33] + struct.pack(">I", len(bomb)) + b"zTXt" + bomb + checksum + png[33:]
    )

    with suppress(ImageError):
        assert decoder.load(photo).shape == (300, 500, 3)
