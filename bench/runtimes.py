"""The default detector with every runtime: whole frames, the parts of a frame, and equal counts.

    python -m bench.runtimes [--rounds 30] [--count-frames 80] [--parts frames profile counts]

All runtimes take turns on the same frames of the sample clip, 768 x 576, so that whatever else the
machine does meets them all. Times are medians in milliseconds; "cpu" adds up all cores and hardly
depends on other work. PyTorch in float32 is the baseline.
"""

import argparse
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import ParamSpec, TypeVar

import av
import numpy as np

from bench.detect import CLIP, ROOT
from bench.summary import Figure, note
from ovd.domain.frame import Image
from ovd.domain.query import Query, Vocabulary
from ovd.model.backends import LoadOptions
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.detector import VocabularyDetector
from ovd.model.postprocess import postprocess
from ovd.model.preprocess import preprocess
from ovd.model.runtimes.options import Precision, Runtime, RuntimeOptions
from ovd.render.annotate import annotate, encode_jpeg

CASES = (
    (Runtime.EAGER, Precision.FLOAT32),
    (Runtime.EAGER, Precision.BFLOAT16),
    (Runtime.ONNX, Precision.FLOAT32),
    (Runtime.OPENVINO, Precision.FLOAT32),
)
PARTS = ("frames", "profile", "counts")
WARM_UP = 2
STEP = 10
MANY = 100
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Times:
    """Wall and processor times of one thing, in milliseconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call something and keep how long it took."""
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        result = action(*args, **kwargs)
        self.wall.append((time.perf_counter() - wall_s) * 1e3)
        self.cpu.append((time.process_time() - cpu_s) * 1e3)
        return result

    @property
    def medians(self) -> tuple[float, float]:
        """Return wall and processor time without the first rounds."""
        return statistics.median(self.wall[WARM_UP:]), statistics.median(self.cpu[WARM_UP:])


def read_frames(count: int) -> list[Image]:
    """Return every tenth frame of the sample clip from its start, RGB."""
    with av.open(str(CLIP)) as container:
        chosen = islice(container.decode(video=0), 0, count * STEP, STEP)
        return [to_rgb(frame) for frame in chosen]


def to_rgb(frame: av.VideoFrame) -> Image:
    """Return a decoded frame as `(H, W, 3)` uint8 RGB."""
    return frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def load(runtime: Runtime, precision: Precision) -> VocabularyDetector:
    """Load the default detector with one runtime."""
    return load_ovdense(LoadOptions(ROOT / "weights", run=RuntimeOptions(runtime, precision)))


def ask(detector: VocabularyDetector, names: tuple[str, ...]) -> Vocabulary:
    """Encode names at the detector's own threshold."""
    score = detector.info.default_min_score
    return detector.encode([Query(name, name, (name,), min_score=score) for name in names])


def compare_frames(detectors: dict[str, VocabularyDetector], rounds: int) -> None:
    """Print whole frames with one query and with many, by runtime."""
    times: dict[tuple[str, int], Times] = defaultdict(Times)
    texts = {
        (name, many): ask(detector, ("person", *detector.info.known_names[:MANY])[:many])
        for name, detector in detectors.items()
        for many in (1, MANY)
    }
    for frame in read_frames(rounds + WARM_UP):
        for (name, many), vocabulary in texts.items():
            times[name, many].run(detectors[name].detect, [frame], vocabulary)
    (first, _), first_times = next(iter(times.items()))
    first_wall, first_cpu = first_times.medians
    print(f"{'whole frame':22}{'queries':>8}{'ms':>9}{'ratio':>7}{'cpu':>9}{'ratio':>7}")
    for (name, many), taken in times.items():
        wall, cpu = taken.medians
        print(f"{name:22}{many:>8}{wall:>9.1f}{first_wall / wall:>7.2f}", end="")
        print(f"{cpu:>9.1f}{first_cpu / cpu:>7.2f}")
        queries = "one query" if many == 1 else f"{many} queries"
        note(
            Figure(f"whole frame, {queries}: {name}", wall, "ms", first_wall, f"{first}, one query")
        )


def profile_frame(detector: VocabularyDetector, rounds: int) -> None:
    """Print the parts of a frame's way with the default runtime."""
    times: dict[str, Times] = defaultdict(Times)
    vocabulary = ask(detector, ("person",))
    texts = detector._project(vocabulary)
    size_hw = detector._spec.input_sizes[0]
    with av.open(str(CLIP)) as container:
        packets = iter(container.decode(video=0))
        for _ in range(rounds + WARM_UP):
            frame = times["decode"].run(next, packets)
            image = times["to RGB"].run(to_rgb, frame)
            batch, resizes = times["resize"].run(preprocess, [image], size_hw)
            output = times["network"].run(detector._run_network, batch)
            logits = times["text product"].run(
                detector._projection.logits, output.region_embeds, texts
            )
            (found,) = times["thresholds, suppression, voting"].run(
                postprocess,
                list(logits),
                list(output.xyxy_norm),
                resizes,
                vocabulary,
                detector._spec.postprocess,
            )
            drawn = times["draw"].run(annotate, image, found)
            times["JPEG"].run(encode_jpeg, drawn)
    total = sum(taken.medians[1] for taken in times.values())
    print(f"\n{'part of a frame':34}{'ms':>8}{'cpu':>8}{'share of cpu':>14}")
    for name, taken in times.items():
        wall, cpu = taken.medians
        print(f"{name:34}{wall:>8.2f}{cpu:>8.2f}{cpu / total:>14.1%}")


def compare_counts(detectors: dict[str, VocabularyDetector], frames: int) -> None:
    """Print how alike the runtimes count persons and bicycles in the sample clip."""
    counts: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    texts = {name: ask(detector, ("person", "bicycle")) for name, detector in detectors.items()}
    images: Iterator[Image] = iter(read_frames(frames))
    for image in images:
        for name, detector in detectors.items():
            (found,) = detector.detect([image], texts[name])
            counts[name].append(tuple(len(found.of_label(label)) for label in (0, 1)))
    first = np.array(next(iter(counts.values())))
    print(f"\n{'counts':22}{'frames':>8}{'equal':>8}{'mean persons':>14}{'to first':>10}")
    for name, rows in counts.items():
        own = np.array(rows)
        equal = (own == first).all(axis=1).mean()
        mean, reference = own[:, 0].mean(), first[:, 0].mean()
        print(f"{name:22}{len(own):>8}{equal:>8.1%}{mean:>14.3f}{mean / reference - 1:>10.2%}")
        note(Figure(f"frames counted like the first: {name}", equal * 100, "%"))


def main() -> None:
    """Measure and print three tables."""
    parser = argparse.ArgumentParser(description=Path(__file__).name)
    parser.add_argument("--rounds", type=int, default=30, help="frames to measure")
    parser.add_argument("--count-frames", type=int, default=80, help="frames to count in")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure")
    arguments = parser.parse_args()
    loaded = [(f"{runtime} {precision}", load(runtime, precision)) for runtime, precision in CASES]
    # A case that does not work here was replaced by the next runtime.
    detectors = {
        name: detector
        for name, detector in loaded
        if name == f"{detector.info.computation.runtime} {detector.info.computation.precision}"
    }
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if "frames" in arguments.parts:
        compare_frames(detectors, arguments.rounds)
    if "profile" in arguments.parts:
        profile_frame(detectors["openvino float32"], arguments.rounds)
    if "counts" in arguments.parts:
        compare_counts(detectors, arguments.count_frames)


if __name__ == "__main__":
    main()
