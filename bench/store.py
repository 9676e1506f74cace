"""Counts written per second through the store, and durations of reports over them.

Fills a database in a temporary folder, so it needs about 170 bytes of disk per count. With `--pace`
counts also come as cameras send them, one frame after another, and every commit is timed:

    python -m bench.store --cameras 8 --queries 5 --pace 2 --seconds 300 --postgres
    python -m bench.store --cameras 10 --queries 5 --pace 2 --seconds 300 --frames 0
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from ovd.domain.detections import Detections
from ovd.domain.events import FrameResult, QueryCount
from ovd.domain.frame import Frame
from ovd.domain.query import Query
from ovd.domain.records import RunStatus
from ovd.errors import StoreError
from ovd.services.reports.export import export_report
from ovd.services.reports.report import Report, ReportRequest, ReportService
from ovd.store import SqlStore, open_store
from ovd.store.credentials import CredentialCipher
from ovd.store.database import Database
from ovd.store.writing.queued_rows import Entry

START = datetime(2026, 3, 28, tzinfo=UTC)
FRAME_S = 0.2
IMAGE = np.zeros((1, 1, 3), dtype=np.uint8)


@dataclass(frozen=True)
class Load:
    """The amount of counts.

    Attributes:
        cameras: Cameras that are counted.
        queries: Queries at each of them.
        frames: Frames of each of them.
        pace: Frames per second of each as the clock runs; 0 is as fast as they are taken.
    """

    cameras: int
    queries: int
    frames: int
    pace: float = 0.0

    @property
    def frame_s(self) -> float:
        """Return the seconds between two frames of one camera."""
        return 1 / self.pace if self.pace else FRAME_S

    @property
    def rows(self) -> int:
        """Return the number of counts written."""
        return self.cameras * self.queries * self.frames


def make_result(
    camera: str, index: int, queries: tuple[Query, ...], frame_s: float = FRAME_S
) -> FrameResult:
    """Build one counted frame, `frame_s` seconds after the one before."""
    labels = tuple(query.text for query in queries)
    empty = Detections(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), labels
    )
    moment = START + timedelta(seconds=index * frame_s)
    frame = Frame(IMAGE, index, index * frame_s, moment, camera)
    counts = tuple(QueryCount(query, (index + i) % 7, 0.9) for i, query in enumerate(queries))
    return FrameResult(frame, empty, counts, frame_s)


class FramePacer:
    """Spaces the frames of all cameras evenly over time."""

    def __init__(self, load: Load) -> None:
        self._interval_s = load.frame_s / load.cameras if load.pace else 0.0
        self._due_s = time.perf_counter()

    def wait(self) -> None:
        """Wait until the next frame is due."""
        time.sleep(max(self._due_s - time.perf_counter(), 0.0) if self._interval_s else 0.0)
        self._due_s += self._interval_s


def write(store: SqlStore, load: Load) -> list[tuple[float, float]]:
    """Count frames of all cameras in turn; return when each `add_result` began and ended."""
    queries = tuple(Query(f"query {i}", f"query {i}", ("thing",)) for i in range(load.queries))
    runs = [
        store.runs.start(store.cameras.record(f"camera {i}", "bench"), "bench", "", START)
        for i in range(load.cameras)
    ]
    calls_s = []
    pacer = FramePacer(load)
    for index in range(load.frames):
        for run in runs:
            result = make_result(run.camera.name, index, queries, load.frame_s)
            pacer.wait()
            started = time.perf_counter()
            store.counts.add_result(run, result)
            calls_s.append((started, time.perf_counter()))
    for run in runs:
        store.runs.end(run.id, RunStatus.DONE, START)
    return calls_s


def timed(action: Callable[[], int]) -> tuple[float, int]:
    """Return seconds an action took, and its result."""
    started = time.perf_counter()
    result = action()
    return time.perf_counter() - started, result


def count_rows(report: Report) -> int:
    """Return the number of rows of a report, reading all."""
    return sum(1 for _ in report)


def measure_reports(store: SqlStore, folder: Path) -> None:
    """Print a line per report."""
    service = ReportService(store)
    print("| report | rows | seconds |\n|---|---|---|")
    for bucket in ("1s", "1m", "1h", "1d"):
        report = service.build(ReportRequest(bucket=bucket, tz="Europe/Berlin"))
        seconds, rows = timed(partial(count_rows, report))
        print(f"| all counts, {bucket} | {rows:,} | {seconds:.2f} |")
    one = ReportRequest(("camera 0",), ("query 0",), bucket="1m", tz="Europe/Berlin")
    seconds, rows = timed(lambda: count_rows(service.build(one)))
    print(f"| one camera and query, 1m | {rows:,} | {seconds:.2f} |")
    for name in ("csv", "json"):
        report = service.build(ReportRequest(bucket="1s", tz="Europe/Berlin"))
        path = folder / f"report.{name}"
        seconds, rows = timed(partial(export_report, report, path, name))
        print(f"| {name} file of all counts, 1s | {rows:,} | {seconds:.2f} |")


@dataclass(frozen=True)
class Commit:
    """One batch: its number of rows, and when its writing began and ended."""

    rows: int
    started_s: float
    ended_s: float


class TimedDatabase(Database):
    """Records when every batch was written."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.commits: list[Commit] = []

    def _write(self, entries: Sequence[Entry]) -> StoreError | None:
        started = time.perf_counter()
        outcome = super()._write(entries)
        if entries:
            self.commits.append(Commit(len(entries), started, time.perf_counter()))
        return outcome


