from dataclasses import replace

import numpy as np
import pytest

from ovd.errors import NotLearnedError
from ovd.training.distill.frames import FrameWish, collect_frames
from tests.builders import make_frame
from tests.fakes import ListSource

WISH = FrameWish(limit=30, seconds=None)


def make_frames(count, first=0):
    """Frames that all differ, one per second."""
    frames = []
    for index in range(first, first + count):
        noise = np.random.default_rng(index).integers(0, 255, (9, 16, 3), dtype=np.uint8)
        image = np.kron(noise, np.ones((20, 20, 1), dtype=np.uint8))
        frames.append(replace(make_frame(index - first, time_s=float(index - first)), image=image))
    return frames


def collect(folder, source, wish=WISH):
    return collect_frames(lambda: source, folder, wish, lambda at_s: None)


def never_opened():
    raise AssertionError("the frames are there already")


def test_frames_are_kept_with_their_sizes_and_the_source_is_closed(tmp_path):
    source = ListSource(make_frames(20))

    kept = collect(tmp_path, source)

    assert [frame.size_hw for frame in kept] == [(180, 320)] * 20
    assert {path.name for path in (tmp_path / "frames").iterdir()} == {
        frame.file_name for frame in kept
    }
    assert source.closed


def test_frames_that_are_there_are_not_taken_again(tmp_path):
    first = collect(tmp_path, ListSource(make_frames(20)))

    assert collect_frames(never_opened, tmp_path, WISH, lambda at_s: None) == first


def test_only_the_wanted_time_is_watched(tmp_path):
    kept = collect(tmp_path, ListSource(make_frames(40)), FrameWish(50, seconds=24.0))

    assert len(kept) == 25


def test_too_few_frames_that_differ_are_refused(tmp_path):
    with pytest.raises(NotLearnedError, match=r"only 5 frames .* at least 16"):
        collect(tmp_path, ListSource(make_frames(5)))


def test_a_camera_that_was_interrupted_goes_on_with_the_frames_it_had(tmp_path):
    with pytest.raises(NotLearnedError):
        collect(tmp_path, ListSource(make_frames(10), live=True))

    kept = collect(tmp_path, ListSource(make_frames(10, first=10), live=True))

    assert len(kept) == 19  # the first of the second call has the time of the last of the first
    assert [frame.file_name for frame in kept] == sorted(frame.file_name for frame in kept)


def test_a_recording_that_was_interrupted_is_read_from_its_beginning(tmp_path):
    with pytest.raises(NotLearnedError):
        collect(tmp_path, ListSource(make_frames(10)))

    assert len(collect(tmp_path, ListSource(make_frames(20)))) == 20
