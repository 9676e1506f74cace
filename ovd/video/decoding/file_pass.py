"""FilePass: one pass through a video file, telling what was seen from what was not."""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ovd.video.decoding.damage import DamageMonitor
from ovd.video.decoding.orientation import UPRIGHT, Orientation, OrientationTracker
from ovd.video.decoding.timeline import MediaTimeline
from ovd.video.decoding.tracks import PacketReader, VideoPacket
from ovd.video.uri import SourceUri

TRUNCATED = "truncated file"
DAMAGED = "damaged file"
MISSING_FRAMES = "missing frames"
NO_KEY_FRAME = "no key frame yet"
NO_VIDEO_YET = "no video yet"

_BARE_FORMATS = ("h264", "hevc", "m4v", "mpegvideo", "av1", "obu")
# Formats made for transmission, in which a longer pause was lost; ISO/IEC 13818-1 allows .7 s.
_TRANSMITTED = ("mpegts", "mpeg")
# These decoders show frames whose references are missing; the others wait for a key frame.
_SHOW_UNFOUNDED = ("mpeg1video", "mpeg2video", "mpeg4")
_DEFAULT_FPS = 25.0
_HIGHEST_FPS = 1000.0
_MISSING_S = 1.0
# In other formats a frame may be shown for long on purpose, but not after so many steady ones.
_STEADY_FRAMES = 25
_STEADY_MISSING_S = 5.0
# A frame that comes later than so many intervals after the one before follows one that is missing.
_MISSED_INTERVALS = 1.5


@dataclass(frozen=True, eq=False)
class DecodedFrame:
    """A frame as the decoder gave it, not yet RGB.

    Attributes:
        frame: The frame.
        index: Its number among the decoded frames, from 0.
        time_s: Media time.
        orientation: How it is set upright.
    """

    frame: VideoFrame
    index: int
    time_s: float
    orientation: Orientation = UPRIGHT


