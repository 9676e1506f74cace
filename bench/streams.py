"""Many RTSP cameras at once: fairness, lag, memory, and the effect of outages.

Starts one camera server per camera on 127.0.0.1, counts them as the app does, kills one server
after the other and starts it again. Everything is measured from the outside: the database, the
fleet's own status, and the memory of this process. What others took of the processor is told,
because samples are lost when they take much. `--stub-ms` takes the detector out of the
measurement.
"""

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np

from ovd.bootstrap import build_counter, build_detector, build_opener, build_reader, open_store
from ovd.detection.shared import SharedDetector
from ovd.domain.detections import Detections
from ovd.domain.frame import Image
from ovd.domain.ports import Detector, SourceOptions
from ovd.domain.query import Query, Vocabulary
from ovd.services.counting.camera_queries import CameraQueryReader
from ovd.services.counting.fleet import Fleet
from ovd.settings import load_settings
from ovd.video.clock import SystemClock
from tests.rtsp_server import RtspServerProcess

LOOK_S = 0.2
MEMORY_EVERY_S = 5.0
# The first part of a run fills caches and pools, so slopes of memory are told for later parts, too.
PARTS = {"all": 0.0, "last three quarters": 0.25, "last half": 0.5}
SETTLE_S = 5.0


class StubDetector:
    """Finds nothing and takes a fixed time per frame without using the processor."""

    def __init__(self, inner: Detector, frame_s: float) -> None:
        self._inner = inner
        self._frame_s = frame_s
        self.info = replace(inner.info, name="stub", weights_sha256="")

    def encode(self, queries: Sequence[Query]) -> Vocabulary:
        """Return a vocabulary without embeddings."""
        return self._inner.encode(queries)

    def detect(self, images: Sequence[Image], vocabulary: Vocabulary) -> list[Detections]:
        """Return no detections after a fixed time."""
        time.sleep(self._frame_s * len(images))
        return [Detections.none(vocabulary.labels) for _ in images]


@dataclass(frozen=True)
class Outage:
    """A camera server that was killed."""

    camera: str
    died_at: datetime
    back_at: datetime


@dataclass
class Observations:
    """Measurements taken while the cameras were counted."""

    delays_s: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    capacity: float | None = None
    slowed: set[str] = field(default_factory=set)
    unseen: int = 0


