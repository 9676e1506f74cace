import math
from datetime import UTC, datetime

import pytest

from ovd.domain.ports import SourceOptions
from ovd.errors import InputError, SourceOpenError, TimeRangeError
from ovd.video import open_source
from ovd.video.file import FileSource
from ovd.video.image_source import ImageSource
from ovd.video.images import save_image
from tests.clips import make_image, make_steady_clip


@pytest.mark.parametrize("sample_fps", [0.0, -1.0, math.nan, math.inf, 1e6])
def test_open_source_refuses_a_rate_that_makes_no_sense(tmp_path, sample_fps):
    clip = make_steady_clip(tmp_path / "clip.mp4", 2)

    with pytest.raises(InputError, match="frames per second"):
        open_source(str(clip), "gate", SourceOptions(sample_fps=sample_fps))


def test_open_source_refuses_a_start_without_a_time_zone(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4", 2)

    with pytest.raises(TimeRangeError, match="time zone"):
        open_source(str(clip), "gate", SourceOptions(start_at=datetime(2026, 3, 1)))


def test_open_source_reads_a_file_or_images_as_what_they_are(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4", 2)
    save_image(tmp_path / "view.png", make_image(0))

    assert isinstance(open_source(str(clip), "gate"), FileSource)
    assert isinstance(open_source(str(tmp_path), "gate"), ImageSource)
    assert isinstance(open_source(str(tmp_path / "view.png"), "gate"), ImageSource)


def test_open_source_refuses_a_webcam_that_is_not_there():
    with pytest.raises(SourceOpenError, match="webcam:97"):
        open_source("webcam:97", "gate")


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_start_of_a_recording_in_a_year_that_cannot_be_is_refused(tmp_path, year):
    options = SourceOptions(start_at=datetime(year, 1, 1, tzinfo=UTC))

    with pytest.raises(TimeRangeError, match="must lie in the years 1900 to 2200"):
        open_source(str(tmp_path / "clip.mp4"), "gate", options)
