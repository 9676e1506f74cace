"""What detection costs per frame, and what 80 queries cost more than one.

    python -m bench.detect [--rounds 40] [--threads 0]

Every round measures one query and 80 queries on the same frame in turn, so that whatever else
the machine does meets both. Times are medians in milliseconds.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import av
import numpy as np

from ovd.domain.frame import Image
from ovd.domain.query import Query, Vocabulary
from ovd.model.backends import LoadOptions
from ovd.model.backends.embedded import load_embedded
from ovd.model.detector import VocabularyDetector
from ovd.model.preprocess import preprocess

ROOT = Path(__file__).resolve().parent.parent
CLIP = ROOT / "samples" / "pedestrians.mp4"
WARM_UP = 3
INPUT_HW = (300, 300)


def read_frames(count: int) -> list[Image]:
    """Frames spread over the sample clip, RGB."""
    with av.open(str(CLIP)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [frames[index] for index in np.linspace(0, len(frames) - 1, count, dtype=np.int64)]


def milliseconds(action: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def encode(detector: VocabularyDetector, names: tuple[str, ...]) -> Vocabulary:
    """One query per name, at the detector's own threshold."""
    threshold = detector.default_min_score
    return detector.encode([Query(name, name, (name,), min_score=threshold) for name in names])


def measure_parts(
    detector: VocabularyDetector, image: Image, vocabulary: Vocabulary
) -> tuple[float, float, float]:
    """Preprocessing, network, and scoring with postprocessing of one frame."""
    started = time.perf_counter()
    pixels, resizes = preprocess([image], INPUT_HW)
    prepared = time.perf_counter()
    predictions = detector.predict(pixels)
    predicted = time.perf_counter()
    detector.read(predictions, resizes, vocabulary)
    done = time.perf_counter()
    return (prepared - started) * 1e3, (predicted - prepared) * 1e3, (done - predicted) * 1e3


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40, help="frames to measure")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes all cores")
    arguments = parser.parse_args()
    detector = load_embedded(LoadOptions(ROOT / "weights", None, arguments.threads))
    vocabularies = {
        "1 query": encode(detector, detector.known_names[:1]),
        f"{len(detector.known_names)} queries": encode(detector, detector.known_names),
    }
    whole: dict[str, list[float]] = {name: [] for name in vocabularies}
    parts: dict[str, list[tuple[float, float, float]]] = {name: [] for name in vocabularies}
    for round_index, image in enumerate(read_frames(arguments.rounds + WARM_UP)):
        for name, vocabulary in vocabularies.items():
            took = milliseconds(partial(detector.detect, [image], vocabulary))
            split = measure_parts(detector, image, vocabulary)
            if round_index >= WARM_UP:
                whole[name].append(took)
                parts[name].append(split)

    columns = ("whole", "preprocess", "network", "postprocess")
    print(f"{'ms per 768 x 576 frame':24}" + "".join(f"{column:>12}" for column in columns))
    medians = {name: statistics.median(times) for name, times in whole.items()}
    for name, median in medians.items():
        row = (median, *(statistics.median(column) for column in zip(*parts[name], strict=True)))
        print(f"{name:24}" + "".join(f"{value:12.2f}" for value in row))
    one, many = medians.values()
    print(f"{list(medians)[1]} / 1 query: {many / one:.3f}")


if __name__ == "__main__":
    main()
