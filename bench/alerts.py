"""Cost of judging 1,000 alert rules on 16 cameras, per counted frame, and of what changes.

    python bench/alerts.py [--rules 1000] [--cameras 16] [--frames 2000]

Frames are made up: 20 queries at each camera, 2 frames per second. `quiet` repeats equal counts,
`usual` changes one count in ten frames, `busy` changes all in every frame, so that alerts begin and
end all the time; each is measured without rules too. Writing what changed is measured by itself.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ovd.domain.alerts import AlertRule, Condition
from ovd.domain.cameras import Camera
from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, QueryCount
from ovd.domain.frame import Frame
from ovd.domain.query import Query
from ovd.domain.records import Run, RunStatus
from ovd.services.alerts.engine import AlertEngine
from ovd.services.alerts.surroundings import Surroundings
from ovd.services.events import FrameCounted
from ovd.store import SqlStore, open_store
from ovd.store.credentials import CredentialCipher
from ovd.video.clock import SystemClock

QUERIES = 20
IMAGE = np.zeros((4, 4, 3), np.uint8)
FPS = 2.0
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_rules(count: int, cameras: int) -> list[AlertRule]:
    """Return rules of several kinds, spread over cameras and queries."""
    rules = []
    for number in range(count):
        rule = AlertRule(
            name=f"rule {number}",
            when=Condition.ABOVE if number % 2 else Condition.BELOW,
            cameras=(f"camera {number % cameras}",),
            query=f"query {number // cameras % QUERIES}",
            count=2 + number % 3,
            for_s=5.0 * (number % 2),
        )
        scheduled = replace(rule, schedule=("mon-fri 22:00-06:00", "sat,sun"), tz="Europe/Berlin")
        rules.append(scheduled if number % 5 == 0 else rule)
    return rules


def make_event(run: Run, number: int, counts: Sequence[int]) -> FrameCounted:
    """Return the event of one counted frame."""
    time_s = number / FPS
    frame = Frame(
        np.zeros((4, 4, 3), np.uint8),
        number,
        time_s,
        START + timedelta(seconds=time_s),
        run.camera.name,
    )
    counted = tuple(QueryCount(QUERY_LIST[index], count, 0.5) for index, count in enumerate(counts))
    return FrameCounted(run, number + 1, FrameResult(frame, Detections.none(), counted, 1 / FPS))


QUERY_LIST = [Query(f"query {i}", f"query {i}", (f"query {i}",)) for i in range(QUERIES)]


def make_run(number: int) -> Run:
    """Return the run of one camera."""
    camera = Camera(number, f"camera {number}", "rtsp://192.0.2.7/1", START)
    return Run(number, camera, "bench", "", START, None, RunStatus.RUNNING)


def make_courses(frames: int, cameras: int) -> dict[str, list[list[int]]]:
    """Return counts of frames, camera after camera, by the name of the course."""
    random = np.random.default_rng(0)
    usual: list[list[int]] = []
    for number in range(frames):
        counts = list(usual[number - cameras]) if number >= cameras else [2] * QUERIES
        if random.random() < 0.1:
            counts[random.integers(QUERIES)] = int(random.integers(0, 8))
        usual.append(counts)
    busy = random.integers(0, 8, (frames, QUERIES)).tolist()
    return {"quiet": [[2] * QUERIES] * frames, "usual": usual, "busy": busy}


def measure(store: SqlStore, events: Sequence[FrameCounted]) -> tuple[float, float]:
    """Return µs of processor time to judge a frame, and ms to write all that changed."""
    engine = AlertEngine(
        store.alerts, Surroundings(tuple, store.health, SystemClock()), SystemClock()
    )
    engine.step()
    for event in events[: len(events) // 2]:
        engine.handle(event)
    engine.step()
    rest = events[len(events) // 2 :]
    begun_s = time.thread_time()
    for event in rest:
        engine.handle(event)
    judged_s = time.thread_time() - begun_s
    begun_s = time.perf_counter()
    engine.close()
    return 1e6 * judged_s / len(rest), 1e3 * (time.perf_counter() - begun_s)


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=1000)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--frames", type=int, default=2000)
    options = parser.parse_args()
    runs = [make_run(number) for number in range(options.cameras)]
    courses = make_courses(options.frames, options.cameras)
    result: dict[str, float] = {}
    for rules in (0, options.rules):
        for name, course in courses.items():
            events = [
                make_event(runs[number % options.cameras], number // options.cameras, counts)
                for number, counts in enumerate(course)
            ]
            with tempfile.TemporaryDirectory() as folder:
                cipher = CredentialCipher(Path(folder) / "key")
                with open_store(f"sqlite:///{folder}/bench.db", cipher) as store:
                    store.alerts.add(make_rules(rules, options.cameras))
                    judged_us, written_ms = measure(store, events)
            result[f"{name}_{rules}_rules_us_per_frame"] = round(judged_us, 1)
            result[f"{name}_{rules}_rules_written_ms"] = round(written_ms, 1)
    for name in courses:
        us = result[f"{name}_{options.rules}_rules_us_per_frame"]
        share = us * 1e-6 * FPS * options.cameras
        result[f"{name}_percent_of_a_core"] = round(100 * share, 2)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
