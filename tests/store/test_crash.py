"""A writing process is killed with SIGKILL at a random moment, again and again."""

import multiprocessing
import random
import sqlite3
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from ovd.domain.records import RunStatus
from tests.builders import START, make_frame, make_result
from tests.store.databases import make_url, open_store, query_file

QUERIES = ("person", "car", "bicycle")
FLUSH_INTERVAL_S = 0.1
# What a batch may take to be written on a busy machine, on top of the wait for its start.
COMMIT_S = 2.0
FRAME_S = 0.004  # the pace of a camera: what outruns the writer only measures its backlog
HUGE = 10_000_000  # so that only the interval makes the writer write
# When to kill: at once, and late enough that more than one interval would be missed.
KILL_AFTER_S = ((0.0, 0.3), (0.0, 0.3), (2.6, 3.0))


def count_until_killed(url: str, tell: Connection) -> None:
    """Count frames for ever and tell when each was handed to the store."""
    store = open_store(url, FLUSH_INTERVAL_S, max_queued_rows=HUGE)
    run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
    tell.send((run.id, time.monotonic()))
    for index in range(HUGE):
        store.counts.add_result(
            run, make_result(make_frame(index), dict.fromkeys(QUERIES, index % 5))
        )
        tell.send((index, time.monotonic()))
        time.sleep(FRAME_S)


def run_and_kill(url: str, kill_after_s: float) -> tuple[int, list[float]]:
    """Kill a counting process so long after its start; returns its run and when frames came."""
    spawn = multiprocessing.get_context("spawn")
    ear, mouth = spawn.Pipe(duplex=False)
    process = spawn.Process(target=count_until_killed, args=(url, mouth))
    process.start()
    mouth.close()
    run_id, started_at = ear.recv()
    queued_at = [started_at]
    while queued_at[-1] - started_at < kill_after_s:
        queued_at.append(ear.recv()[1])
    process.kill()
    process.join()
    try:
        while True:
            queued_at.append(ear.recv()[1])
    except EOFError:
        ear.close()
    return run_id, queued_at[1:]


def test_a_killed_writer_loses_at_most_a_flush_interval_and_damages_nothing(tmp_path: Path):
    path = tmp_path / "ovd.db"
    chance = random.Random()  # noqa: S311 - no secret
    run_ids = []

    for earliest_s, latest_s in KILL_AFTER_S:
        run_id, queued_at = run_and_kill(make_url(path), chance.uniform(earliest_s, latest_s))
        run_ids.append(run_id)

        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = query_file(
            path,
            "SELECT frame_index, count(*) FROM frame_counts WHERE run_id = ? "
            "GROUP BY frame_index ORDER BY frame_index",
            run_id,
        )
        assert kept == [(index, len(QUERIES)) for index in range(len(kept))]
        lost_at = queued_at[len(kept) :]
        assert not lost_at or lost_at[-1] - lost_at[0] < FLUSH_INTERVAL_S + COMMIT_S

    with open_store(make_url(path)) as store:
        assert store.runs.close_stale(START) == tuple(run_ids)
        assert {run.status for run in store.runs.all()} == {RunStatus.INTERRUPTED}
