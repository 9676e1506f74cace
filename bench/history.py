"""Reports over days of counts: rollups against sums of the raw counts, and rebuilding.

The counts are made by SQL, in the order of cameras and queries, which takes about 170 bytes of disk
each; the rollups are then summed by `rebuild`, whose speed is one of the numbers. Times are of
the processor: nothing here waits for anything else, and other programs do not count that way.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from ovd.domain.records import CountSelection
from ovd.services.reports.buckets import BUCKETS
from ovd.services.reports.report import ReportRequest, ReportService
from ovd.store import open_store
from ovd.store.credentials import CredentialCipher
from ovd.store.maintenance.whole_database import Maintenance

FIRST_DAY = datetime(2026, 3, 28, tzinfo=UTC)
NOON = "2026-03-28 12:00:00.000000"
DAY_S = 86400

CAMERA = "INSERT INTO cameras (id, name, uri, created_at, enabled) VALUES (?, ?, 'bench', ?, 1)"
QUERY = "INSERT INTO queries VALUES (?, ?, 'thing', '[]', '[]', 0.5, ?)"
RUN = """
INSERT INTO runs (id, camera_id, detector, weights_sha256, started_at, ended_at, status, error,
    owner_host, owner_pid, alive_at)
VALUES (?, ?, 'bench', '', ?, ?, 'done', '', 'bench', 1, ?)
"""
# One camera and query: a count every `step` seconds.
COUNTS = """
WITH RECURSIVE frame (number) AS (
    SELECT 0 UNION ALL SELECT number + 1 FROM frame WHERE number + 1 < :frames
)
INSERT INTO frame_counts
    (run_id, camera_id, query_id, frame_index, captured_at, observed_s, count, max_score)
SELECT :camera, :camera, :query, number,
    strftime('%Y-%m-%d %H:%M:%f', '2026-03-28', (number * :step) || ' seconds') || '000',
    :step, (number + :query) % 7, 0.9
FROM frame
"""
# Characters of a stored time that name the stretch of so many seconds.
RAW = {60: 16, 3600: 13, 86400: 10}
REPORTS = (
    ("1d", "UTC"),
    ("1d", "Asia/Seoul"),
    ("1h", "Europe/Berlin"),
    ("1h", "Asia/Kolkata"),
    ("15m", "Asia/Seoul"),
    ("1m", "UTC"),
)


@dataclass(frozen=True)
class Load:
    """The amount of counts."""

    cameras: int
    queries: int
    frames: int
    days: int

    @property
    def rows(self) -> int:
        """Return the number of counts in the file."""
        return self.cameras * self.queries * self.frames

    @property
    def end_at(self) -> datetime:
        """Return the end of the last day, exclusive."""
        return FIRST_DAY + timedelta(days=self.days)


def fill(path: Path, load: Load) -> None:
    """Write the counts into an empty database."""
    step = load.days * DAY_S / load.frames
    cameras, queries, frames = load.cameras, load.queries, load.frames
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for query in range(1, queries + 1):
            connection.execute(QUERY, (query, f"query {query}", NOON))
        for camera in range(1, cameras + 1):
            connection.execute(CAMERA, (camera, f"camera {camera}", NOON))
            connection.execute(RUN, (camera, camera, NOON, NOON, NOON))
            for query in range(1, queries + 1):
                values = {"camera": camera, "query": query, "frames": frames, "step": step}
                connection.execute(COUNTS, values)


def timed(action: Callable[[], int]) -> tuple[float, int]:
    """Return the processor seconds of an action, and its result."""
    started = time.process_time()
    result = action()
    return time.process_time() - started, result


def count_items(build: Callable[[], Iterable[object]]) -> int:
    """Return how many items something yields."""
    return sum(1 for _ in build())


def show(name: str, rows: int, seconds: float, raw_s: float | None = None) -> None:
    """Print a line of the table."""
    ratio = "" if raw_s is None else f"{raw_s / seconds:,.0f}"
    print(f"| {name} | {rows:,} | {seconds:.2f} | {ratio} |", flush=True)


def sum_raw(path: Path, load: Load, step_s: int) -> int:
    """Sum all days from the raw counts; return the number of results."""
    statement = (
        f"SELECT camera_id, query_id, substr(captured_at, 1, {RAW[step_s]}) AS start, "  # noqa: S608
        "sum(observed_s), count(*), sum(count), max(count) FROM frame_counts WHERE "
        "captured_at >= ? AND captured_at < ? GROUP BY camera_id, query_id, start"
    )
    range_ = [f"{moment:%Y-%m-%d %H:%M:%S.000000}" for moment in (FIRST_DAY, load.end_at)]
    with closing(sqlite3.connect(path)) as connection:
        return sum(1 for _ in connection.execute(statement, range_))


def measure(path: Path, load: Load) -> None:
    """Measure and print the table."""
    print("| CPU seconds for all counts | rows | CPU s | SQL on counts takes times |")
    print("|---|---|---|---|")
    with Maintenance(f"sqlite:///{path}") as database:
        seconds, _ = timed(database.rebuild_rollups)
    show(f"rebuild, {load.rows / seconds:,.0f} counts/s", load.rows, seconds)
    raw_s = {}
    for step_s in RAW:
        raw_s[step_s], groups = timed(partial(sum_raw, path, load, step_s))
        show(f"SQL on counts, {step_s} s", groups, raw_s[step_s])
    selection = CountSelection(start_at=FIRST_DAY, end_at=load.end_at)
    with open_store(f"sqlite:///{path}", CredentialCipher(Path("secret.key"))) as store:
        for step_s in RAW:
            totals = partial(store.counts.totals, selection, step_s)
            seconds, groups = timed(partial(count_items, totals))
            show(f"totals by rollups, {step_s} s", groups, seconds, raw_s[step_s])
        service = ReportService(store)
        for bucket, tz in REPORTS:
            request = ReportRequest(start_at=FIRST_DAY, end_at=load.end_at, bucket=bucket, tz=tz)
            build = partial(service.build, request)
            seconds, groups = timed(partial(count_items, build))
            show(f"report, {bucket}, {tz}", groups, seconds, raw_s.get(BUCKETS[bucket]))


def main() -> None:
    """Fill a database and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--queries", type=int, default=10)
    parser.add_argument("--frames", type=int, default=62_500, help="per camera")
    parser.add_argument("--days", type=int, default=1, help="that the counts lie in")
    arguments = parser.parse_args()
    load = Load(arguments.cameras, arguments.queries, arguments.frames, arguments.days)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        open_store(f"sqlite:///{path}", CredentialCipher(Path("secret.key"))).close()
        fill(path, load)
        size = path.stat().st_size
        print(f"{load.rows:,} counts, {size / load.rows:.0f} bytes each without rollups\n")
        measure(path, load)


if __name__ == "__main__":
    main()