@dataclass(frozen=True)
class MissingInterval:
    """Media time in which nothing could be decoded, from the last good frame to the next."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True)
class _PacketTag:
    """The tag that a packet passes to its frame: its number, and the stamp of media time 0."""

    order: int
    origin_s: float


class FilePass:
    """Decodes a file from its beginning to its end, once.

    Media time is 0 at the first frame that was recorded, whether it can be decoded or not; or
    where the sound begins, if that is more than a second earlier.

    Attributes:
        stream: The video track.
        fps: Frames per second, as declared.
        declared_s: Media time in seconds at which the header declares the end, None if it does not.
        transmitted: Whether its format is made for transmission, so that it may be glued of parts.
        frames_decoded: So far, damaged ones included.
    """

    def __init__(self, container: InputContainer, uri: SourceUri) -> None:
        """Read ahead.

        Raises:
            SourceOpenError: If there is no video in it.
        """
        self._reader = PacketReader(container, uri)
        self.stream = self._reader.stream
        self.fps = declared_fps(self.stream)
        self.frames_decoded = 0
        self._origin_s = _find_origin_s(container, self._reader)
        self.declared_s = _declared_end_s(container, self.stream, self._origin_s)
        self.transmitted = container.format.name in _TRANSMITTED
        self._monitor = DamageMonitor(self.fps)
        self._orientations = OrientationTracker()
        # Where recordings were glued together, the length in the header is of no part of them.
        declared_s = None if self.transmitted else self.declared_s
        self._timeline = MediaTimeline(self._origin_s, 1 / self.fps, declared_s)
        self._last_s: float | None = None
        self._steady_frames = 0
        self._awaited_s: list[float] = []
        self._packet_lost = False
        self._tag = _PacketTag(-1, self._origin_s)

    @property
    def failure(self) -> av.error.FFmpegError | None:
        """Return the error that stopped the reading before the end, if any."""
        return self._reader.failure

    def __iter__(self) -> Iterator[DecodedFrame | MissingInterval]:
        """Yield frames in the order they are shown, and what is missing between them."""
        for packet in self._reader:
            for frame in self._decode(packet):
                yield from self._judge(frame)
        if self.failure is not None:
            self._monitor.damage(self._tag.order + 1)
            for frame in self._decode(None):
                yield from self._judge(frame)
        yield from self._missing_end()

    def _decode(self, packet: "VideoPacket | None") -> Iterable[VideoFrame]:
        if packet is not None and packet.size:
            self._place(packet)
        try:
            return self.stream.codec_context.decode(packet)
        except av.error.FFmpegError:
            self._monitor.damage(self._tag.order)
            return ()

    def _place(self, packet: VideoPacket) -> None:
        pts_s = self._seconds(packet.pts)
        duration_s = self._seconds(packet.duration) or 0.0
        origin_s = self._timeline.place_packet(pts_s, self._seconds(packet.dts), duration_s)
        if pts_s is not None and not packet.is_discard:
            heapq.heappush(self._awaited_s, pts_s - origin_s)
        self._packet_lost |= packet.is_corrupt
        self._tag = _PacketTag(self._tag.order + 1, origin_s)
        packet.opaque = self._tag

    def _judge(self, frame: VideoFrame) -> Iterator[DecodedFrame | MissingInterval]:
        index = self.frames_decoded
        self.frames_decoded += 1
        orientation = self._orientations.follow(frame)
        tag = frame.opaque if isinstance(frame.opaque, _PacketTag) else self._tag
        if index == 0 and not frame.key_frame and self.stream.codec.name in _SHOW_UNFOUNDED:
            self._monitor.damage(tag.order)
        was_broken = self._monitor.broken
        if not self._monitor.believes(frame, tag.order):
            return
        stamp_s = self._seconds(frame.pts)
        shown_s = None if stamp_s is None else stamp_s - tag.origin_s
        time_s = self._timeline.place_frame(shown_s)
        damaged = self._skips_packets(shown_s) or was_broken or self._packet_lost
        reason = self._why_missing(time_s, damaged)
        if reason:
            yield MissingInterval(self._last_s or 0.0, time_s, reason)
            self._packet_lost = False
        self._last_s = time_s
        yield DecodedFrame(frame, index, time_s, orientation)

    def _skips_packets(self, shown_s: float | None) -> bool:
        """Tell whether packets that were to be shown before this frame gave none."""
        skipped = 0
        while shown_s is not None and self._awaited_s and self._awaited_s[0] <= shown_s:
            skipped += heapq.heappop(self._awaited_s) < shown_s
        return skipped > 0

    def _why_missing(self, time_s: float, damaged: bool) -> str:
        """Return why frames are missing between the last one and this, "" if none is."""
        passed_s = time_s - (self._last_s or 0.0)
        if passed_s <= _MISSED_INTERVALS / self.fps:
            self._steady_frames += 1
            return ""
        if self._last_s is None and not self._monitor.harmed:
            return NO_VIDEO_YET if self._reader.ahead[0].is_keyframe else NO_KEY_FRAME
        if damaged:
            return DAMAGED
        steady = self._steady_frames >= _STEADY_FRAMES
        if passed_s > max(_STEADY_MISSING_S if steady else math.inf, 2 / self.fps):
            return MISSING_FRAMES
        self._steady_frames = 0
        return MISSING_FRAMES if self.transmitted and passed_s > self._longest_pause_s else ""

    @property
    def _longest_pause_s(self) -> float:
        return max(_MISSING_S, 2 / self.fps)

    def _missing_end(self) -> Iterator[MissingInterval]:
        start_s, recorded_s = self._last_s or 0.0, self._timeline.end_s
        demuxed_s = recorded_s
        if self._reader.end_s is not None:
            demuxed_s = max(demuxed_s, self._reader.end_s - self._origin_s)
        declared_s = 0.0 if self._timeline.jumped else self.declared_s or 0.0
        if declared_s - demuxed_s > self._longest_pause_s:
            yield MissingInterval(start_s, declared_s, TRUNCATED)
        elif recorded_s - start_s > _MISSED_INTERVALS / self.fps and (
            self._monitor.broken or recorded_s - start_s > self._longest_pause_s + 1 / self.fps
        ):
            yield MissingInterval(start_s, recorded_s, DAMAGED)

    def _seconds(self, stamp: int | None) -> float | None:
        base = self.stream.time_base
        return None if stamp is None or base is None else float(stamp * base)


def declared_fps(stream: VideoStream) -> float:
    """Return frames per second as the header or the codec declares them, 25 where none is sane."""
    # A bare H.264 stream has no header, and its average is a made-up 25.
    bare = stream.duration is None and stream.container.format.name in _BARE_FORMATS
    rates = (stream.guessed_rate, stream.average_rate)
    for rate in rates if bare else reversed(rates):
        if rate and 0 < rate <= _HIGHEST_FPS:
            return float(rate)
    return _DEFAULT_FPS


def measure_length_s(container: InputContainer, uri: SourceUri) -> float:
    """Return the length in seconds, found by reading a file through without decoding it.

    The container is at its end afterwards. Of a damaged file, the readable part counts.
    """
    reader = PacketReader(container, uri)
    base, origin_s = reader.stream.time_base, _find_origin_s(container, reader)
    timeline = MediaTimeline(origin_s, 1 / declared_fps(reader.stream), None)
    for packet in reader:
        if packet.size:
            pts_s, dts_s, duration_s = (
                None if stamp is None or base is None else float(stamp * base)
                for stamp in (packet.pts, packet.dts, packet.duration)
            )
            timeline.place_packet(pts_s, dts_s, duration_s or 0.0)
    return timeline.end_s


def _find_origin_s(container: InputContainer, reader: PacketReader) -> float:
    """Return the stamp in seconds at which media time is 0."""
    first_s = _first_shown_s(reader)
    sound_s = [
        float(track.start_time * track.time_base)
        for track in container.streams.audio
        if track.start_time is not None and track.time_base is not None
    ]
    length_s = (container.duration or 0) / av.time_base
    early_s = first_s - min(sound_s, default=first_s)
    return first_s - early_s if _MISSING_S < early_s < length_s else first_s


def _first_shown_s(reader: PacketReader) -> float:
    base, first, decoded = reader.stream.time_base, None, None
    for packet in reader.ahead:
        stamp = packet.pts if packet.dts is None else packet.dts
        shown = stamp if packet.pts is None else packet.pts
        if base is None or stamp is None or shown is None or packet.is_discard:
            continue
        if decoded is not None and abs(float((stamp - decoded) * base)) > _MISSING_S:
            break
        decoded = stamp
        first = shown if first is None else min(first, shown)
    return 0.0 if first is None or base is None else float(first * base)


def _declared_end_s(
    container: InputContainer, stream: VideoStream, origin_s: float
) -> float | None:
    ends_s = []
    if stream.duration is not None and stream.time_base is not None:
        ends_s.append(float(((stream.start_time or 0) + stream.duration) * stream.time_base))
    elif container.duration is not None:
        ends_s.append(((container.start_time or 0) + container.duration) / av.time_base)
    # FFmpeg shortens the length of a truncated AVI to what is there; the frame count still tells.
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        ends_s.append(float(stream.frames / stream.average_rate))
    end_s = max(ends_s, default=origin_s) - origin_s
    return end_s if end_s > 0 else None
