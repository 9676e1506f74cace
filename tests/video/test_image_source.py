import os
from datetime import UTC, datetime, timedelta

import pytest

from ovd.domain.events import Gap
from ovd.domain.ports import SourceOptions
from ovd.errors import SourceOpenError
from ovd.video.image_source import ImageSource
from ovd.video.images import save_image
from ovd.video.uri import SourceUri
from tests.builders import START
from tests.clips import make_image, read_number


def open_images(path, options=SourceOptions(start_at=START)):  # noqa: B008
    return ImageSource(SourceUri.parse(str(path)), "gate", options)


@pytest.fixture
def folder(tmp_path):
    for number in (1, 2, 10):
        save_image(tmp_path / f"view{number}.png", make_image(number))
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


def test_folder_gives_its_images_in_natural_order(folder):
    source = open_images(folder, SourceOptions(sample_fps=2.0, start_at=START))

    frames = list(source)

    assert [read_number(frame.image) for frame in frames] == [1, 2, 10]
    assert [frame.time_s for frame in frames] == [0.0, 0.5, 1.0]
    assert frames[2].captured_at == START + timedelta(seconds=1)
    assert source.frames_read == source.info.frame_count == 3


def test_single_image_is_one_frame_taken_when_the_file_was_modified(folder):
    modified = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    os.utime(folder / "view2.png", (modified.timestamp(), modified.timestamp()))

    frames = list(open_images(folder / "view2.png", SourceOptions()))

    assert [(read_number(frame.image), frame.captured_at) for frame in frames] == [(2, modified)]


def test_unreadable_image_in_a_folder_is_a_gap(folder):
    (folder / "view2.png").write_bytes(b"damaged")

    first, gap, last = open_images(folder)

    assert isinstance(gap, Gap)
    assert (gap.started_at, gap.ended_at) == (first.captured_at, last.captured_at)


def test_unreadable_last_image_is_a_gap_as_long_as_its_turn(folder):
    (folder / "view10.png").write_bytes(b"damaged")

    *_, gap = open_images(folder)

    assert isinstance(gap, Gap)
    assert gap.ended_at == START + timedelta(seconds=3)


def test_folder_without_images_is_refused(tmp_path):
    with pytest.raises(SourceOpenError, match="holds no images"):
        open_images(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"no image"])
def test_image_that_cannot_be_read_is_refused(tmp_path, content):
    path = tmp_path / "view.png"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SourceOpenError, match=r"view\.png"):
        open_images(path)


def test_closed_folder_yields_nothing_more(folder):
    source = open_images(folder)
    frames = iter(source)
    next(frames)

    source.close()

    assert list(frames) == []
