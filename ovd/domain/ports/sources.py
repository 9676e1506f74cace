"""Ports of sources of frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.live import OnUnreachable, Transport
from ovd.domain.records import Recording


@dataclass(frozen=True)
class SourceInfo:
    """Facts about an open source.

    Attributes:
        uri: Where it is read from, credentials removed.
        size_hw: Height and width of its first frame in pixels.
        fps: Frames per second the source delivers, as declared or measured.
        frame_count: Frames in a file as its header declares, None for a live source.
        sample_interval_s: Media time between two yielded frames.
        live: Whether waiting loses frames, as with a camera.
        length_s: Media seconds that a recording declares, None if it does not or is live.
        recorded: Whether it is footage that exists already, also when it is paced like a camera.
        recording: Which footage it is; None for a camera, and for a file that is repeated as one.
    """

    uri: str
    size_hw: tuple[int, int]
    fps: float
    frame_count: int | None
    sample_interval_s: float
    live: bool
    length_s: float | None = None
    recorded: bool = False
    recording: Recording | None = None


class FrameSource(Protocol):
    """A video being read; open until `close`, which may be called from another thread."""

    @property
    def info(self) -> SourceInfo:
        """Return the facts known since opening."""
        ...

    @property
    def frames_read(self) -> int:
        """Return the number of frames decoded so far, including those skipped by sampling."""
        ...

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield sampled frames in order, and a gap where time passed unseen.

        Raises:
            SourceLostError: If a live source stops for good.
        """
        ...

    def close(self) -> None:
        """Release the source; a running iteration ends. Calling it twice is harmless."""
        ...


@dataclass(frozen=True)
class SourceOptions:
    """Options for reading a source.

    Attributes:
        sample_fps: Frames to count per second of media time; None counts every frame.
        realtime: Pace a file like a camera.
        loop: Start a file again at its end, until stopped.
        start_at: When the first frame of a file was taken, aware; None derives it from the file.
        transport: How an RTSP camera sends; None takes what the settings say.
        on_unreachable: What happens when a camera does not answer while it is opened.
        give_up_s: Seconds that a camera may be away before it is lost; None waits for ever.
    """

    sample_fps: float | None = None
    realtime: bool = False
    loop: bool = False
    start_at: datetime | None = None
    transport: Transport | None = None
    on_unreachable: OnUnreachable = OnUnreachable.FAIL
    give_up_s: float | None = None


@runtime_checkable
class RecordingSource(Protocol):
    """A source of footage whose time can be told after it was opened."""

    def begin_at(self, start_at: datetime) -> None:
        """Let the first frame be of this moment, aware; call it before frames are read."""
        ...


class SourceOpener(Protocol):
    """Opens a source by its URI, which may hold credentials."""

    def __call__(self, uri: str, camera: str, options: SourceOptions) -> FrameSource:
        """Open the source.

        Raises:
            SourceOpenError: If it cannot be read.
            InputError: If the URI or an option makes no sense.
        """
        ...
