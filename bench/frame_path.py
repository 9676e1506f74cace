"""The path of a frame from file to database, part by part, at 1, 4 and 8 cameras.

    python -m bench.frame_path [--cameras 1 4 8] [--frames 20] [--fps 2] [--precision auto]

Cameras read the sample clip as fast as they are counted and share one detector, as those of
`ovd serve` do. Figures are processor milliseconds per counted frame, of the thread that does the
part: they hardly depend on what else the machine does. "Elsewhere" is what the process used in
other threads: those of the runtime and the writer of the database.
"""

import argparse
import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

from bench.summary import Figure, note
from ovd.bootstrap import build_counter, build_opener, build_reader, open_store
from ovd.bootstrap.detectors import load_network
from ovd.detection.colour import ColourDetector
from ovd.detection.relations import RelationDetector
from ovd.detection.shared import SharedDetector
from ovd.domain.events import Gap
from ovd.domain.frame import Frame
from ovd.domain.ports import FrameSource, SourceInfo, SourceOptions
from ovd.domain.query import Query
from ovd.model import detector as detector_module
from ovd.services.counting.service import CountService
from ovd.settings import Settings, load_settings
from ovd.video.clock import SystemClock

CLIP = Path(__file__).resolve().parent.parent / "samples" / "pedestrians.mp4"
DECODE, LOOP, ELSEWHERE = "decode, to RGB", "tracking, counting", "elsewhere"
PARTS = {
    DECODE: (DECODE,),
    "resize": ("resize",),
    "network, normalisation in it": ("network",),
    "choice of regions, text product": ("select", "product"),
    "thresholds, suppression, voting": ("suppression",),
    "colour": ("colour",),
}
P = ParamSpec("P")
T = TypeVar("T")


class PartTimes:
    """Adds up the processor time of the calling thread, by part, in seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent: dict[str, float] = defaultdict(float)

    def timed(self, part: str, action: Callable[P, T]) -> Callable[P, T]:
        """Return an action that also adds its time to a part."""

        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            started_s = time.thread_time()
            try:
                return action(*args, **kwargs)
            finally:
                self.add(part, time.thread_time() - started_s)

        return run

    def add(self, part: str, spent_s: float) -> None:
        """Add time to a part."""
        with self._lock:
            self._spent[part] += spent_s

    def take(self) -> dict[str, float]:
        """Return what was added up, and begin again."""
        with self._lock:
            spent, self._spent = self._spent, defaultdict(float)
        return spent


class TimedSource:
    """A source whose reading is timed."""

    def __init__(self, inner: FrameSource, times: PartTimes) -> None:
        self._inner, self._times = inner, times

    @property
    def info(self) -> SourceInfo:
        """Return that of the source."""
        return self._inner.info

    @property
    def frames_read(self) -> int:
        """Return that of the source."""
        return self._inner.frames_read

    def __iter__(self) -> Iterator[Frame | Gap]:
        """Yield what the source yields."""
        items = iter(self._inner)
        step = self._times.timed(DECODE, lambda: next(items, None))
        while (item := step()) is not None:
            yield item

    def close(self) -> None:
        """Close the source."""
        self._inner.close()


def build_timed_detector(settings: Settings, times: PartTimes) -> RelationDetector:
    """Build the detector of a server with its parts timed."""
    network = load_network(settings)
    for owner, name, part in (
        (network, "_run_network", "network"),
        (network, "_select", "select"),
        (network._projection, "logits", "product"),  # type: ignore[attr-defined]
        (network, "detect", "detect"),
        (detector_module, "preprocess", "resize"),
        (detector_module, "postprocess", "suppression"),
    ):
        object.__setattr__(owner, name, times.timed(part, getattr(owner, name)))
    coloured = ColourDetector(network)
    object.__setattr__(coloured, "detect", times.timed("colour and detect", coloured.detect))
    return RelationDetector(SharedDetector(coloured, SystemClock()))


def count_at_once(
    counter: CountService, settings: Settings, queries: list[Query], plan: argparse.Namespace
) -> Callable[[int, PartTimes], int]:
    """Return what counts the clip at so many cameras at once and tells the frames counted."""

    def work(camera: str, times: PartTimes, frames: list[int]) -> None:
        options = SourceOptions(sample_fps=plan.fps)
        source = TimedSource(build_opener(settings)(str(CLIP), camera, options), times)
        with counter.open_run(source, camera, queries) as run:
            counted = times.timed("loop and decode", lambda: list(islice(run, plan.frames)))()
        frames.append(len(counted))

    def count(cameras: int, times: PartTimes) -> int:
        frames: list[int] = []
        threads = [
            threading.Thread(target=work, args=(f"{cameras}-{number}", times, frames))
            for number in range(cameras)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(frames)

    return count


def split_parts(spent: dict[str, float], whole_s: float, frames: int) -> dict[str, float]:
    """Return the milliseconds per frame of each part, of all there was."""
    inner = ("resize", "network", "select", "product", "suppression")
    spent["suppression"] += spent["detect"] - sum(spent[part] for part in inner)
    spent["colour"] = spent["colour and detect"] - spent["detect"]
    found = {title: sum(spent[part] for part in parts) for title, parts in PARTS.items()}
    found[LOOP] = spent["loop and decode"] - spent[DECODE]
    found[ELSEWHERE] = whole_s - sum(found.values())
    return {part: spent_s / frames * 1e3 for part, spent_s in found.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cameras", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--frames", type=int, default=20, help="per camera")
    parser.add_argument("--fps", type=float, default=2.0, help="samples per second of the clip")
    parser.add_argument("--precision", default="auto", help="auto or int8")
    plan = parser.parse_args()
    times, columns = PartTimes(), {}
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            db=f"sqlite:///{Path(folder) / 'path.db'}",
            data_dir=folder,
            threads=1,
            precision=plan.precision,
        )
        detector = build_timed_detector(settings, times)
        store = open_store(settings)
        queries = [build_reader(detector).read("person")]
        count = count_at_once(build_counter(detector, store), settings, queries, plan)
        count(1, times)
        for cameras in plan.cameras:
            times.take()
            started_s = time.process_time()
            frames = count(cameras, times)
            spent_s = time.process_time() - started_s
            columns[cameras] = split_parts(times.take(), spent_s, frames)
        store.close()
    print(f"{'processor ms per frame; cameras:':34}" + "".join(f"{n:>9}" for n in columns))
    for part in next(iter(columns.values())):
        print(f"{part:34}" + "".join(f"{column[part]:>9.2f}" for column in columns.values()))
    totals = {cameras: sum(column.values()) for cameras, column in columns.items()}
    print(f"{'all':34}" + "".join(f"{total:>9.2f}" for total in totals.values()))
    fewest, most = min(totals), max(totals)
    cores = os.cpu_count() or 1
    carried = int(cores * 1e3 / totals[most] / plan.fps)
    print(f"{cores} cores carry {carried} cameras at {plan.fps:g} frames/s")
    title = f"processor time of a frame, {most} cameras"
    note(Figure(title, totals[most], "ms", totals[fewest], f"{fewest} camera(s)"))


if __name__ == "__main__":
    main()
