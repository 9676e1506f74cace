"""ImageSource: one image, or a folder of them in order, as frames."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ovd.domain.events import Gap
from ovd.domain.frame import Frame, Image
from ovd.domain.ports import SourceInfo, SourceOptions
from ovd.domain.records import Recording
from ovd.errors import ImageError, SourceOpenError
from ovd.video.images import load_image
from ovd.video.recording import identify_text
from ovd.video.uri import IMAGE_SUFFIXES, SourceUri, UriKind

UNREADABLE = "unreadable image"
_DEFAULT_FPS = 1.0
_DIGITS = re.compile(r"(\d+)")


class ImageSource:
    """Implements `ovd.domain.ports.FrameSource` for images; each is one frame.

    Image `i` stands at media time `i / fps`, with `sample_fps` (default 1) as fps: images are
    never sampled. `captured_at` is the start plus media time; the start is `start_at`, else the
    modification time of the first image. A image that cannot be read becomes a gap.
    """

    def __init__(self, uri: SourceUri, camera: str, options: SourceOptions) -> None:
        """List the images and read the first one.

        Args:
            uri: An image or a folder.
            camera: Name of the camera.
            options: `realtime` and `loop` do not apply.

        Raises:
            SourceOpenError: If there is no readable image.
        """
        self._paths = _list_images(uri)
        self._camera = camera
        self._fps = options.sample_fps or _DEFAULT_FPS
        self._closed = threading.Event()
        first = self._read_first(uri)
        modified = datetime.fromtimestamp(self._paths[0].stat().st_mtime, UTC)
        self._starts_at = options.start_at or modified
        self.frames_read = 0
        self.info = SourceInfo(
            uri=uri.redacted,
            size_hw=(first.shape[0], first.shape[1]),
            fps=self._fps,
            frame_count=len(self._paths),
            sample_interval_s=1 / self._fps,
            live=False,
            length_s=len(self._paths) / self._fps,
            recorded=True,
            recording=Recording(
                _identify(self._paths), self._starts_at, options.start_at is not None
            ),
        )

    def begin_at(self, start_at: datetime) -> None:
        """Let the first image be of this moment, aware; call it before images are read."""
        self._starts_at = start_at
        recording = self.info.recording
        if recording is not None:
            self.info = replace(self.info, recording=replace(recording, start_at=start_at))

    def _read_first(self, uri: SourceUri) -> Image:
        problem: ImageError | None = None
        for path in self._paths:
            try:
                return load_image(path)
            except ImageError as error:
                problem = problem or error
        raise SourceOpenError(f"no image of {uri} can be read: {problem}") from problem

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield every readable image, and a gap from the last one before to the next."""
        seen_index, unreadable = 0, False
        for index, path in enumerate(self._paths):
            if self._closed.is_set():
                return
            try:
                image = load_image(path)
            except ImageError:
                unreadable = True
                continue
            if unreadable:
                yield self._gap(seen_index, index)
            self.frames_read += 1
            yield Frame(image, index, index / self._fps, self._moment(index), self._camera)
            seen_index, unreadable = index, False
        if unreadable:
            yield self._gap(seen_index, len(self._paths))

    def close(self) -> None:
        """End a running iteration."""
        self._closed.set()

    def _gap(self, since: int, until: int) -> Gap:
        return Gap(self._camera, self._moment(since), self._moment(until), UNREADABLE)

    def _moment(self, index: int) -> datetime:
        return self._starts_at + timedelta(seconds=index / self._fps)


def _list_images(uri: SourceUri) -> list[Path]:
    path = Path(uri.address)
    if uri.kind is UriKind.IMAGE:
        return [path]
    try:
        found = [item for item in path.iterdir() if item.suffix.lower() in IMAGE_SUFFIXES]
    except OSError as error:
        raise SourceOpenError(f"cannot list {uri}: {error.strerror}") from error
    if not found:
        raise SourceOpenError(
            f"the folder {uri} holds no images ({', '.join(sorted(IMAGE_SUFFIXES))})"
        )
    return sorted(found, key=_natural_key)


def _identify(paths: list[Path]) -> str:
    return identify_text("\n".join(f"{path.name} {path.stat().st_size}" for path in paths))


def _natural_key(path: Path) -> list[tuple[int, str]]:
    """Sorts "2.jpg" before "10.jpg"."""
    parts = _DIGITS.split(path.name.lower())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
