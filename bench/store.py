"""Counts written per second through the store, and how long reports over them take.

Fills a database in a temporary folder, so it needs about 170 bytes of disk per count.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, QueryCount
from ovd.domain.frame import Frame
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.errors import StoreError
from ovd.services.export import export_report
from ovd.services.report import ReportRequest, ReportService
from ovd.store import SqlCountStore
from ovd.store.entries import Entry

START = datetime(2026, 3, 28, tzinfo=UTC)
FRAME_S = 0.2
IMAGE = np.zeros((1, 1, 3), dtype=np.uint8)


@dataclass(frozen=True)
class Load:
    """How much is counted."""

    cameras: int
    queries: int
    frames: int

    @property
    def rows(self) -> int:
        """Counts written."""
        return self.cameras * self.queries * self.frames


def make_result(camera: str, index: int, queries: tuple[Query, ...]) -> FrameResult:
    """One counted frame, five to the second."""
    labels = tuple(query.text for query in queries)
    empty = Detections(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), labels
    )
    moment = START + timedelta(seconds=index * FRAME_S)
    frame = Frame(IMAGE, index, index * FRAME_S, moment, camera)
    counts = tuple(QueryCount(query, (index + i) % 7, 0.9) for i, query in enumerate(queries))
    return FrameResult(frame, empty, counts, FRAME_S)


def write(store: SqlCountStore, load: Load) -> list[float]:
    """Count frames of all cameras in turn; returns the seconds that each `add_result` took."""
    queries = tuple(Query(f"query {i}", f"query {i}", ("thing",)) for i in range(load.queries))
    runs = [
        store.start_run(store.save_camera(f"camera {i}", "bench"), "bench", "", START)
        for i in range(load.cameras)
    ]
    waits_s = []
    for index in range(load.frames):
        for run in runs:
            result = make_result(run.camera.name, index, queries)
            started = time.perf_counter()
            store.add_result(run, result)
            waits_s.append(time.perf_counter() - started)
    for run in runs:
        store.end_run(run.id, RunStatus.DONE, START)
    return waits_s


def timed(action: Callable[[], int]) -> tuple[float, int]:
    """Seconds an action took, and its result."""
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def measure_reports(store: SqlCountStore, folder: Path) -> None:
    """Print a line per report."""
    service = ReportService(store)
    print("| report | rows | seconds |\n|---|---|---|")
    for bucket in ("1s", "1m", "1h", "1d"):
        report = service.build(ReportRequest(bucket=bucket, tz="Europe/Berlin"))
        seconds, rows = timed(lambda report=report: sum(1 for _ in report))
        print(f"| all counts, {bucket} | {rows:,} | {seconds:.2f} |")
    one = ReportRequest(("camera 0",), ("query 0",), bucket="1m", tz="Europe/Berlin")
    seconds, rows = timed(lambda: sum(1 for _ in service.build(one)))
    print(f"| one camera and query, 1m | {rows:,} | {seconds:.2f} |")
    for name in ("csv", "json"):
        report = service.build(ReportRequest(bucket="1s", tz="Europe/Berlin"))
        path = folder / f"report.{name}"
        seconds, rows = timed(lambda p=path, r=report, n=name: export_report(r, p, n))
        print(f"| {name} file of all counts, 1s | {rows:,} | {seconds:.2f} |")


class TimedStore(SqlCountStore):
    """Notes how many seconds every batch took to be written."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.commits_s: list[float] = []

    def _write(self, entries: Sequence[Entry]) -> StoreError | None:
        started = time.perf_counter()
        outcome = super()._write(entries)
        self.commits_s.append(time.perf_counter() - started)
        return outcome


def measure_inserts(name: str, url: str, load: Load) -> None:
    """Print a line about writing a load into a new database."""
    with TimedStore(url) as store:
        started, cpu_started = time.perf_counter(), time.process_time()
        waits_s = write(store, load)
        wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
        waits_ms, commits_ms = (
            [1000 * cut for cut in statistics.quantiles(times_s, n=100)]
            for times_s in (waits_s, store.commits_s)
        )
        print(
            f"| {name} | {load.rows:,} | {wall_s:.1f} | {cpu_s:.1f} | {load.rows / wall_s:,.0f} | "
            f"{waits_ms[98]:.3f} | {commits_ms[49]:.1f} | {commits_ms[98]:.1f} |",
            flush=True,
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--queries", type=int, default=10)
    parser.add_argument("--frames", type=int, default=6250, help="per camera")
    parser.add_argument("--postgres", action="store_true", help="also on a server of its own")
    arguments = parser.parse_args()
    load = Load(arguments.cameras, arguments.queries, arguments.frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        print(
            "| database | counts | seconds | CPU s | counts/s | add_result p99 ms | "
            "commit p50 ms | p99 ms |"
        )
        print("|---|---|---|---|---|---|---|---|")
        measure_inserts("SQLite", url, load)
        if arguments.postgres:
            measure_on_server(load)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"\n{size / load.rows:.0f} bytes per count with rollups, in SQLite\n")
        with SqlCountStore(url) as store:
            measure_reports(store, folder)


def measure_on_server(load: Load) -> None:
    """Print the line of a PostgreSQL server that is started for it."""
    from tests.postgres_server import PostgresServer

    server = PostgresServer()
    try:
        measure_inserts("PostgreSQL", server.create("bench"), load)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
