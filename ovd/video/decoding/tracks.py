"""Choosing the track that is the video, and reading its packets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

import av
import av.error
from av.codec.context import Flags
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from ovd.errors import SourceOpenError
from ovd.video.uri import SourceUri

VideoPacket: TypeAlias = "Packet[VideoStream]"

# Far above 8K; a small file can declare frames that fill the memory.
_MOST_PIXELS = 100_000_000
# One thread decodes 1080p at several times real time and leaves the cores to the detector.
_ONE_THREAD_PIXELS = 1920 * 1088
# So many packets are read ahead, to find the first stamp among frames that are stored out of order.
_AHEAD = 32
# Where there are several tracks, so many are read to tell which is the video.
_MOST_AHEAD = 512
# A track of thumbnails has fewer frames than this share of the video's.
_FEWEST_SHARE = 0.25


def choose_live_track(container: InputContainer, uri: SourceUri) -> VideoStream:
    """Return the video of a stream that cannot be read twice, ready to decode.

    Raises:
        SourceOpenError: If there is none, or no decoder for it.
    """
    tracks = _video_tracks(container, uri)
    best = container.streams.best("video")
    chosen = next((track for track in tracks if track is best), tracks[0])
    return _prepare(chosen, uri)


class PacketReader:
    """Reads a file packet by packet and hands out those of its video.

    Stills (cover art, thumbnails) beside the video are passed over, in whatever order the tracks
    stand; of several videos the one that is marked as default is taken, then the largest.

    Attributes:
        stream: The video, ready to decode.
        ahead: Its first packets, in the order of decoding.
        end_s: Largest stamp in seconds at which a packet of any track ended so far.
        failure: What stopped the reading before the end, if anything did.
    """

    def __init__(self, container: InputContainer, uri: SourceUri) -> None:
        """Read ahead and choose the video.

        Raises:
            SourceOpenError: If there is none, or no decoder for it.
        """
        tracks = _video_tracks(container, uri)
        self.end_s: float | None = None
        self.failure: av.error.FFmpegError | None = None
        self._demuxed = container.demux(*tracks, *container.streams.audio)
        ahead = self._read_ahead(len(tracks))
        counts = Counter(packet.stream.index for packet in ahead if packet.size)
        self.stream = _prepare(_choose(tracks, counts), uri)
        self.ahead: Sequence[VideoPacket] = [
            packet for packet in ahead if packet.stream is self.stream
        ]

    def __iter__(self) -> Iterator[VideoPacket]:
        """Yield all packets of the video from the first, at last an empty one."""
        yield from self.ahead
        for packet in self._packets():
            if packet.stream is self.stream:
                yield packet

    def _read_ahead(self, tracks: int) -> list[VideoPacket]:
        ahead: list[VideoPacket] = []
        counts: Counter[int] = Counter()
        for packet in self._packets():
            ahead.append(packet)
            counts[packet.stream.index] += 1
            known = len(counts) == tracks and min(counts.values()) > 1
            if len(ahead) >= _AHEAD * tracks and (known or len(ahead) >= _MOST_AHEAD):
                break
            if tracks == 1 and len(ahead) >= _AHEAD:
                break
        return ahead

    def _packets(self) -> Iterator[VideoPacket]:
        try:
            for packet in self._demuxed:
                stamp, base = packet.pts, packet.time_base
                if stamp is not None and base is not None:
                    end_s = float((stamp + (packet.duration or 0)) * base)
                    self.end_s = end_s if self.end_s is None else max(self.end_s, end_s)
                if isinstance(packet.stream, VideoStream):
                    yield cast("VideoPacket", packet)
        except av.error.FFmpegError as error:
            self.failure = error


def _video_tracks(container: InputContainer, uri: SourceUri) -> list[VideoStream]:
    tracks = [
        track
        for track in container.streams.video
        if not track.disposition & Disposition.attached_pic
    ]
    if not tracks:
        raise SourceOpenError(f"cannot open {uri}: it holds no video, only sound or data")
    known = [track for track in tracks if track.codec_context is not None]
    if not known:
        raise SourceOpenError(f"cannot open {uri}: no decoder for its video is installed")
    return known


def _choose(tracks: Sequence[VideoStream], counts: Counter[int]) -> VideoStream:
    most = max(counts.values(), default=0)
    moving = [track for track in tracks if counts[track.index] >= max(2, _FEWEST_SHARE * most)]
    return max(
        moving or tracks,
        key=lambda track: (
            not track.disposition & (Disposition.still_image | Disposition.timed_thumbnails),
            bool(track.disposition & Disposition.default),
            track.width * track.height,
            -track.index,
        ),
    )


def _prepare(track: VideoStream, uri: SourceUri) -> VideoStream:
    if track.width * track.height > _MOST_PIXELS:
        raise SourceOpenError(
            f"cannot open {uri}: frames of {track.width} x {track.height} pixels are too large; at "
            f"most {_MOST_PIXELS // 1_000_000} megapixels are read"
        )
    decoder = track.codec_context
    decoder.options = {"max_pixels": str(_MOST_PIXELS)}
    decoder.thread_type = "AUTO"
    decoder.thread_count = 1 if track.width * track.height <= _ONE_THREAD_PIXELS else 2
    # Frames carry what their packet carried, so that each is known by the packet it came from.
    decoder.flags |= Flags.copy_opaque
    return track
