"""FileSource: a video file, local or over HTTP, as frames in media time."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from av.container import InputContainer

from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import Clock, SourceInfo, SourceOptions
from ovd.domain.records import Recording
from ovd.errors import SourceLostError, SourceOpenError
from ovd.video.clock import SystemClock
from ovd.video.decoding.container import Timeouts, describe_failure, open_container
from ovd.video.decoding.file_pass import (
    TRUNCATED,
    DecodedFrame,
    FilePass,
    MissingInterval,
    measure_length_s,
)
from ovd.video.decoding.orientation import RgbConverter, upright_size_hw
from ovd.video.decoding.transport_parts import ByteRange, find_parts
from ovd.video.network.http_file import open_http_container
from ovd.video.pacing import RealtimePacer
from ovd.video.recording import identify_file, identify_text
from ovd.video.sampling import sample_by_media_time
from ovd.video.uri import SourceUri, UriKind

# A larger file takes too long to read through; then its header is believed.
_MOST_MEASURED_BYTES = 1_000_000_000


class FileSource:
    """Implements `ovd.domain.ports.FrameSource` for a video with a beginning and an end.

    `captured_at` is the start of the recording plus media time; the start is `start_at`, else
    the file's modification time minus its length, else (over HTTP) the moment of opening. A file
    that is repeated stands for a camera: it starts at the moment of opening.

    Attributes:
        frames_skipped: Frames dropped because the reader was slower than real time.
    """

    def __init__(
        self,
        uri: SourceUri,
        camera: str,
        options: SourceOptions,
        container: InputContainer | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Open the file and decode its first frame.

        Args:
            uri: The file; of kind file or http.
            camera: Name of the camera.
            options: How to read it.
            container: The file, if it is open already; this source then owns it.
            clock: Paces `realtime`.

        Raises:
            SourceOpenError: If it is missing, empty, or holds no frame that can be decoded.
        """
        self._uri = uri
        self._camera = camera
        self._options = options
        self._clock = clock or SystemClock()
        self._closed = threading.Event()
        self._owner = threading.Lock()
        self._iterated = False
        self._converter = RgbConverter()
        self._earlier_frames = 0
        self.frames_skipped = 0
        self._container = container or self._open()
        self._parts: Sequence[ByteRange | None] = (None,)
        self._part = 0
        try:
            self._split()
            self._begin()
        except BaseException:
            self._container.close()
            raise

    def _open(self, part: ByteRange | None = None) -> InputContainer:
        if self._uri.kind is UriKind.HTTP:
            return open_http_container(self._uri, Timeouts())
        return open_container(self._uri, Timeouts(), part=part)

    def _split(self) -> None:
        """Open the first part alone, if other video was appended to it."""
        if self._uri.kind is not UriKind.FILE or self._container.format.name != "mpegts":
            return
        path = Path(self._uri.address)
        parts = find_parts(path)
        if len(parts) > 1:
            self._parts = parts
            self._container.close()
            self._container = open_container(self._uri, Timeouts(), part=parts[0])

    def _begin(self) -> None:
        self._pass = FilePass(self._container, self._uri)
        self._items = iter(self._pass)
        self._opening = list(self._first_items())
        first = next((item for item in self._opening if isinstance(item, DecodedFrame)), None)
        if first is None:
            raise SourceOpenError(
                f"cannot open {self._uri}: none of its frames could be decoded; it is damaged"
            )
        length_s = self._length_s()
        fps, wanted = self._pass.fps, self._options.sample_fps
        self._interval_s = 1 / fps
        self._starts_at = self._options.start_at or self._derive_start(length_s)
        self._info = SourceInfo(
            uri=self._uri.redacted,
            size_hw=upright_size_hw(first.frame, first.orientation),
            fps=fps,
            frame_count=self._pass.stream.frames or None,
            sample_interval_s=1 / (min(fps, wanted) if wanted else fps),
            live=self._options.realtime,
            length_s=length_s,
            recorded=True,
            recording=self._recording(length_s),
        )

    def _first_items(self) -> Iterator[DecodedFrame | MissingInterval]:
        for item in self._items:
            yield item
            if isinstance(item, DecodedFrame):
                return

    def _length_s(self) -> float | None:
        """Return the length in seconds: measured where no header tells it reliably."""
        declared_s = self._pass.declared_s
        if self._uri.kind is UriKind.HTTP:
            return declared_s
        if declared_s is not None and not self._pass.transmitted:
            return declared_s
        return sum(self._part_length_s(part) for part in self._parts)

    def _part_length_s(self, part: ByteRange | None) -> float:
        size = Path(self._uri.address).stat().st_size
        with open_container(self._uri, Timeouts(), part=part) as container:
            if size > _MOST_MEASURED_BYTES:
                declared_s = FilePass(container, self._uri).declared_s
                if declared_s is not None:
                    return declared_s
            return measure_length_s(container, self._uri)

    def _recording(self, length_s: float | None) -> Recording | None:
        if self._options.loop:
            return None
        if self._uri.kind is UriKind.HTTP:
            identity = identify_text(f"{self._uri.redacted} {length_s}")
        else:
            identity = identify_file(Path(self._uri.address))
        return Recording(identity, self._starts_at, self._options.start_at is not None)

    def _derive_start(self, length_s: float | None) -> datetime:
        if self._uri.kind is UriKind.HTTP or self._options.loop:
            return self._clock.now()
        modified = Path(self._uri.address).stat().st_mtime
        return datetime.fromtimestamp(modified, UTC) - timedelta(seconds=length_s or 0.0)

    def begin_at(self, start_at: datetime) -> None:
        """Let the first frame be of this moment, aware; call it before frames are read."""
        self._starts_at = start_at
        recording = self._info.recording
        if recording is not None:
            self._info = replace(self._info, recording=replace(recording, start_at=start_at))

    @property
    def info(self) -> SourceInfo:
        """Return the facts known since opening."""
        return self._info

    @property
    def frames_read(self) -> int:
        """Frames decoded so far, those skipped by sampling or for being damaged included."""
        return self._earlier_frames + self._pass.frames_decoded

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield the sampled frames once, and a gap for what is missing or damaged.

        Raises:
            SourceLostError: If a file over HTTP stops before its end.
        """
        with self._owner:
            if self._iterated or self._closed.is_set():
                return
            self._iterated = True
        try:
            yield from self._deliver()
        finally:
            self._container.close()

    def close(self) -> None:
        """Release the file; an iteration in another thread ends before its next frame."""
        self._closed.set()
        with self._owner:
            if not self._iterated:
                self._container.close()

    def _deliver(self) -> Iterator[Frame | Gap]:
        items: Iterator[DecodedFrame | MissingInterval] = self._play()
        if self._options.sample_fps is not None:
            items = sample_by_media_time(items, self._options.sample_fps, self._interval_s)
        pacer = None
        if self._options.realtime:
            pacer = RealtimePacer(self._clock, self._info.sample_interval_s, self._closed)
        for item in items:
            if isinstance(item, MissingInterval):
                yield self._gap(item)
            elif pacer is not None and not pacer.admits(item.time_s):
                self.frames_skipped += 1
            elif not self._closed.is_set():
                yield self._frame(item)

    def _play(self) -> Iterator[DecodedFrame | MissingInterval]:
        items: Iterator[DecodedFrame | MissingInterval] = chain(self._opening, self._items)
        start_s = end_s = 0.0
        while True:
            for item in items:
                if self._closed.is_set():
                    return
                if isinstance(item, DecodedFrame):
                    end_s = start_s + item.time_s + 1 / self._pass.fps
                    index = self._earlier_frames + item.index
                    time_s = start_s + item.time_s
                    yield DecodedFrame(item.frame, index, time_s, item.orientation)
                else:
                    self._require_connection(item.reason)
                    end_s = start_s + item.end_s
                    yield MissingInterval(start_s + item.start_s, end_s, item.reason)
            self._require_connection("")
            if self._part + 1 == len(self._parts) and not self._options.loop:
                return
            if end_s <= start_s:
                raise SourceLostError(f"{self._uri} holds no frames any more")
            start_s = end_s
            items = self._open_next()

    def _require_connection(self, reason: str) -> None:
        """Over HTTP, an early end is a lost connection and no damaged file."""
        failure = self._pass.failure
        if self._uri.kind is UriKind.HTTP and (failure or reason == TRUNCATED):
            cause = describe_failure(failure, self._uri, "data in time") if failure else ""
            raise SourceLostError(
                f"lost {self._uri} before its end: {cause or 'the connection was closed'}"
            )

    def _open_next(self) -> Iterator[DecodedFrame | MissingInterval]:
        """Begin with the next part; after the last one with the first."""
        self._earlier_frames += self._pass.frames_decoded
        self._container.close()
        try:
            self._part = (self._part + 1) % len(self._parts)
            part = self._parts[self._part]
            self._container = self._open(part)
            self._pass = FilePass(self._container, self._uri)
        except SourceOpenError as error:
            raise SourceLostError(f"cannot go on: {error}") from error
        return iter(self._pass)

    def _frame(self, frame: DecodedFrame) -> Frame:
        return Frame(
            image=self._converter.convert(frame.frame, frame.orientation),
            index=frame.index,
            time_s=frame.time_s,
            captured_at=self._moment(frame.time_s),
            camera=self._camera,
        )

    def _gap(self, unseen: MissingInterval) -> Gap:
        return Gap(
            self._camera, self._moment(unseen.start_s), self._moment(unseen.end_s), unseen.reason
        )

    def _moment(self, time_s: float) -> datetime:
        return self._starts_at + timedelta(seconds=time_s)
