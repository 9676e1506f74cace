"""Memory of tracking: many tracks that end and many zone updates, before and after.

Boxes walk through a frame, each for a while, so that tracks end all the time; a line and a
polygon are updated with every one. No detector and no database: this measures what is kept per
track. Prints the resident memory as it goes, and its slope; a leak of 100 bytes a track would
show as 1 MB over 10,000 tracks.
"""

import argparse
import gc
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.frame import Frame
from ovd.domain.zones import LineZone, PolygonZone
from ovd.tracking.counters import build_counter
from ovd.tracking.tracker import MotionTracker

FPS = 5.0
LIFE_FRAMES = 25
WALKERS = 12
STEP_PX = 9.0
ZONES = (
    LineZone("line", ((0.5, 0.0), (0.5, 1.0))),
    PolygonZone("area", ((0.3, 0.1), (0.7, 0.1), (0.7, 0.9), (0.3, 0.9))),
)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def resident_mb() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def walk(frames: int) -> Iterator[tuple[Frame, Detections]]:
    """Yield frames in which `WALKERS` people walk from left to right and leave."""
    image = np.zeros((360, 640, 3), dtype=np.uint8)
    rows = np.arange(WALKERS) * 24.0 + 20
    for index in range(frames):
        age = (index + np.arange(WALKERS) * 3) % (LIFE_FRAMES + 20)
        here = age < LIFE_FRAMES
        left = age[here] * STEP_PX * 2.5
        top = rows[here]
        xyxy = np.stack([left, top, left + 16, top + 40], axis=1).astype(np.float32)
        found = len(xyxy)
        detections = Detections(
            xyxy,
            np.full(found, 0.9, dtype=np.float32),
            np.zeros(found, dtype=np.int64),
            ("person",),
        )
        seconds = index / FPS
        yield Frame(image, index, seconds, BEGIN + timedelta(seconds=seconds), "bench"), detections


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=10_000, help="ended tracks wanted")
    parser.add_argument("--updates", type=int, default=1_000_000, help="zone updates wanted")
    arguments = parser.parse_args()
    zones_each = max(1, round(arguments.updates / (arguments.tracks * LIFE_FRAMES * len(ZONES))))
    counters = [build_counter(zone, "person") for zone in ZONES for _ in range(zones_each)]
    tracker = MotionTracker(count(1), 1 / FPS)
    ended = updates = 0
    marks: list[tuple[int, float]] = []
    started = time.perf_counter()
    for frame, detections in walk(10**9):
        tracks = tracker.update(detections, frame)
        for counter in counters:
            counter.update(tracks, frame)
        ended += len(tracks.ended)
        updates += len(tracks) * len(counters)
        if ended >= (len(marks) + 1) * arguments.tracks // 10:
            gc.collect()
            marks.append((ended, resident_mb()))
            print(f"{ended:>8} tracks ended  {updates:>9} updates  {marks[-1][1]:8.1f} MB")
        if ended >= arguments.tracks and updates >= arguments.updates:
            break
    wall_s = time.perf_counter() - started
    settled = marks[1:]
    slope = np.polyfit([mark[0] for mark in settled], [mark[1] for mark in settled], 1)[0]
    kept = sum(
        len(value) for c in counters for value in vars(c).values() if isinstance(value, dict)
    )
    print(f"slope after the first tenth  {slope * 1e6:8.1f} bytes a track   (target: about 0)")
    print(f"entries kept in counters     {kept:8}   (target: those in sight)")
    print(f"time                         {wall_s:8.1f} s")


if __name__ == "__main__":
    main()
