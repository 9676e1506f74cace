from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from ovd.errors import SourceOpenError
from ovd.video.decoding.container import Timeouts, open_container
from ovd.video.decoding.tracks import PacketReader
from ovd.video.uri import SourceUri
from tests.clips import make_clip


def make_tracks(path: Path, *tracks: tuple[str, int, int, Disposition]) -> Path:
    """Write video tracks of six seconds, each of a codec, width, frames, and disposition."""
    packets = []
    with av.open(str(path), "w") as container:
        for codec, width, frames, disposition in tracks:
            stream = container.add_stream(codec, rate=10)
            stream.width, stream.height = width, width // 2
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.disposition = disposition
            for index in range(frames):
                image = np.full((width // 2, width, 3), 4 * index, dtype=np.uint8)
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts = index * 60 // frames
                packets += stream.encode(frame)
            packets += stream.encode()
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    return path


def chosen_width(path):
    uri = SourceUri.parse(str(path))
    with open_container(uri, Timeouts()) as container:
        return PacketReader(container, uri).stream.width


NONE, DEFAULT = Disposition(0), Disposition.default


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.mov"])
@pytest.mark.parametrize(
    "tracks",
    [
        (("mjpeg", 320, 1, NONE), ("libx264", 96, 60, NONE)),
        (("mjpeg", 320, 1, DEFAULT), ("libx264", 96, 60, NONE)),
        (("mjpeg", 320, 1, Disposition.attached_pic), ("libx264", 96, 60, NONE)),
        (("mjpeg", 320, 6, NONE), ("libx264", 96, 60, NONE)),
        (("libx264", 96, 60, NONE), ("mjpeg", 320, 1, NONE)),
        (("mjpeg", 320, 1, NONE), ("mjpeg", 64, 6, NONE), ("libx264", 96, 60, NONE)),
    ],
    ids=["cover", "default cover", "attached", "thumbnails", "cover last", "both"],
)
def test_video_is_chosen_among_stills(tmp_path, name, tracks):
    assert chosen_width(make_tracks(tmp_path / name, *tracks)) == 96


def test_larger_of_two_videos_is_chosen(tmp_path):
    tracks = (("libx264", 64, 60, NONE), ("libx264", 96, 60, NONE))

    assert chosen_width(make_tracks(tmp_path / "two.mkv", *tracks)) == 96


def test_video_that_is_marked_as_default_is_chosen(tmp_path):
    tracks = (("libx264", 160, 60, NONE), ("libx264", 96, 60, DEFAULT))

    assert chosen_width(make_tracks(tmp_path / "two.mkv", *tracks)) == 96


def test_packets_read_ahead_are_handed_out_once(tmp_path):
    path = make_tracks(tmp_path / "a.mkv", ("mjpeg", 320, 1, NONE), ("libx264", 96, 60, NONE))
    uri = SourceUri.parse(str(path))

    with open_container(uri, Timeouts()) as container:
        packets = [packet for packet in PacketReader(container, uri) if packet.size]

    assert len(packets) == 60


@pytest.mark.parametrize(
    ("size_hw", "threads"), [((64, 96), 1), ((1080, 1920), 1), ((1440, 2560), 2)]
)
def test_decoder_leaves_a_core_to_the_detector(tmp_path, size_hw, threads):
    uri = SourceUri.parse(str(make_clip(tmp_path / "clip.mp4", [0.0], size_hw=size_hw)))

    with open_container(uri, Timeouts()) as container:
        assert PacketReader(container, uri).stream.codec_context.thread_count == threads


def test_frames_that_are_too_large_are_refused_with_their_size(tmp_path):
    path = tmp_path / "huge.y4m"
    path.write_bytes(b"YUV4MPEG2 W16000 H16000 F10:1 C420\nFRAME\n" + bytes(1000))
    uri = SourceUri.parse(str(path))

    with (
        open_container(uri, Timeouts()) as container,
        pytest.raises(SourceOpenError, match="16000 x 16000"),
    ):
        PacketReader(container, uri)
