"""Crash test: kill a counting process with SIGKILL at random times and check the database.

A count is lost when it was handed to the store before the kill and is not in the file after it. The
loss of a kill is the time between its first lost count and its last one.
"""

import argparse
import multiprocessing
import random
import sqlite3
import tempfile
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from bench.store import START, make_result
from bench.summary import Figure, note
from ovd.domain.query import Query
from ovd.store import open_store
from ovd.store.credentials import CredentialCipher
from ovd.store.database import DatabaseOptions

QUERIES = tuple(Query(text, text, (text,)) for text in ("person", "car", "bicycle"))
FRAMES_PER_S = 200


def count_until_killed(url: str, flush_interval_s: float, tell: Connection) -> None:
    """Count frames at a steady rate without end; print when each was added to the store."""
    store = open_store(url, CredentialCipher(Path("secret.key")), DatabaseOptions(flush_interval_s))
    run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "bench", "", START)
    tell.send((run.id, time.monotonic()))
    index = 0
    while True:
        store.counts.add_result(run, make_result("gate", index, QUERIES))
        tell.send((index, time.monotonic()))
        index += 1
        time.sleep(1 / FRAMES_PER_S)


def run_and_kill(url: str, flush_interval_s: float, kill_after_s: float) -> tuple[int, list[float]]:
    """Kill a counting process some time after its start; return its run and its count times."""
    fork = multiprocessing.get_context("fork")  # this process has no threads, and imports are slow
    ear, mouth = fork.Pipe(duplex=False)
    process = fork.Process(target=count_until_killed, args=(url, flush_interval_s, mouth))
    process.start()
    mouth.close()
    run_id, started_at = ear.recv()
    handed_at = [started_at]
    while handed_at[-1] - started_at < kill_after_s:
        handed_at.append(ear.recv()[1])
    process.kill()
    process.join()
    try:
        while True:
            handed_at.append(ear.recv()[1])
    except EOFError:
        ear.close()
    return run_id, handed_at[1:]


def inspect(path: Path, run_id: int) -> tuple[bool, int]:
    """Return whether the file is intact and its rollups right, and the frames of a run in it."""
    with closing(sqlite3.connect(path)) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        counts = "SELECT count(*), sum(count) FROM frame_counts"
        sums = "SELECT sum(samples), sum(count_sum) FROM rollups WHERE bucket = 'day'"
        in_step = connection.execute(counts).fetchone() == connection.execute(sums).fetchone()
        frames = "SELECT count(*) FROM frame_counts WHERE run_id = ?"
        kept = connection.execute(frames, (run_id,)).fetchone()[0]
    return whole and (in_step or kept == 0), kept // len(QUERIES)


def main() -> None:
    """Print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--flush-interval", type=float, default=0.1, help="seconds")
    parser.add_argument("--longest", type=float, default=1.5, help="seconds until a kill")
    arguments = parser.parse_args()
    chance = random.Random()  # noqa: S311 - no secret
    damaged, lost_s, lost_frames = 0, [], 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ovd.db"
        for _ in range(arguments.kills):
            run_id, handed_at = run_and_kill(
                f"sqlite:///{path}",
                arguments.flush_interval,
                chance.uniform(0, arguments.longest),
            )
            whole, kept = inspect(path, run_id)
            damaged += not whole
            lost = handed_at[kept:]
            lost_frames += len(lost)
            lost_s.append(lost[-1] - lost[0] if lost else 0.0)
    lost_s.sort()
    print("| kills | flush interval s | damaged | frames lost | median loss s | worst loss s |")
    print("|---|---|---|---|---|---|")
    print(
        f"| {arguments.kills} | {arguments.flush_interval} | {damaged} | {lost_frames} | "
        f"{lost_s[len(lost_s) // 2]:.3f} | {lost_s[-1]:.3f} |"
    )
    note(Figure("databases damaged by a kill", damaged, f"of {arguments.kills}"))
    note(Figure("worst loss of a kill", lost_s[-1], "s"))


if __name__ == "__main__":
    main()
