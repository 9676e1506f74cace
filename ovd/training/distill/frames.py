"""Take the frames of a source that a teacher is to label, and keep them as files."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ovd.domain.frame import Frame
from ovd.domain.ports import FrameSource
from ovd.errors import NotLearnedError
from ovd.training.distill.files import write_json
from ovd.training.distill.sampling import FrameSampler
from ovd.video.images import load_image, save_image

FOLDER = "frames"
INDEX = "frames.json"
SUFFIX = ".jpg"
MS_PER_S = 1000
# Fewer cannot be divided into frames to learn from and frames to check with.
LEAST_FRAMES = 16
# How long a camera is watched when no time is given: it has no end of its own.
LIVE_S = 3600.0


@dataclass(frozen=True)
class KeptFrame:
    """One frame on disk.

    Attributes:
        file_name: Its name in the folder of frames.
        size_hw: Height and width in pixels.
    """

    file_name: str
    size_hw: tuple[int, int]


@dataclass(frozen=True)
class FrameWish:
    """The wanted number of frames, and the part of a source that they come from.

    Attributes:
        limit: The most that are kept.
        seconds: Media time to watch; None to the end of a recording, an hour of a camera.
    """

    limit: int
    seconds: float | None


def collect_frames(
    open_source: Callable[[], FrameSource],
    folder: Path,
    wish: FrameWish,
    on_second: Callable[[float], None],
) -> tuple[KeptFrame, ...]:
    """Keep frames of a source that differ from each other, or return those kept before.

    A camera that is watched again goes on after the last frame that was kept; a recording is read
    from its beginning.

    Args:
        open_source: Opens the source; not called when all frames are there.
        folder: Where `frames/` and its index lie.
        wish: How many frames.
        on_second: Called with the media time that was watched.

    Raises:
        SourceOpenError: If the source cannot be read.
        NotLearnedError: If too few frames differ.
    """
    index = folder / INDEX
    if index.is_file():
        return tuple(
            KeptFrame(str(row["file"]), (int(row["height"]), int(row["width"])))
            for row in json.loads(index.read_text(encoding="utf-8"))
        )
    sizes: dict[str, tuple[int, int]] = {}
    sampler = FrameSampler(wish.limit)
    source = open_source()
    try:
        live = source.info.live
        start_s = _continue(sampler, sizes, folder / FOLDER, live)
        seconds = LIVE_S if wish.seconds is None and live else wish.seconds
        for frame in _watch(source, start_s, seconds, on_second):
            _offer(sampler, frame, start_s, folder / FOLDER, sizes)
    finally:
        source.close()
    _require_enough(sampler.names)
    rows = [
        {"file": name, "height": sizes[name][0], "width": sizes[name][1]} for name in sampler.names
    ]
    write_json(index, rows)
    return tuple(KeptFrame(name, sizes[name]) for name in sampler.names)


def _require_enough(names: tuple[str, ...]) -> None:
    if len(names) < LEAST_FRAMES:
        raise NotLearnedError(
            f"only {len(names)} frames of the source differ from each other, at least "
            f"{LEAST_FRAMES} are needed; give a longer recording, or one in which more happens"
        )


def _continue(
    sampler: FrameSampler, sizes: dict[str, tuple[int, int]], folder: Path, live: bool
) -> float:
    """Take up what an interrupted call kept of a camera; return the media time that it reached."""
    reached_s = 0.0
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        image = load_image(path)
        if not live or not sampler.offer(path.name, image).kept:
            path.unlink()
            continue
        sizes[path.name] = (image.shape[0], image.shape[1])
        reached_s = int(path.stem) / MS_PER_S
    return reached_s


def _watch(
    source: FrameSource,
    start_s: float,
    seconds: float | None,
    on_second: Callable[[float], None],
) -> Iterator[Frame]:
    """Yield the frames of the wanted time."""
    for item in source:
        if not isinstance(item, Frame):
            continue
        if seconds is not None and start_s + item.time_s > seconds:
            return
        on_second(start_s + item.time_s)
        yield item


def _offer(
    sampler: FrameSampler,
    frame: Frame,
    start_s: float,
    folder: Path,
    sizes: dict[str, tuple[int, int]],
) -> None:
    """Write a frame that is kept, and remove those that it makes needless."""
    name = f"{round((start_s + frame.time_s) * MS_PER_S):010d}{SUFFIX}"
    if name in sizes:
        return
    choice = sampler.offer(name, frame.image)
    if choice.kept:
        save_image(folder / name, frame.image)
        sizes[name] = frame.size_hw
    for dropped in choice.dropped:
        (folder / dropped).unlink(missing_ok=True)
