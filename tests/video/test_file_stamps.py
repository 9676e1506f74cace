"""Time stamps that start again, jump, wrap or lack a beginning: every whole part is counted."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import SourceOptions
from ovd.video.file import FileSource
from ovd.video.uri import SourceUri
from tests.builders import START
from tests.clips import (
    glue,
    make_clip,
    make_clip_with_sound,
    make_steady_clip,
    move_track,
    read_number,
    remux,
)

WRAP_S = 2**33 / 90_000
PACKET = 188


def read(path, sample_fps=None):
    source = FileSource(
        SourceUri.parse(str(path)), "gate", SourceOptions(sample_fps, start_at=START)
    )
    items = list(source)
    return (
        [item for item in items if isinstance(item, Frame)],
        [item for item in items if isinstance(item, Gap)],
    )


def times_of(frames):
    return [(frame.captured_at - START).total_seconds() for frame in frames]


def describe(gap):
    since, until = (moment - START for moment in (gap.started_at, gap.ended_at))
    return pytest.approx(since.total_seconds(), abs=0.02), pytest.approx(
        until.total_seconds(), abs=0.02
    )


def steady(start_s, end_s):
    return pytest.approx([tenth / 10 for tenth in range(round(10 * start_s), round(10 * end_s))])


@pytest.fixture
def part(tmp_path):
    """Six seconds in MPEG-TS whose only key frame is the first."""
    clip = make_clip(tmp_path / "part.ts", [i / 10 for i in range(60)], gop=600)
    return clip.read_bytes()


def cut_off(part):
    """The part as far as a recorder came whose power failed, about 3.6 s."""
    return part[: len(part) * 3 // 5 // PACKET * PACKET - 2 * PACKET]


@pytest.mark.parametrize("repeats", [2, 4])
def test_parts_whose_stamps_start_again_are_all_counted(tmp_path, part, repeats):
    frames, gaps = read(glue(tmp_path / "glued.ts", *[part] * repeats))

    assert times_of(frames) == steady(0, 6 * repeats)
    assert gaps == []


def test_whole_part_after_one_that_was_cut_off_is_counted_and_dated_right(tmp_path, part):
    frames, gaps = read(glue(tmp_path / "glued.ts", cut_off(part), part))

    whole = frames[-60:]
    assert [read_number(frame.image) for frame in whole] == [i % 20 for i in range(60)]
    (gap,) = gaps
    assert gap.ended_at == whole[0].captured_at
    assert 0.1 < gap.duration_s < 1.0
    assert 3.0 < times_of(whole)[0] < 4.0


def test_every_whole_part_among_several_that_were_cut_off_is_counted(tmp_path, part):
    cut = cut_off(part)

    frames, gaps = read(glue(tmp_path / "glued.ts", part, cut, part, cut, part))

    assert sum(gap.duration_s for gap in gaps) + len(frames) / 10 == pytest.approx(
        times_of(frames)[-1] + 0.1 + 0.1 * len(gaps), abs=0.02
    )
    numbers = [read_number(frame.image) for frame in frames]
    whole = [i % 20 for i in range(60)]
    assert (numbers[:60], numbers[-60:]) == (whole, whole)
    assert len(gaps) == 2


def test_part_that_begins_between_key_frames_is_a_gap_of_its_length(tmp_path):
    clip = make_steady_clip(tmp_path / "part.ts", 60)
    late = remux(tmp_path / "late.ts", clip, keep=lambda stamp_s: not 1.4 <= stamp_s < 1.85)

    frames, gaps = read(glue(tmp_path / "glued.ts", clip.read_bytes(), late.read_bytes()))

    assert gaps[0].duration_s > 0
    assert times_of(frames)[-1] == pytest.approx(11.9, abs=0.02)


@pytest.mark.parametrize("hole_s", [1.5, 3.0, 100.0])
def test_hole_in_a_transmitted_recording_is_a_gap_of_its_length(tmp_path, hole_s):
    clip = make_steady_clip(tmp_path / "clip.ts", 40)
    path = remux(
        tmp_path / "hole.ts", clip, shift=lambda stamp_s: stamp_s + hole_s * (stamp_s > 3.35)
    )

    frames, gaps = read(path)

    assert len(frames) == 40
    assert [gap.duration_s for gap in gaps] == [pytest.approx(hole_s + 0.1, abs=0.02)]
    assert gaps[0].reason == "missing frames"
    assert times_of(frames)[-1] == pytest.approx(3.9 + hole_s, abs=0.02)


def test_hole_after_steady_frames_is_a_gap_in_any_format(tmp_path):
    times = [i / 10 for i in range(30)] + [60 + i / 10 for i in range(30)]

    frames, gaps = read(make_clip(tmp_path / "hole.mp4", times))

    assert [describe(gap) for gap in gaps] == [(2.9, 60.0)]
    assert times_of(frames) == pytest.approx(times)


@pytest.mark.parametrize("before_s", [1.0, 2.5])
def test_stamps_that_wrap_go_on(tmp_path, before_s):
    clip = make_steady_clip(tmp_path / "clip.mp4", 60)
    path = remux(tmp_path / "wrap.ts", clip, shift=lambda stamp_s: stamp_s + WRAP_S - before_s)

    frames, gaps = read(path)

    assert times_of(frames) == steady(0, 6)
    assert gaps == []


def test_part_that_starts_again_after_late_stamps_goes_on(tmp_path, part):
    late = remux(
        tmp_path / "late.ts", glue(tmp_path / "part.ts", part), shift=lambda stamp_s: stamp_s + 5000
    )

    frames, gaps = read(glue(tmp_path / "glued.ts", late.read_bytes(), part))

    assert times_of(frames) == steady(0, 12)
    assert gaps == []


@pytest.mark.parametrize("codec", ["mpeg2video", "libx265"])
def test_part_of_another_codec_is_counted(tmp_path, part, codec):
    other = make_clip(tmp_path / "other.ts", [i / 10 for i in range(60)], codec=codec).read_bytes()

    frames, gaps = read(glue(tmp_path / "glued.ts", part, other, part))

    assert times_of(frames) == steady(0, 18)
    assert gaps == []


def test_part_of_another_camera_with_its_track_elsewhere_is_counted(tmp_path, part):
    moved = move_track(tmp_path / "moved.ts", tmp_path / "part.ts", 0x1011)

    frames, gaps = read(glue(tmp_path / "glued.ts", part, moved.read_bytes()))

    assert times_of(frames) == steady(0, 12)
    assert gaps == []


def test_cut_before_a_part_of_another_codec_ends_where_it_was_cut(tmp_path, part):
    other = make_clip(tmp_path / "a.ts", [i / 10 for i in range(60)], codec="mpeg2video")

    frames, gaps = read(glue(tmp_path / "glued.ts", cut_off(part), other.read_bytes()))

    whole, _ = read(glue(tmp_path / "cut.ts", cut_off(part)))
    assert len(frames) == len(whole) + 60
    assert sum((gap.ended_at - gap.started_at).total_seconds() for gap in gaps) < 0.5


def test_length_of_a_recording_of_two_codecs_is_that_of_both(tmp_path, part):
    other = make_clip(tmp_path / "a.ts", [i / 10 for i in range(60)], codec="mpeg2video")
    path = glue(tmp_path / "glued.ts", part, other.read_bytes())

    source = FileSource(SourceUri.parse(str(path)), "gate", SourceOptions())
    source.close()

    assert source.info.length_s == pytest.approx(12.0, abs=0.1)


def test_damage_in_a_later_part_is_a_gap_there(tmp_path, part):
    damaged = bytearray(part)
    middle = len(part) // 2 // PACKET * PACKET
    damaged[middle : middle + 4 * PACKET] = bytes(4 * PACKET)

    frames, gaps = read(glue(tmp_path / "glued.ts", part, bytes(damaged), part))

    (gap,) = gaps
    assert 8.0 < (gap.started_at - START).total_seconds() < 10.0
    assert (gap.ended_at - START).total_seconds() == pytest.approx(12.0, abs=0.02)
    assert times_of(frames)[-60:] == steady(12, 18)


def test_glued_recording_without_a_start_ends_when_it_was_modified(tmp_path, part):
    path = glue(tmp_path / "glued.ts", part, part, part)
    modified = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    os.utime(path, (modified.timestamp(), modified.timestamp()))

    source = FileSource(SourceUri.parse(str(path)), "gate", SourceOptions())
    first = next(iter(source))
    source.close()

    assert first.captured_at == modified - timedelta(seconds=18)
    assert source.info.length_s == pytest.approx(18.0)


@pytest.mark.parametrize("name", ["a.ts", "a.mp4", "a.mkv"])
@pytest.mark.parametrize("sound_s", [(0.0, 9.0), (0.0, 6.0), (0.0, 3.0), (2.0, 6.0)])
def test_sound_that_is_longer_or_shorter_is_no_gap(tmp_path, name, sound_s):
    frames, gaps = read(make_clip_with_sound(tmp_path / name, (0.0, 6.0), sound_s))

    assert times_of(frames) == steady(0, 6)
    assert gaps == []


@pytest.mark.parametrize("name", ["a.ts", "a.mp4", "a.mkv", "a.flv"])
def test_sound_that_begins_earlier_is_a_gap_at_the_start(tmp_path, name):
    frames, gaps = read(make_clip_with_sound(tmp_path / name, (2.0, 6.0), (0.0, 9.0)))

    assert [describe(gap) for gap in gaps] == [(pytest.approx(0.0), pytest.approx(2.0, abs=0.03))]
    assert gaps[0].reason == "no video yet"
    assert times_of(frames)[-1] == pytest.approx(5.9, abs=0.03)


@pytest.mark.parametrize("name", ["a.ts", "a.mkv"])
def test_recording_that_begins_between_key_frames_has_a_gap_at_the_start(tmp_path, name):
    clip = make_clip(tmp_path / "clip.mp4", [i / 10 for i in range(60)], gop=20)
    path = remux(tmp_path / name, clip, keep=lambda stamp_s: stamp_s > 0.65)

    frames, gaps = read(path)

    assert [describe(gap) for gap in gaps] == [(0.0, 1.3)]
    assert gaps[0].reason == "no key frame yet"
    assert times_of(frames) == pytest.approx([1.3 + i / 10 for i in range(40)], abs=0.02)


def test_frames_before_an_edit_list_are_neither_shown_nor_missed(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", [i / 10 for i in range(60)], gop=20)
    path = remux(tmp_path / "edited.mp4", clip, shift=lambda stamp_s: stamp_s - 1.0)

    frames, gaps = read(path)

    assert times_of(frames) == steady(0, 5)
    assert [read_number(frame.image) for frame in frames] == [i % 20 for i in range(10, 60)]
    assert gaps == []
