import os
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import SourceOptions
from ovd.errors import SourceLostError, SourceOpenError
from ovd.video.file import FileSource
from ovd.video.uri import SourceUri
from tests.builders import START
from tests.clips import (
    blank_packets,
    make_clip,
    make_sound,
    make_steady_clip,
    read_number,
)
from tests.fakes import FixedClock

FROM_START = SourceOptions(start_at=START)


def open_file(path, options=FROM_START, clock=None):
    return FileSource(SourceUri.parse(str(path)), "gate", options, clock=clock)


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    return path


def seconds_of(gap):
    return [(moment - START).total_seconds() for moment in (gap.started_at, gap.ended_at)]


def split(items):
    items = list(items)
    frames = [item for item in items if isinstance(item, Frame)]
    return frames, [item for item in items if isinstance(item, Gap)]


@pytest.fixture
def clip(tmp_path):
    return make_steady_clip(tmp_path / "clip.mp4")


def test_file_yields_every_frame_in_order_as_rgb(clip):
    source = open_file(clip)

    frames = list(source)

    assert [read_number(frame.image) for frame in frames] == list(range(20))
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 10 for i in range(20)])
    assert {frame.camera for frame in frames} == {"gate"}
    assert source.frames_read == 20


def test_file_describes_itself(clip):
    info = open_file(clip, SourceOptions(sample_fps=4.0)).info

    assert (info.size_hw, info.fps, info.frame_count) == ((64, 96), 10.0, 20)
    assert (info.sample_interval_s, info.live) == (0.25, False)
    assert info.uri == str(clip)


def test_file_stamps_frames_with_start_plus_media_time(clip):
    frames = list(open_file(clip))

    assert frames[0].captured_at == START
    assert frames[7].captured_at == START + timedelta(seconds=0.7)


def test_file_without_a_start_ends_when_it_was_modified(clip):
    modified = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    os.utime(clip, (modified.timestamp(), modified.timestamp()))

    first = next(iter(open_file(clip, SourceOptions())))

    assert first.captured_at == modified - timedelta(seconds=2)


def test_file_measures_its_length_where_no_header_tells(tmp_path):
    clip = make_clip(tmp_path / "bare.mjpeg", [i / 10 for i in range(50)], codec="mjpeg")
    modified = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    os.utime(clip, (modified.timestamp(), modified.timestamp()))

    first = next(iter(open_file(clip, SourceOptions())))

    assert first.captured_at == modified - timedelta(seconds=2)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.mov", "a.flv"])
def test_file_reads_common_containers(tmp_path, name):
    clip = make_steady_clip(tmp_path / name, 8)

    frames, gaps = split(open_file(clip))

    assert [read_number(frame.image) for frame in frames] == list(range(8))
    assert frames[-1].time_s == pytest.approx(0.7)
    assert gaps == []


def test_file_keeps_the_timing_of_variable_frame_rate(tmp_path):
    times = [0.0, 0.1, 0.15, 1.5, 1.52, 4.0]

    frames, gaps = split(open_file(make_clip(tmp_path / "vfr.mp4", times)))

    assert [frame.time_s for frame in frames] == pytest.approx(times)
    assert gaps == []


def test_file_samples_in_media_time(clip):
    source = open_file(clip, SourceOptions(sample_fps=3.0))

    frames = list(source)

    assert [frame.index for frame in frames] == [0, 3, 7, 10, 13, 17]
    assert [read_number(frame.image) for frame in frames] == [0, 3, 7, 10, 13, 17]
    assert source.frames_read == 20


def test_file_goes_on_when_the_frame_size_changes(tmp_path):
    small = make_clip(tmp_path / "a.ts", [0.0, 0.1, 0.2], size_hw=(64, 96))
    large = make_clip(tmp_path / "b.ts", [0.0, 0.1, 0.2], size_hw=(128, 160))
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())

    frames = [item for item in open_file(both) if isinstance(item, Frame)]

    assert [frame.size_hw for frame in frames] == [(64, 96)] * 3 + [(128, 160)] * 3
    times = [frame.time_s for frame in frames]
    assert all(later > earlier for earlier, later in pairwise(times))


def test_file_that_was_cut_off_yields_what_is_there_then_a_gap_to_its_declared_end(tmp_path):
    clip = cut(make_steady_clip(tmp_path / "clip.mp4", 60), 0.5)

    frames, gaps = split(open_file(clip))

    assert 25 <= len(frames) <= 32
    assert [read_number(frame.image) for frame in frames] == [i % 20 for i in range(len(frames))]
    assert [gap.reason for gap in gaps] == ["truncated file"]
    assert seconds_of(gaps[0]) == pytest.approx([frames[-1].time_s, 6.0])


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.avi", "mjpeg")])
def test_file_in_other_containers_that_was_cut_off_has_a_gap_too(tmp_path, name, codec):
    clip = cut(make_clip(tmp_path / name, [i / 10 for i in range(60)], codec=codec), 0.5)

    frames, gaps = split(open_file(clip))

    assert frames
    assert [gap.reason for gap in gaps] == ["truncated file"]
    assert seconds_of(gaps[0])[1] == pytest.approx(6.0)


