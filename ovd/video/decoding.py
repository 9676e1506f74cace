"""FilePass: one pass through a video file, telling what was seen from what was not."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ovd.video.timeline import MediaTimeline

TRUNCATED = "truncated file"
DAMAGED = "damaged file"

_BARE_FORMATS = ("h264", "hevc", "m4v", "mpegvideo", "av1", "obu")
_DEFAULT_FPS = 25.0
_HIGHEST_FPS = 1000.0
# Without a key frame, blocks that were coded afresh have repaired most of the picture by then.
_RECOVERY_S = 10.0
_LONGEST_REORDERING = 32
_MISSING_END_S = 1.0


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded frame, not yet converted.

    Attributes:
        frame: As the decoder gave it.
        index: Its number among the decoded frames, from 0.
        time_s: Media time since the first frame.
    """

    frame: VideoFrame
    index: int
    time_s: float


@dataclass(frozen=True)
class Unseen:
    """Media time in which nothing could be decoded, from the last good frame to the next."""

    start_s: float
    end_s: float
    reason: str


class DamageWatch:
    """Knows whether a decoder's pictures can be believed.

    Decoders go on after damage with pictures that are partly old or grey, and flag only the
    first of them. So after damage nothing is believed until a later key frame, but for those
    pictures that were complete before it and only waited for their turn to be shown.
    """

    def __init__(self, fps: float) -> None:
        self._recovery_frames = max(1, int(_RECOVERY_S * fps))
        self._left = 0
        self._damaged_pts: int | None = None
        self._intact: deque[int | None] = deque(maxlen=_LONGEST_REORDERING)

    @property
    def broken(self) -> bool:
        """Whether what comes next is not to be believed at present."""
        return self._left > 0

    def accept(self, pts: int | None) -> None:
        """Note that a packet with this time stamp was decoded without complaint."""
        if not self.broken:
            self._intact.append(pts)

    def damage(self, pts: int | None) -> None:
        """Note damage at a time stamp, None where it is unknown."""
        self._left = self._recovery_frames
        self._damaged_pts = pts

    def believes(self, frame: VideoFrame) -> bool:
        """Judge the next picture the decoder gave."""
        if frame.is_corrupt:
            # What was decoded after it may lean on it, complaint or not.
            self._intact.clear()
            self.damage(frame.pts)
            return False
        if not self.broken:
            return True
        if frame.pts is not None and frame.pts in self._intact:
            return True
        self._left -= 1
        if frame.key_frame and self._is_later(frame.pts):
            self._left = 0
        return not self.broken

    def _is_later(self, pts: int | None) -> bool:
        return pts is None or self._damaged_pts is None or pts > self._damaged_pts


class FilePass:
    """Decodes a file from its beginning to its end, once.

    Attributes:
        fps: Frames per second, as declared.
        declared_s: Length in seconds that the header declares, None if it does not.
        frames_decoded: So far, damaged ones included.
        failure: What stopped the reading before the end, if anything did.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.fps = declared_fps(stream)
        self.declared_s = declared_length_s(container, stream)
        self.frames_decoded = 0
        self.failure: av.error.FFmpegError | None = None
        self._container = container
        self._stream = stream
        self._watch = DamageWatch(self.fps)
        self._timeline = MediaTimeline(1 / self.fps, self.declared_s)
        self._last_s = 0.0
        self._demuxed_until_s: float | None = None

    def __iter__(self) -> Iterator[Picture | Unseen]:
        """Yield pictures in the order they are shown, and what is missing between them."""
        for packet in self._packets():
            for frame in self._decode(packet):
                yield from self._judge(frame)
        yield from self._missing_end()

    def _packets(self) -> "Iterator[Packet[VideoStream] | None]":
        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError as error:
            self.failure = error
            self._watch.damage(None)
            yield None

    def _decode(self, packet: "Packet[VideoStream] | None") -> Iterable[VideoFrame]:
        pts = None if packet is None else packet.pts
        stamp_s = self._seconds(pts)
        if packet is not None and stamp_s is not None:
            length_s = self._seconds(packet.duration) or 0.0
            self._demuxed_until_s = max(self._demuxed_until_s or stamp_s, stamp_s + length_s)
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            self._timeline.anchor(stamp_s)
            self._watch.damage(pts)
            return ()
        self._watch.accept(pts)
        return frames

    def _judge(self, frame: VideoFrame) -> Iterator[Picture | Unseen]:
        index = self.frames_decoded
        self.frames_decoded += 1
        stamp_s = self._seconds(frame.pts)
        was_broken = self._watch.broken
        if not self._watch.believes(frame):
            self._timeline.anchor(stamp_s)
            return
        time_s = self._timeline.place(stamp_s)
        if was_broken and not self._watch.broken:
            yield Unseen(self._last_s, time_s, DAMAGED)
        self._last_s = time_s
        yield Picture(frame, index, time_s)

    def _missing_end(self) -> Iterator[Unseen]:
        demuxed_s = self._last_s
        if self._demuxed_until_s is not None and not self._timeline.jumped:
            demuxed_s = max(demuxed_s, self._timeline.since_start(self._demuxed_until_s))
        end_s = demuxed_s
        if self.declared_s is not None and not self._timeline.jumped:
            end_s = max(demuxed_s, self.declared_s)
        if end_s - demuxed_s > max(_MISSING_END_S, 2 / self.fps):
            yield Unseen(self._last_s, end_s, TRUNCATED)
        elif self._watch.broken and end_s > self._last_s:
            yield Unseen(self._last_s, end_s, DAMAGED)

    def _seconds(self, stamp: int | None) -> float | None:
        base = self._stream.time_base
        return None if stamp is None or base is None else float(stamp * base)


def declared_fps(stream: VideoStream) -> float:
    """Frames per second as the header or the codec declares them; 25 where neither is sane."""
    # A bare H.264 stream has no header, and its average is a made-up 25.
    bare = stream.duration is None and stream.container.format.name in _BARE_FORMATS
    rates = (stream.guessed_rate, stream.average_rate)
    for rate in rates if bare else reversed(rates):
        if rate and 0 < rate <= _HIGHEST_FPS:
            return float(rate)
    return _DEFAULT_FPS


def declared_length_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Length in seconds as the header declares it, None if it does not."""
    lengths = []
    if stream.duration is not None and stream.time_base is not None:
        lengths.append(float(stream.duration * stream.time_base))
    elif container.duration is not None:
        lengths.append(container.duration / av.time_base)
    # FFmpeg shortens the length of a truncated AVI to what is there; the frame count still tells.
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        lengths.append(float(stream.frames / stream.average_rate))
    return max((length for length in lengths if length > 0), default=None)


def measure_length_s(container: InputContainer, stream: VideoStream) -> float:
    """Length in seconds, found by reading a file through without decoding it.

    The container is at its end afterwards. Of a damaged file, the readable part counts.
    """
    interval_s = 1 / declared_fps(stream)
    packets, stamps = 0, []
    with suppress(av.error.FFmpegError):
        for packet in container.demux(stream):
            packets += packet.size > 0
            if packet.pts is not None and stream.time_base is not None:
                stamps.append(float(packet.pts * stream.time_base))
    if not stamps:
        return packets * interval_s
    return max(stamps) - min(stamps) + interval_s
