"""Make real video files whose frames tell their own number."""

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ovd.domain.frame import Image

TIME_BASE = Fraction(1, 1000)
_DARKEST, _STEP, _LEVELS = 30, 10, 20


def make_image(number: int, size_hw: tuple[int, int] = (64, 96)) -> Image:
    """Flat upper half whose grey is the number modulo 20, noise below to give packets some size."""
    height, width = size_hw
    image = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
    image[: height // 2] = _DARKEST + _STEP * (number % _LEVELS)
    return image


def read_number(image: Image) -> int:
    """The number modulo 20 that `make_image` put into an upright image."""
    patch = image[2 : image.shape[0] // 4, 2 : image.shape[1] // 4]
    return round((float(patch.mean()) - _DARKEST) / _STEP)


def make_clip(
    path: Path,
    times_s: Sequence[float],
    size_hw: tuple[int, int] = (64, 96),
    codec: str = "libx264",
    draw: Callable[[int, tuple[int, int]], Image] = make_image,
    gop: int = 5,
) -> Path:
    """Write one numbered image per time.

    Args:
        path: The suffix chooses the container; MP4 has its index first.
        times_s: When each frame is shown.
        size_hw: Height and width as coded.
        codec: FFmpeg's name of an encoder.
        draw: Makes the frame of a number and size.
        gop: Frames from one key frame to the next.
    """
    options = {"movflags": "+faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", container_options=options) as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width = size_hw
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = gop
        if codec == "libx264":
            stream.codec_context.time_base = TIME_BASE
            stream.options = {"preset": "ultrafast", "bf": "0", "threads": "1"}
        for number, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(draw(number, size_hw), format="rgb24")
            frame.pts, frame.time_base = round(time_s / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def make_steady_clip(path: Path, frames: int = 20, fps: float = 10.0) -> Path:
    """A clip at constant rate."""
    return make_clip(path, [number / fps for number in range(frames)])


def make_sound(path: Path) -> Path:
    """A file with nothing but a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        for index in range(40):
            silence = np.zeros((1, 1024), dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.rate, frame.pts = 44_100, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def blank_packets(path: Path, numbers: range) -> None:
    """Overwrite the coded data of some images with zeros, as a bad sector would."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        places = [(packets[number].pos, packets[number].size) for number in numbers]
    data = bytearray(path.read_bytes())
    for start, length in places:
        assert start is not None
        data[start : start + length] = bytes(length)
    path.write_bytes(data)


def make_clip_with_sound(
    path: Path, video_s: tuple[float, float], sound_s: tuple[float, float], fps: int = 10
) -> Path:
    """Write numbered images and silence, each from a start to an end in seconds."""
    packets: list[av.Packet] = []
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps)
        video.height, video.width, video.pix_fmt = 64, 96, "yuv420p"
        video.options = {"preset": "ultrafast", "threads": "1"}
        video.codec_context.gop_size = 5
        sound = container.add_stream("aac", rate=44_100, layout="mono")
        first = round(video_s[0] * fps)
        for index in range(first, round(video_s[1] * fps)):
            frame = av.VideoFrame.from_ndarray(make_image(index - first), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            packets += video.encode(frame)
        for index in range(int(sound_s[0] * 44_100 / 1024), int(sound_s[1] * 44_100 / 1024)):
            silence = np.zeros((1, 1024), dtype=np.float32)
            block = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            block.rate, block.pts, block.time_base = 44_100, index * 1024, Fraction(1, 44_100)
            packets += sound.encode(block)
        packets += [*video.encode(), *sound.encode()]
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    return path


def remux(
    path: Path,
    clip: Path,
    keep: Callable[[float], bool] = lambda _: True,
    shift: Callable[[float], float] = float,
) -> Path:
    """Copy the packets of a clip that are kept, each to another time.

    Args:
        path: What to write; the suffix chooses the container.
        clip: What to copy.
        keep: Judges a packet by its time stamp in seconds.
        shift: The new stamp in seconds for an old one.
    """
    options = {"mpegts_copyts": "1"} if path.suffix == ".ts" else {}
    with av.open(str(clip)) as source, av.open(str(path), "w", container_options=options) as copy:
        stream = source.streams.video[0]
        out = copy.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.pts is None or not keep(stamp_s := float(packet.pts * packet.time_base)):
                continue
            moved = round((shift(stamp_s) - stamp_s) / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts + moved, packet.dts + moved, out
            copy.mux(packet)
    return path


def move_track(path: Path, clip: Path, pid: int) -> Path:
    """Copy the video of a clip into MPEG-TS with another packet identifier."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as copy:
        stream = source.streams.video[0]
        out = copy.add_stream_from_template(stream)
        out.id = pid
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = out
                copy.mux(packet)
    return path


def glue(path: Path, *parts: bytes) -> Path:
    """Write recordings one after the other, as a recorder does that restarts."""
    path.write_bytes(b"".join(parts))
    return path


def filter_packets(path: Path, clip: Path, bitstream_filter: str) -> Path:
    """Copy a clip through one of FFmpeg's bitstream filters."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as copy:
        stream = source.streams.video[0]
        out = copy.add_stream_from_template(stream)
        context = av.BitStreamFilterContext(bitstream_filter, stream)
        for packet in source.demux(stream):
            for filtered in context.filter(packet if packet.size else None):
                filtered.stream = out
                copy.mux(filtered)
    return path


def set_display_matrix(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Write a matrix of -1, 0, 1 into the header of an MP4: (x, y) to (ax + cy, bx + dy)."""
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44
    one, two = 1 << 16, 1 << 30
    data[place : place + 36] = struct.pack(
        ">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, two
    )
    path.write_bytes(data)
    return path
