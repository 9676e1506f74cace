"""Cost of detection per frame: detectors side by side, and many queries against one.

    python -m bench.detect [embedded ovdense] [--rounds 40] [--queries 100] [--threads 0]

Every round measures all detectors with one query and with many on the same frame in turn, so that
whatever else the machine does meets them all. Times are medians in milliseconds; "cpu" adds up
all cores. A detector that knows fewer names than asked for is given those.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import av
import numpy as np

from bench.summary import Figure, note
from ovd.domain.frame import Image
from ovd.domain.query import Query, Vocabulary
from ovd.model.backends import LoadOptions
from ovd.model.backends.embedded import load_embedded
from ovd.model.backends.ovdense import load_ovdense
from ovd.model.detector import VocabularyDetector
from ovd.model.runtimes.options import RuntimeOptions

ROOT = Path(__file__).resolve().parent.parent
CLIP = ROOT / "samples" / "pedestrians.mp4"
WARM_UP = 3
LOADERS = {"embedded": load_embedded, "ovdense": load_ovdense}


@dataclass(frozen=True)
class Case:
    """One detector with one list of queries, and its times in milliseconds."""

    title: str
    detector: VocabularyDetector
    vocabulary: Vocabulary
    whole: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, image: Image) -> None:
        """Detect once."""
        cpu = time.process_time()
        self.whole.append(milliseconds(partial(self.detector.detect, [image], self.vocabulary)))
        self.cpu.append((time.process_time() - cpu) * 1e3)


def read_frames(count: int) -> list[Image]:
    """Return frames spread over the sample clip, RGB."""
    with av.open(str(CLIP)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [frames[index] for index in np.linspace(0, len(frames) - 1, count, dtype=np.int64)]


def milliseconds(action: Callable[[], object]) -> float:
    """Return the duration of one call."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def build_cases(detector: VocabularyDetector, queries: int) -> list[Case]:
    """Build the cases of one query and of many, each at the detector's own threshold."""
    names = detector.info.known_names
    cases = []
    for asked in (names[:1], names[:queries]):
        threshold = detector.info.default_min_score
        wanted = [Query(name, name, (name,), min_score=threshold) for name in asked]
        title = f"{detector.info.name}, {len(asked)} quer{'y' if len(asked) == 1 else 'ies'}"
        cases.append(Case(title, detector, detector.encode(wanted)))
    return cases


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("detectors", nargs="*", help="of embedded and ovdense; both if none")
    parser.add_argument("--rounds", type=int, default=40, help="frames to measure")
    parser.add_argument("--queries", type=int, default=100, help="how many are many")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes all cores")
    arguments = parser.parse_args()
    options = LoadOptions(ROOT / "weights", run=RuntimeOptions(threads=arguments.threads))
    cases = [
        case
        for name in arguments.detectors or LOADERS
        for case in build_cases(LOADERS[name](options), arguments.queries)
    ]
    for image in read_frames(arguments.rounds + WARM_UP):
        for case in cases:
            case.measure(image)

    print(f"{'ms per 768 x 576 frame':28}{'whole':>10}{'cpu':>10}{'to one':>10}{'to first':>10}")
    medians = [statistics.median(case.whole[WARM_UP:]) for case in cases]
    for index, (case, median) in enumerate(zip(cases, medians, strict=True)):
        one, first = medians[index - index % 2], medians[index % 2]
        cpu = statistics.median(case.cpu[WARM_UP:])
        ratios = f"{median / one:>10.3f}{median / first:>10.3f}"
        print(f"{case.title:28}{median:10.1f}{cpu:10.1f}{ratios}")
        note(Figure(case.title, median, "ms", one, "its first"))


if __name__ == "__main__":
    main()