def test_file_with_damage_in_the_middle_has_a_gap_until_the_next_key_frame(clip):
    blank_packets(clip, range(7, 9))

    items = list(open_file(clip))

    frames, gaps = split(items)
    assert [read_number(frame.image) for frame in frames] == [*range(7), *range(10, 20)]
    assert [gap.reason for gap in gaps] == ["damaged file"]
    assert seconds_of(gaps[0]) == pytest.approx([0.6, 1.0])
    assert items.index(gaps[0]) == 7


def test_file_whose_beginning_is_damaged_starts_with_a_gap(clip):
    blank_packets(clip, range(5))

    items = list(open_file(clip))

    assert isinstance(items[0], Gap)
    assert seconds_of(items[0]) == pytest.approx([0.0, 0.5])
    assert items[1].time_s == pytest.approx(0.5)


def test_file_whose_end_is_damaged_ends_with_a_gap(clip):
    blank_packets(clip, range(16, 20))

    *frames, gap = open_file(clip)

    assert [frame.index for frame in frames] == list(range(16))
    assert gap.reason == "damaged file"
    assert seconds_of(gap) == pytest.approx([1.5, 2.0])


def test_file_damage_is_a_gap_also_between_sampled_frames(clip):
    blank_packets(clip, range(7, 9))

    frames, gaps = split(open_file(clip, SourceOptions(sample_fps=5.0, start_at=START)))

    assert [frame.index for frame in frames][:4] == [0, 2, 4, 6]
    assert [seconds_of(gap) for gap in gaps] == [pytest.approx([0.6, 1.0])]


def test_file_without_its_index_is_refused(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4")
    data = clip.read_bytes().replace(b"moov", b"junk")
    clip.write_bytes(data)

    with pytest.raises(SourceOpenError, match="index is missing"):
        open_file(clip)


def test_file_of_which_nothing_decodes_is_refused(clip):
    blank_packets(clip, range(20))

    with pytest.raises(SourceOpenError, match="none of its frames"):
        open_file(clip)


def write_text(path):
    path.write_text("no video at all\n" * 500)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("notes.mp4", write_text, "no video"),
        ("notes.txt", write_text, "no video"),
        ("empty.mp4", lambda path: path.write_bytes(b""), "empty"),
        ("sound.m4a", make_sound, "only sound"),
        ("missing.mp4", lambda path: None, "there is no file"),
    ],
)
def test_file_that_is_no_video_is_refused_with_its_reason(tmp_path, name, write, message):
    path = tmp_path / name
    write(path)

    with pytest.raises(SourceOpenError, match=message) as caught:
        open_file(path)

    assert name in str(caught.value)


def test_playlist_that_names_other_files_is_refused(tmp_path, clip):
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{clip.name}\n")

    with pytest.raises(SourceOpenError):
        open_file(playlist)


def test_realtime_file_skips_what_a_slow_reader_missed(clip):
    clock = FixedClock()
    source = open_file(clip, SourceOptions(realtime=True), clock)
    shown = []

    for frame in source:
        shown.append(frame.index)
        clock.advance(0.35)

    assert shown == [0, 3, 7, 10, 14, 17]
    assert source.frames_skipped == 14
    assert source.info.live


def test_realtime_file_is_still_a_recording(clip):
    info = open_file(clip, SourceOptions(realtime=True)).info

    assert (info.live, info.recorded) == (True, True)


def test_realtime_file_is_paced_like_a_camera(tmp_path):
    clip = make_steady_clip(tmp_path / "clip.mp4", 4)
    source = open_file(clip, SourceOptions(realtime=True))

    started_s = time.monotonic()
    arrivals = [(frame.index, time.monotonic() - started_s) for frame in source]

    assert all(arrived_s >= index / 10 for index, arrived_s in arrivals)


def test_looping_file_goes_on_growing(clip):
    source = open_file(clip, SourceOptions(loop=True, start_at=START))
    frames = []

    for frame in source:
        frames.append(frame)
        if len(frames) == 50:
            source.close()

    assert [frame.index for frame in frames] == list(range(50))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 10 for i in range(50)])
    assert frames[45].captured_at == START + timedelta(seconds=4.5)
    assert [read_number(frame.image) for frame in frames] == [i % 20 for i in range(50)]


def test_looping_file_that_vanishes_is_lost(clip):
    source = open_file(clip, SourceOptions(loop=True))
    clip.unlink()

    with pytest.raises(SourceLostError, match="there is no file"):
        list(source)


def test_closed_file_yields_nothing_more(clip):
    source = open_file(clip)
    frames = iter(source)
    next(frames)

    source.close()
    source.close()

    assert list(frames) == []
    assert list(source) == []


def test_close_from_another_thread_ends_a_realtime_wait(tmp_path):
    clip = make_clip(tmp_path / "slow.mp4", [0.0, 600.0])
    source = open_file(clip, SourceOptions(realtime=True))
    frames = iter(source)
    next(frames)

    threading.Timer(0.05, source.close).start()

    assert list(frames) == []