def quantiles_ms(times_s: Sequence[float]) -> list[float]:
    """Return the 1 % to 99 % quantiles in milliseconds; of one time, that time."""
    if len(times_s) == 1:
        return [1000 * times_s[0]] * 99
    return [1000 * cut for cut in statistics.quantiles(times_s, n=100, method="inclusive")]


def delays_until_durable(
    calls_s: Sequence[tuple[float, float]], commits: Sequence[Commit], rows: int
) -> list[float]:
    """Return the seconds from taking each frame until its rows were durable.

    Args:
        calls_s: When each `add_result` began and ended, in order.
        commits: The batches, in order.
        rows: Rows of a frame.
    """
    ends_s = iter([commit.ended_s for commit in commits for _ in range(commit.rows)])
    return [max(itertools.islice(ends_s, rows)) - started for started, _ in calls_s]


def measure_inserts(name: str, url: str, load: Load) -> None:
    """Print a line about writing a load into a new database."""
    database = TimedDatabase(url)
    with SqlStore(database, CredentialCipher(Path("secret.key"))) as store:
        started, cpu_started = time.perf_counter(), time.process_time()
        calls_s = write(store, load)
        wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu_started
        calls_ms = quantiles_ms([ended - began for began, ended in calls_s])
        commits_s = [commit.ended_s - commit.started_s for commit in database.commits]
        commits_ms = quantiles_ms(commits_s)
        kept_ms = quantiles_ms(delays_until_durable(calls_s, database.commits, load.queries))
        pace = f"{load.pace:g} fps" if load.pace else "full speed"
        print(
            f"| {name} | {pace} | {load.rows:,} | {wall_s:.1f} | {cpu_s:.1f} | "
            f"{load.rows / wall_s:,.0f} | {calls_ms[98]:.3f} | {len(commits_s):,} | "
            f"{commits_ms[49]:.1f} | {commits_ms[98]:.1f} | {1000 * max(commits_s):.1f} | "
            f"{kept_ms[98] / 1000:.2f} |",
            flush=True,
        )


def measure_loads(loads: Sequence[Load], folder: Path, on_server: bool) -> None:
    """Print a line per load in SQLite, and in a PostgreSQL server started for it."""
    print(
        "| database | pace | counts | seconds | CPU s | counts/s | add_result p99 ms | commits | "
        "p50 ms | p99 ms | max ms | kept after s, p99 |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for number, load in enumerate(loads):
        measure_inserts("SQLite", f"sqlite:///{folder / f'bench{number}.db'}", load)
    if on_server:
        from tests.postgres_server import PostgresServer

        server = PostgresServer()
        try:
            for number, load in enumerate(loads):
                measure_inserts("PostgreSQL", server.create(f"bench{number}"), load)
        finally:
            server.stop()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--queries", type=int, default=10)
    parser.add_argument(
        "--frames", type=int, default=6250, help="per camera at full speed; 0 leaves that out"
    )
    parser.add_argument(
        "--pace", type=float, nargs="+", default=[], help="also at so many frames a second"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long at each pace")
    parser.add_argument("--postgres", action="store_true", help="also on a server of its own")
    arguments = parser.parse_args()
    full = Load(arguments.cameras, arguments.queries, arguments.frames)
    loads = [full] if full.frames else []
    for pace in arguments.pace:
        loads.append(replace(full, frames=max(round(pace * arguments.seconds), 1), pace=pace))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_loads(loads, folder, arguments.postgres)
        if full.frames:
            size = sum(path.stat().st_size for path in folder.glob("bench0.db*"))
            print(f"\n{size / full.rows:.0f} bytes per count with rollups, in SQLite\n")
            with open_store(
                f"sqlite:///{folder / 'bench0.db'}", CredentialCipher(Path("secret.key"))
            ) as store:
                measure_reports(store, folder)


if __name__ == "__main__":
    main()
