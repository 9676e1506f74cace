import os
import shutil
from datetime import timedelta
from pathlib import Path

from ovd.domain.frame import Frame
from ovd.domain.ports import SourceOptions
from ovd.video.file import FileSource
from ovd.video.image_source import ImageSource
from ovd.video.images import save_image
from ovd.video.uri import SourceUri
from tests.builders import START
from tests.clips import make_image, make_steady_clip
from tests.fakes import FixedClock

DERIVED, AT_START = SourceOptions(), SourceOptions(start_at=START)


def open_clip(path: Path, options: SourceOptions = DERIVED) -> FileSource:
    return FileSource(SourceUri.parse(str(path)), "gate", options, clock=FixedClock())


def test_a_copy_of_a_file_is_the_same_recording(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4")
    copy = Path(shutil.copy(clip, tmp_path / "renamed.mp4"))
    os.utime(copy, (0, 0))

    assert open_clip(copy).info.recording.id == open_clip(clip).info.recording.id


def test_other_footage_is_another_recording(tmp_path):
    first, second = (make_steady_clip(tmp_path / f"{n}.mp4", n) for n in (10, 11))

    assert open_clip(first).info.recording.id != open_clip(second).info.recording.id


def test_a_recording_tells_whether_its_start_was_given(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4")

    given, derived = open_clip(clip, AT_START), open_clip(clip)

    assert given.info.recording.start_at == START
    assert [source.info.recording.start_given for source in (given, derived)] == [True, False]


def test_a_file_that_is_repeated_is_a_camera_that_starts_now(tmp_path):
    source = open_clip(make_steady_clip(tmp_path / "clip.mp4"), SourceOptions(loop=True))

    first = next(item for item in source if isinstance(item, Frame))
    source.close()

    assert source.info.recording is None
    assert first.captured_at == START


def test_the_start_of_a_file_can_be_told_after_it_was_opened(tmp_path):
    source = open_clip(make_steady_clip(tmp_path / "clip.mp4"))

    source.begin_at(START)

    frames = [item for item in source if isinstance(item, Frame)]
    assert source.info.recording.start_at == START
    assert frames[5].captured_at == START + timedelta(seconds=frames[5].time_s)


def test_images_are_a_recording_too(tmp_path):
    for number in range(2):
        save_image(tmp_path / f"{number}.png", make_image(number))
    folder = SourceUri.parse(str(tmp_path))
    first, second = (ImageSource(folder, "gate", AT_START) for _ in range(2))
    second.begin_at(START + timedelta(hours=1))

    assert first.info.recording.id == second.info.recording.id
    assert second.info.recording.start_at == START + timedelta(hours=1)
