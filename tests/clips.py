"""Make real video files whose frames tell their own number."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ovd.domain.frame import Image

TIME_BASE = Fraction(1, 1000)
_DARKEST, _STEP, _LEVELS = 30, 10, 20


def make_picture(number: int, size_hw: tuple[int, int] = (64, 96)) -> Image:
    """Flat upper half whose grey is the number modulo 20, noise below to give packets some size."""
    height, width = size_hw
    image = np.random.default_rng(number).integers(0, 255, (height, width, 3), dtype=np.uint8)
    image[: height // 2] = _DARKEST + _STEP * (number % _LEVELS)
    return image


def read_number(image: Image) -> int:
    """The number modulo 20 that `make_picture` put into an upright picture."""
    patch = image[2 : image.shape[0] // 4, 2 : image.shape[1] // 4]
    return round((float(patch.mean()) - _DARKEST) / _STEP)


def make_clip(
    path: Path,
    times_s: Sequence[float],
    size_hw: tuple[int, int] = (64, 96),
    codec: str = "libx264",
    rotation: int = 0,
) -> Path:
    """Write one numbered picture per time, with a key frame every fifth.

    Args:
        path: The suffix chooses the container; MP4 has its index first.
        times_s: When each picture is shown.
        size_hw: Height and width as coded.
        codec: FFmpeg's name of an encoder.
        rotation: Degrees counter-clockwise by which players are told to turn it.
    """
    options = {"movflags": "+faststart"} if path.suffix in (".mp4", ".mov") else {}
    with av.open(str(path), "w", container_options=options) as container:
        stream = container.add_stream(codec, rate=10)
        stream.height, stream.width = size_hw
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = 5
        if codec == "libx264":
            stream.codec_context.time_base = TIME_BASE
            stream.options = {"preset": "ultrafast", "bf": "0", "threads": "1"}
        if rotation:
            stream.set_display_rotation(rotation)
        for number, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(make_picture(number, size_hw), format="rgb24")
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
    """Overwrite the coded data of some pictures with zeros, as a bad sector would."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        places = [(packets[number].pos, packets[number].size) for number in numbers]
    data = bytearray(path.read_bytes())
    for start, length in places:
        assert start is not None
        data[start : start + length] = bytes(length)
    path.write_bytes(data)
