"""Overhead of the counting loop over pure detection, both from one run.

Counts a clip exactly as `ovd count --no-realtime` does, with a detector that keeps the time of each
call: the loop's share is all wall time outside of the detector (decoding, counting, following,
zones, the database).
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from bench.summary import Figure, note
from ovd.bootstrap import build_counter, build_detector, build_reader, open_store
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, SourceOptions
from ovd.domain.query import Query, Vocabulary
from ovd.domain.zones import LineZone, PolygonZone, Zone
from ovd.settings import load_settings
from ovd.video import open_source


class TimedDetector:
    """A detector that records the duration of each call, in seconds."""

    def __init__(self, inner: Detector) -> None:
        self._inner = inner
        self.info = inner.info
        self.calls_s: list[float] = []

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Delegate to the detector."""
        return self._inner.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Delegate to the detector and record the duration."""
        started = time.perf_counter()
        found = self._inner.detect(images, vocabulary)
        self.calls_s.append(time.perf_counter() - started)
        return found


def make_zones(wanted: int) -> list[Zone]:
    """Return lines and polygons alternately, spread over the image."""
    places = [(number + 1) / (wanted + 1) for number in range(wanted)]
    return [
        LineZone(f"line {x:.2f}", ((x, 0.1), (x, 0.9)))
        if number % 2
        else PolygonZone(f"area {x:.2f}", ((x - 0.1, 0.2), (x + 0.1, 0.2), (x, 0.9)))
        for number, x in enumerate(places)
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", nargs="?", default="samples/pedestrians.mp4")
    parser.add_argument("-q", "--query", action="append", default=None)
    parser.add_argument("--detector", default="embedded")
    parser.add_argument("--zones", type=int, default=5, help="lines and polygons to watch")
    parser.add_argument("--frames", type=int, default=None, help="stop after so many")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            db=f"sqlite:///{Path(folder) / 'loop.db'}", detector=arguments.detector
        )
        detector = TimedDetector(build_detector(settings))
        reader = build_reader(detector)
        queries = [reader.read(text) for text in arguments.query or ["person"]]
        store = open_store(settings)
        source = open_source(arguments.clip, "bench", SourceOptions())
        started = time.perf_counter()
        zones = make_zones(arguments.zones)
        with build_counter(detector, store).open_run(source, "bench", queries, zones) as run:
            frames = sum(1 for _ in islice(run, arguments.frames))
        wall_s = time.perf_counter() - started
        store.close()
    detect_s = sum(detector.calls_s)
    print(f"frames counted      {frames}")
    print(f"wall                {wall_s:8.2f} s")
    print(f"pure detection      {detect_s:8.2f} s")
    print(f"median detection    {statistics.median(detector.calls_s) * 1000:8.1f} ms")
    print(f"loop adds           {(wall_s / detect_s - 1) * 100:8.1f} %   (target: at most 15 %)")
    note(Figure("counting loop over pure detection", (wall_s / detect_s - 1) * 100, "%"))


if __name__ == "__main__":
    main()
