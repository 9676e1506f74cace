"""A glued transport stream is split where its video goes on as another track or codec."""

import pytest

from ovd.video.decoding.transport_parts import ByteRange, ScanConfig, find_parts
from tests.clips import glue, make_clip

PACKET = 188


@pytest.fixture
def clips(tmp_path):
    return [
        make_clip(tmp_path / f"{codec}.ts", [i / 10 for i in range(20)], codec=codec).read_bytes()
        for codec in ("libx264", "mpeg2video")
    ]


def test_one_recording_is_one_part(tmp_path, clips):
    path = glue(tmp_path / "glued.ts", clips[0], clips[0])

    assert find_parts(path) == (ByteRange(0, len(clips[0]) * 2),)


def test_parts_begin_with_the_tables_of_another_codec(tmp_path, clips):
    path = glue(tmp_path / "glued.ts", *clips, clips[0])

    parts = find_parts(path)

    joints = (len(clips[0]), len(clips[0]) + len(clips[1]))
    assert [part.end for part in parts[:-1]] == [part.start for part in parts[1:]]
    assert all(
        0 <= part.start - joint < 3 * PACKET for part, joint in zip(parts[1:], joints, strict=True)
    )
    assert (parts[0].start, parts[-1].end) == (0, path.stat().st_size)


def test_rest_that_is_too_short_for_a_frame_is_no_part(tmp_path, clips):
    path = glue(tmp_path / "glued.ts", clips[0], clips[1][: 4 * PACKET])

    assert len(find_parts(path)) == 1


def test_damaged_table_is_no_change(tmp_path, clips):
    damaged = bytearray(clips[0])
    place = damaged.rindex(b"\x47\x50\x00")
    damaged[place + 17] = 0x02

    assert len(find_parts(glue(tmp_path / "damaged.ts", bytes(damaged)))) == 1


def test_file_without_tables_is_one_part(tmp_path):
    path = glue(tmp_path / "noise.ts", bytes(100))

    assert find_parts(path) == (ByteRange(0, 100),)


def test_parts_of_a_large_file_are_found_by_samples(tmp_path, clips):
    path = glue(tmp_path / "glued.ts", *[clips[0]] * 20, *[clips[1]] * 20)
    sampled = ScanConfig(0, step_bytes=6 * len(clips[0]), sample_bytes=len(clips[0]))

    assert find_parts(path, sampled) == find_parts(path)


def test_large_file_of_one_camera_is_not_read_through(tmp_path, clips):
    path = glue(tmp_path / "glued.ts", *[clips[0]] * 8, clips[1], *[clips[0]] * 8)
    sampled = ScanConfig(0, step_bytes=6 * len(clips[0]), sample_bytes=len(clips[0]))

    assert len(find_parts(path)) == 3
    assert len(find_parts(path, sampled)) == 1
