"""Find where a glued MPEG-TS recording goes on with another video track or codec."""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PACKET = 188
# A transport packet with the whole program association table, as ISO/IEC 13818-1 lays it out.
_PROGRAMS = re.compile(rb"\x47\x40\x00[\x10-\x1f]\x00\x00\xb0", re.DOTALL)
_PROGRAMS_LENGTH = 7
_HEADER = 4
_PROGRAMS_ID, _MAP_ID = 0x00, 0x02
# The tables of one moment follow one another; further away they are of another one.
_NEAR = 32 * _PACKET
# What is shorter than this holds tables and hardly a frame.
_SHORTEST_PART = 32 * _PACKET
# Stream types that are video: MPEG-1, MPEG-2, MPEG-4, H.264, H.265, H.266, AVS, VC-1.
_VIDEO_TYPES = frozenset({0x01, 0x02, 0x10, 0x1B, 0x24, 0x33, 0x42, 0xD1, 0xD2, 0xD4, 0xEA})


@dataclass(frozen=True)
class ByteRange:
    """A part of a file: its first byte, and the one after its last."""

    start: int
    end: int


@dataclass(frozen=True)
class ScanConfig:
    """Limits of the search for parts.

    A larger file is sampled, and read between two samples only where they differ.

    Attributes:
        whole_bytes: Size up to which all of the file is read.
        step_bytes: From one sample to the next; a shorter part of other video may be missed.
        sample_bytes: Length of a sample; the tables come several times a second.
    """

    whole_bytes: int = 1_000_000_000
    step_bytes: int = 64_000_000
    sample_bytes: int = 4_000_000


DEFAULT_SCAN = ScanConfig()


@dataclass(frozen=True)
class _VideoTrack:
    """The packet identifier of a video track and its stream type."""

    pid: int
    stream_type: int


def find_parts(path: Path, config: ScanConfig = DEFAULT_SCAN) -> tuple[ByteRange, ...]:
    """Return the parts of an MPEG-TS recording that each hold video of one track and codec.

    A demuxer follows the tracks that it found at the beginning. Where a recording of another camera
    or codec was appended, the rest would be lost; read as a part of its own, it is counted.
    Recordings of several programs are one part.

    Args:
        path: The recording.
        config: How much of it is read.
    """
    size = path.stat().st_size
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        changes = [place for place in _find_changes(data, config) if size - place >= _SHORTEST_PART]
    starts, ends = (0, *changes), (*changes, size)
    return tuple(ByteRange(start, end) for start, end in zip(starts, ends, strict=True))


def _find_changes(data: mmap.mmap, config: ScanConfig) -> Iterator[int]:
    """Yield the places of the tables that announce other video than the ones before."""
    size = len(data)
    step = size if size <= config.whole_bytes else config.step_bytes
    current: frozenset[_VideoTrack] = frozenset()
    for start in range(0, size, step):
        end = start + step
        if current and end < size and _sample(data, end, config.sample_bytes) == current:
            continue
        for place, tracks in _find_tables(data, start, end):
            if current and tracks != current:
                yield place
            current = tracks


def _sample(data: mmap.mmap, start: int, length: int) -> frozenset[_VideoTrack]:
    """Return the video tracks that are announced first after a place; none if nothing is."""
    return next((tracks for _, tracks in _find_tables(data, start, start + length)), frozenset())


def _find_tables(
    data: mmap.mmap, start: int, end: int
) -> Iterator[tuple[int, frozenset[_VideoTrack]]]:
    """Yield the tables that begin in a range: their places, and the video tracks they announce."""
    read, tracks = b"", frozenset[_VideoTrack]()
    for found in _PROGRAMS.finditer(data, start, min(end + _PROGRAMS_LENGTH - 1, len(data))):
        place = found.start()
        map_pid = _read_only_program(data[place + _HEADER : place + _PACKET])
        if map_pid is None:
            continue
        head = bytes((0x47, 0x40 | map_pid >> 8, map_pid & 0xFF))
        map_place = data.find(head, place + _PACKET, place + _NEAR)
        payload = data[map_place + _HEADER : map_place + _PACKET]
        if map_place < 0 or payload == read:
            continue
        tracks, read = _read_video_tracks(payload), payload
        if tracks:
            yield place, tracks


def _read_only_program(payload: bytes) -> int | None:
    """Return the packet identifier of the map of the only program, None if there are several."""
    section = _read_section(payload, _PROGRAMS_ID)
    entries = [section[place : place + 4] for place in range(8, len(section), 4)]
    pids = [(entry[2] & 0x1F) << 8 | entry[3] for entry in entries if entry[:2] != b"\0\0"]
    return pids[0] if len(pids) == 1 else None


def _read_video_tracks(payload: bytes) -> frozenset[_VideoTrack]:
    section, tracks = _read_section(payload, _MAP_ID), set()
    place = 12 + _read_length(section, 10) if section else 0
    while place + 5 <= len(section):
        stream_type, pid = section[place], (section[place + 1] & 0x1F) << 8 | section[place + 2]
        if stream_type in _VIDEO_TYPES:
            tracks.add(_VideoTrack(pid, stream_type))
        place += 5 + _read_length(section, place + 3)
    return frozenset(tracks)


def _read_section(payload: bytes, table_id: int) -> bytes:
    """Return a table without its checksum; nothing if it is damaged, another, or not all there."""
    section = payload[1:]
    end = 3 + _read_length(section, 1)
    if payload[0] or section[0] != table_id or not 12 <= end <= len(section):
        return b""
    return section[: end - 4] if _checksum(section[:end]) == 0 else b""


def _read_length(section: bytes, place: int) -> int:
    return (section[place] & 0x0F) << 8 | section[place + 1]


def _checksum(section: bytes) -> int:
    """Return the CRC-32 of ISO/IEC 13818-1, annex A; 0 of a section that holds its own."""
    register = 0xFFFFFFFF
    for byte in section:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register >> 31 else 0)) & 0xFFFFFFFF
    return register
