"""VideoWriter: annotated frames as an MP4 that every browser plays."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import av.error
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ovd.domain.frame import Image
from ovd.errors import OutputError
from ovd.video.images import unfinished_path

_TIME_BASE = Fraction(1, 90_000)
_NOMINAL_FPS = 30
# Quality a person cannot tell from the original at a glance, on one core; frames coded in the
# order they are shown, so that the last one can be given its length.
_X264_OPTIONS = {"crf": "23", "preset": "veryfast", "threads": "1", "bf": "0"}


class VideoWriter:
    """Writes H.264 in MP4, each frame shown at its own media time.

    The file is written under a hidden name beside the wanted one and renamed when it is complete,
    so that half a video is never found under its name. Leaving the context after an error
    abandons it; without a single frame there is no file. All frames get the size of the first, the
    others being fitted into it; an odd side grows by one pixel, as the format asks for.
    """

    def __init__(self, path: Path) -> None:
        """Create the hidden file.

        Args:
            path: Where the video is wanted; a file that is there is replaced in the end.

        Raises:
            OutputError: If the place cannot be written.
        """
        if path.suffix.lower() != ".mp4":
            raise OutputError(f"video is written as MP4; name it {path.stem}.mp4, not {path.name}")
        if path.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder")
        self._path = path
        self._part = unfinished_path(path)
        self._stream: VideoStream | None = None
        self._size_hw = (0, 0)
        self._started_s = 0.0
        self._last_pts = -1
        self._last_step = round(1 / _NOMINAL_FPS / _TIME_BASE)
        self._container: OutputContainer | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(
                f"file:{self._part.absolute()}",
                "w",
                format="mp4",
                container_options={"movflags": "+faststart"},
            )
        except (OSError, av.error.FFmpegError) as error:
            raise OutputError(f"cannot write {path}: {_reason(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()

    def write(self, image: Image, time_s: float) -> None:
        """Add a frame.

        Args:
            image: `(H, W, 3)` uint8 RGB; not modified.
            time_s: Media time; must grow from frame to frame.

        Raises:
            OutputError: If it cannot be written; the video is abandoned then.
            ValueError: If the time does not grow.
        """
        if self._container is None:
            raise ValueError("the video is closed")
        try:
            stream = self._stream or self._begin(self._container, image, time_s)
            pts = round((time_s - self._started_s) / _TIME_BASE)
            if pts <= self._last_pts:
                raise ValueError(f"media time must grow, got {time_s} s after a later frame")
            if self._last_pts >= 0:
                self._last_step = pts - self._last_pts
            frame = VideoFrame.from_ndarray(self._fit(image), format="rgb24")
            frame.pts, frame.time_base = pts, _TIME_BASE
            self._last_pts = pts
            self._container.mux(stream.encode(frame))
        except (OSError, av.error.FFmpegError) as error:
            self.abandon()
            raise OutputError(f"cannot write {self._path}: {_reason(error)}") from error

    def close(self) -> None:
        """Complete the video and give it its name; without a frame, nothing is left.

        Raises:
            OutputError: If it cannot be completed; nothing is left then either.
        """
        container, stream = self._container, self._stream
        if container is None or stream is None:
            self.abandon()
            return
        try:
            for packet in stream.encode():
                if packet.pts == self._last_pts:
                    packet.duration = self._last_step
                container.mux(packet)
            container.close()
            self._container = None
            self._part.replace(self._path)
        except (OSError, av.error.FFmpegError) as error:
            self.abandon()
            raise OutputError(f"cannot write {self._path}: {_reason(error)}") from error

    def abandon(self) -> None:
        """Drop what was written; harmless after `close`."""
        container, self._container = self._container, None
        if container is not None:
            # The trailer of an abandoned video may fail for the reason it is abandoned.
            with suppress(OSError, av.error.FFmpegError):
                container.close()
        self._part.unlink(missing_ok=True)

    def _begin(self, container: OutputContainer, image: Image, time_s: float) -> VideoStream:
        self._size_hw = _even_size_hw(image)
        self._started_s = time_s
        stream = container.add_stream("libx264", rate=_NOMINAL_FPS, options=dict(_X264_OPTIONS))
        stream.height, stream.width = self._size_hw
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = _TIME_BASE
        self._stream = stream
        return stream

    def _fit(self, image: Image) -> Image:
        """Return the frame in the size of the video: a pixel more, or scaled between bars."""
        if _even_size_hw(image) != self._size_hw:
            return _letterbox(image, self._size_hw)
        below, right = self._size_hw[0] - image.shape[0], self._size_hw[1] - image.shape[1]
        if below or right:
            return np.pad(image, ((0, below), (0, right), (0, 0)), mode="edge")
        return image


def _even_size_hw(image: Image) -> tuple[int, int]:
    height, width = image.shape[:2]
    return height + height % 2, width + width % 2


def _letterbox(image: Image, size_hw: tuple[int, int]) -> Image:
    scale = min(size_hw[0] / image.shape[0], size_hw[1] / image.shape[1])
    height, width = (max(1, int(side * scale)) for side in image.shape[:2])
    top, left = (size_hw[0] - height) // 2, (size_hw[1] - width) // 2
    canvas = np.zeros((*size_hw, 3), dtype=np.uint8)
    canvas[top : top + height, left : left + width] = cv2.resize(
        image, (width, height), interpolation=cv2.INTER_AREA
    )
    return canvas


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
