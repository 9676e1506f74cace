"""A day of counts in a file: reports by rollups against the same sums of the counts; rebuilding.

The counts are made by SQL, in the order of cameras and queries, which takes about 170 bytes of disk
each; the rollups are then summed by `rebuild`, whose speed is one of the numbers.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ovd.domain.records import CountSelection
from ovd.services.report import ReportRequest, ReportService
from ovd.store import SqlCountStore
from ovd.store.maintenance import Maintenance

DAY = datetime(2026, 3, 28, tzinfo=UTC)
NEXT_DAY = DAY + timedelta(days=1)
NOON = "2026-03-28 12:00:00.000000"

CAMERA = "INSERT INTO cameras VALUES (?, ?, 'bench', ?, 1)"
QUERY = "INSERT INTO queries VALUES (?, ?, 'thing', '[]', '[]', 0.5, ?)"
RUN = "INSERT INTO runs VALUES (?, ?, 'bench', '', ?, ?, 'done', '', 'bench', 1, ?)"
# One camera and query: a count every `step` seconds of the day.
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
RAW = {
    60: "substr(captured_at, 1, 16)",
    3600: "substr(captured_at, 1, 13)",
}


def fill(path: Path, cameras: int, queries: int, frames: int) -> None:
    """Put a day of counts into an empty database."""
    step = 86400 / frames
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
    """Seconds of processor time an action took, and its result.

    Nothing here waits for anything else, and other programs do not count that way.
    """
    started = time.process_time()
    result = action()
    return time.process_time() - started, result


def sum_raw(path: Path, step_s: int) -> int:
    """The sums of a day from the counts themselves; returns how many there are."""
    statement = (
        f"SELECT camera_id, query_id, {RAW[step_s]} AS start, sum(observed_s), "  # noqa: S608
        "count(*), sum(count), max(count) FROM frame_counts WHERE captured_at >= ? AND "
        "captured_at < ? GROUP BY camera_id, query_id, start"
    )
    range_ = [f"{moment:%Y-%m-%d %H:%M:%S.000000}" for moment in (DAY, NEXT_DAY)]
    with closing(sqlite3.connect(path)) as connection:
        return sum(1 for _ in connection.execute(statement, range_))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--queries", type=int, default=10)
    parser.add_argument("--frames", type=int, default=62_500, help="per camera")
    arguments = parser.parse_args()
    rows = arguments.cameras * arguments.queries * arguments.frames
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        SqlCountStore(f"sqlite:///{path}").close()
        fill(path, arguments.cameras, arguments.queries, arguments.frames)
        size = path.stat().st_size
        print(f"{rows:,} counts, {size / rows:.0f} bytes each, without rollups\n", flush=True)
        print("| a day of all counts | rows | CPU seconds |\n|---|---|---|")
        with Maintenance(f"sqlite:///{path}") as database:
            seconds, _ = timed(database.rebuild_rollups)
            print(f"| rebuild, {rows / seconds:,.0f} counts/s | | {seconds:.2f} |", flush=True)
        selection = CountSelection(start_at=DAY, end_at=NEXT_DAY)
        with SqlCountStore(f"sqlite:///{path}") as store:
            for step_s in RAW:
                raw_s, groups = timed(lambda step_s=step_s: sum_raw(path, step_s))
                print(f"| SQL on counts, {step_s} s | {groups:,} | {raw_s:.2f} |", flush=True)
                seconds, groups = timed(
                    lambda step_s=step_s: sum(1 for _ in store.totals(selection, step_s))
                )
                ratio = f"{raw_s / seconds:.0f} times faster"
                print(f"| totals by rollups, {step_s} s, {ratio} | {groups:,} | {seconds:.2f} |")
            request = ReportRequest(start_at=DAY, end_at=NEXT_DAY, bucket="1h", tz="Europe/Berlin")
            report = ReportService(store).build(request)
            seconds, groups = timed(lambda: sum(1 for _ in report))
            print(f"| report by hours | {groups:,} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