def memory_mb() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds of processor time, of all cores, since the machine started.

    Attributes:
        whole: All there was.
        idle: Nobody wanted.
        taken: The host of a virtual machine gave to others.
        own: This process and its children that have ended used.
    """

    whole: float
    idle: float
    taken: float
    own: float

    @classmethod
    def now(cls) -> Self:
        """Read the counters; Linux only."""
        line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
        # user, nice, system, idle, waiting for a disk, two kinds of interrupts, taken away
        ticks = [float(ticks) / os.sysconf("SC_CLK_TCK") for ticks in line.split()[1:9]]
        return cls(sum(ticks), ticks[3] + ticks[4], ticks[7], sum(os.times()[:4]))

    def describe_load(self, end: Self) -> str:
        """Describe the use of the processor between two readings."""
        whole = end.whole - self.whole
        own, idle = (end.own - self.own) / whole, (end.idle - self.idle) / whole
        taken = (end.taken - self.taken) / whole
        # The kernel counts ticks here and exact times there, which differ by a little.
        rest = max(0.0, 1 - own - idle - taken)
        others = f"others {rest:.1%}, taken away by the host {taken:.2%}"
        return f"cameras and counting {own:.1%}, {others}, idle {idle:.1%}"


def observe(
    fleet: Fleet, servers: dict[str, RtspServerProcess], arguments: argparse.Namespace
) -> Observations:
    """Observe the fleet until the time is up, killing a server at intervals."""
    seen, counted = Observations(), defaultdict[str, int](int)
    started_s = time.monotonic()
    end_s = started_s + arguments.minutes * 60
    next_memory_s, next_kill_s = started_s, started_s + arguments.kill_every
    victims = iter(list(servers) * 1000)
    down: tuple[str, datetime, float] | None = None
    while (now_s := time.monotonic()) < end_s:
        for status in fleet.statuses():
            if status.frames_counted != counted[status.camera] and status.delay_s is not None:
                counted[status.camera] = status.frames_counted
                seen.delays_s.append(status.delay_s)
        if now_s >= next_memory_s:
            seen.memory.append((now_s - started_s, memory_mb()))
            next_memory_s += MEMORY_EVERY_S
        if down is not None and now_s >= down[2]:
            servers[down[0]].start()
            seen.outages.append(Outage(down[0], down[1], datetime.now(UTC)))
            down = None
        leaves_time = now_s + arguments.outage + SETTLE_S < end_s
        if arguments.kill_every and now_s >= next_kill_s and down is None and leaves_time:
            victim = next(victims)
            down = (victim, datetime.now(UTC), now_s + arguments.outage)
            servers[victim].kill()
            next_kill_s += arguments.kill_every
        time.sleep(LOOK_S)
    capacity = fleet.capacity()
    seen.unseen = sum(status.health.frames_dropped for status in fleet.statuses())
    seen.capacity, seen.slowed = capacity.frames_per_s, set(capacity.slowed)
    return seen


def read_times(database: Path) -> tuple[dict[str, list[datetime]], dict[str, list[list[str]]]]:
    """Read the times of counted frames, and start, end and reason of gaps, by camera."""
    frames = defaultdict[str, list[datetime]](list)
    gaps = defaultdict[str, list[list[str]]](list)
    with sqlite3.connect(database) as connection:
        for name, at in connection.execute(
            "SELECT name, captured_at FROM frame_counts f JOIN cameras c ON c.id = f.camera_id "
            "ORDER BY name, captured_at"
        ):
            frames[name].append(datetime.fromisoformat(at).replace(tzinfo=UTC))
        for name, *gap in connection.execute(
            "SELECT name, started_at, ended_at, reason FROM gaps g JOIN cameras c "
            "ON c.id = g.camera_id ORDER BY name, started_at"
        ):
            gaps[name].append(gap)
    connection.close()
    return frames, gaps


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def print_shares(
    frames: dict[str, list[datetime]], gaps: dict[str, list[list[str]]], fps: float
) -> None:
    """Print how evenly the cameras were served, relative to the time they were up."""
    rates = {}
    for camera, times in frames.items():
        lost_s = sum((_utc(end) - _utc(start)).total_seconds() for start, end, _ in gaps[camera])
        seen_s = (times[-1] - times[0]).total_seconds() - lost_s
        rates[camera] = (len(times) - 1) / seen_s
    mean = statistics.mean(rates.values())
    worst = max(abs(rate / mean - 1) for rate in rates.values())
    late = sum(
        1
        for camera, times in frames.items()
        for before, after in pairwise(times)
        if (after - before).total_seconds() > 2 / fps
        and not any(_utc(start) <= after and _utc(end) >= before for start, end, _ in gaps[camera])
    )
    print(f"samples per second      {mean:.3f} of {fps:g} wanted")
    print(f"furthest from fair      {worst:.1%}   (target: 10 %)")
    print(f"samples lost, no outage {late}   (target: 0)")


def print_outages(outages: Sequence[Outage], gaps: dict[str, list[list[str]]]) -> None:
    """Print the gaps recorded for the servers that were killed."""
    print("\n| killed | outage s | gap s | gap began after s | back after s | reason |")
    print("|---|---|---|---|---|---|")
    matched = 0
    for outage in outages:
        gap = next(
            (gap for gap in gaps[outage.camera] if _utc(gap[1]) > outage.died_at),
            None,
        )
        down_s = (outage.back_at - outage.died_at).total_seconds()
        if gap is None:
            print(f"| {outage.camera} | {down_s:.2f} | NONE | | | |")
            continue
        matched += 1
        start, end = _utc(gap[0]), _utc(gap[1])
        began_s = (start - outage.died_at).total_seconds()
        back_s = (end - outage.back_at).total_seconds()
        reason = gap[2].rpartition(": ")[2]
        length_s = (end - start).total_seconds()
        row = f"{down_s:.2f} | {length_s:.2f} | {began_s:.2f} | {back_s:.2f} | {reason}"
        print(f"| {outage.camera} | {row} |")
    others = sum(len(found) for found in gaps.values()) - matched
    print(f"\ngaps without an outage  {others}   (target: 0)")


def print_observations(seen: Observations) -> None:
    """Print lag and memory."""
    delays = np.array(seen.delays_s)
    print(
        f"frame age when counted  p50 {np.percentile(delays, 50):.2f} s, "
        f"p95 {np.percentile(delays, 95):.2f} s, max {delays.max():.2f} s   (target: p95 1.5 s)"
    )
    print(f"samples never looked at {seen.unseen}   (target: 0)")
    times_s, sizes = np.array(seen.memory).T
    first, last, most = sizes[0], sizes[-1], sizes.max()
    print(f"memory                  {first:.0f} MB to {last:.0f} MB, {most:.0f} MB at most")
    for name, share in PARTS.items():
        part = times_s >= times_s[-1] * share
        slope = np.polyfit(times_s[part], sizes[part], 1)[0] * 3600 if part.sum() > 2 else np.nan
        print(f"  {name:<21} {slope:+.1f} MB/hour, {np.ptp(sizes[part]):.0f} MB from least to most")
    speed = "unknown" if seen.capacity is None else f"{seen.capacity:.1f} frames/s"
    print(
        f"capacity                {speed}; slowed down at the end: {sorted(seen.slowed) or 'none'}"
    )


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--kill-every", type=float, default=60.0, help="seconds; 0 kills none")
    parser.add_argument("--outage", type=float, default=10.0, help="seconds a server stays away")
    parser.add_argument("--clip", type=Path, default=Path("samples/pedestrians.mp4"))
    parser.add_argument("--detector", default="embedded")
    parser.add_argument("--stub-ms", type=float, help="a stand-in that takes so long per frame")
    return parser.parse_args()


def main() -> None:
    """Run and print the tables."""
    arguments = parse_arguments()
    before = ProcessorTime.now()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        database = Path(folder) / "streams.db"
        settings = load_settings(
            db=f"sqlite:///{database}", data_dir=folder, detector=arguments.detector
        )
        detector: Detector = build_detector(settings)
        reader = build_reader(detector)
        if arguments.stub_ms is not None:
            detector = StubDetector(detector, arguments.stub_ms / 1000)
        shared = SharedDetector(detector, SystemClock())
        store = open_store(settings)
        fleet = Fleet(
            build_counter(shared, store),
            build_opener(settings),
            CameraQueryReader(reader, store.saved_queries),
            frames_per_s=lambda: shared.frames_per_s,
        )
        servers = {
            f"camera {number}": stack.enter_context(RtspServerProcess(arguments.clip))
            for number in range(arguments.cameras)
        }
        queries = [reader.read("person")]
        options = SourceOptions(sample_fps=arguments.fps)
        for camera, server in servers.items():
            fleet.start(camera, server.url(), queries, options)
        seen = observe(fleet, servers, arguments)
        fleet.close()
        store.close()
        frames, gaps = read_times(database)
    print_shares(frames, gaps, arguments.fps)
    print_observations(seen)
    print(f"processor               {before.describe_load(ProcessorTime.now())}")
    print_outages(seen.outages, gaps)


if __name__ == "__main__":
    main()
