import av
import numpy as np
import pytest

from ovd.errors import OutputError
from ovd.video.writer import VideoWriter
from tests.clips import make_image, read_number


def read_back(path):
    with av.open(str(path)) as container:
        length_s = container.duration / av.time_base
        frames = [
            (frame.time, read_number(frame.to_ndarray(format="rgb24")))
            for frame in container.decode(video=0)
        ]
        return container.streams.video[0], length_s, frames


def test_writer_shows_each_frame_at_its_media_time(tmp_path):
    path = tmp_path / "out.mp4"
    times = [7.0, 8.0, 9.0, 9.5, 12.0]

    with VideoWriter(path) as writer:
        for number, time_s in enumerate(times):
            writer.write(make_image(number), time_s)

    _, length_s, frames = read_back(path)
    assert frames == [(pytest.approx(time_s - 7.0), n) for n, time_s in enumerate(times)]
    assert length_s == pytest.approx(5.0 + 2.5, abs=0.01)


def test_writer_makes_h264_that_browsers_start_at_once(tmp_path):
    path = tmp_path / "out.mp4"

    with VideoWriter(path) as writer:
        writer.write(make_image(0), 0.0)

    stream, _, _ = read_back(path)
    data = path.read_bytes()
    assert (stream.codec.name, stream.pix_fmt) == ("h264", "yuv420p")
    assert data.index(b"moov") < data.index(b"mdat")


def test_writer_pads_odd_sides_and_fits_later_sizes(tmp_path):
    path = tmp_path / "out.mp4"

    with VideoWriter(path) as writer:
        for number, size_hw in enumerate([(63, 95), (64, 96), (200, 90), (20, 31)]):
            writer.write(make_image(number, size_hw), number / 10)

    stream, _, frames = read_back(path)
    assert (stream.height, stream.width, len(frames)) == (64, 96, 4)


def test_writer_does_not_modify_the_frame(tmp_path):
    image = make_image(3, (63, 95))
    before = image.copy()

    with VideoWriter(tmp_path / "out.mp4") as writer:
        writer.write(image, 0.0)

    assert np.array_equal(image, before)


def write_then_fail(path):
    with VideoWriter(path) as writer:
        writer.write(make_image(0), 0.0)
        raise KeyError


def test_writer_leaves_no_file_and_keeps_the_old_one_after_an_error(tmp_path):
    old = tmp_path / "old.mp4"
    old.write_bytes(b"earlier video")

    with pytest.raises(KeyError):
        write_then_fail(old)

    assert [item.name for item in tmp_path.iterdir()] == ["old.mp4"]
    assert old.read_bytes() == b"earlier video"


def test_writer_without_a_frame_leaves_no_file(tmp_path):
    with VideoWriter(tmp_path / "out.mp4"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_writer_shows_nothing_under_the_wanted_name_before_it_is_complete(tmp_path):
    path = tmp_path / "out.mp4"
    writer = VideoWriter(path)

    writer.write(make_image(0), 0.0)
    assert not path.exists()

    writer.close()
    assert [item.name for item in tmp_path.iterdir()] == ["out.mp4"]


def test_writer_refuses_time_that_does_not_grow(tmp_path):
    with VideoWriter(tmp_path / "out.mp4") as writer:
        writer.write(make_image(0), 1.0)

        with pytest.raises(ValueError, match="must grow"):
            writer.write(make_image(1), 1.0)


@pytest.mark.parametrize("name", ["out.avi", "folder.mp4", "file/out.mp4"])
def test_writer_refuses_a_place_it_cannot_write(tmp_path, name):
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError):
        VideoWriter(tmp_path / name)

    assert sorted(item.name for item in tmp_path.iterdir()) == ["file", "folder.mp4"]
