"""Runs whose end cannot be written at once."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.domain.ports import Computation
from ovd.domain.records import RunStatus
from ovd.errors import StoreError
from ovd.store.store import SqlStore
from tests.builders import START
from tests.store.databases import make_url, open_store

ENDED_AT = START + timedelta(seconds=90)
REFUSE_ENDS = (
    "CREATE TRIGGER refuse_ends BEFORE UPDATE ON runs WHEN NEW.status <> 'running' "
    "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
)


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        connection.execute(statement)
        connection.commit()


def fail_to_end(store: SqlStore, path: Path) -> int:
    """Start a run and end it while the database refuses that."""
    camera = store.cameras.record("gate", "webcam:0")
    run = store.runs.start(camera, "fake", "0" * 64, START)
    execute(path, REFUSE_ENDS)
    with pytest.raises(StoreError):
        store.runs.end(run.id, RunStatus.LOST, ENDED_AT, "away")
    execute(path, "DROP TRIGGER refuse_ends")
    return run.id


def test_end_that_could_not_be_written_is_written_once_the_database_takes_it(tmp_path: Path):
    with open_store(make_url(tmp_path / "ovd.db")) as store:
        fail_to_end(store, tmp_path / "ovd.db")
        store.flush()
        [run] = store.runs.all()

    assert (run.status, run.ended_at, run.error) == (RunStatus.LOST, ENDED_AT, "away")


def test_end_that_could_not_be_written_is_written_when_the_store_is_closed(tmp_path: Path):
    with open_store(make_url(tmp_path / "ovd.db")) as store:
        fail_to_end(store, tmp_path / "ovd.db")

    with open_store(make_url(tmp_path / "ovd.db")) as store:
        [run] = store.runs.all()

    assert (run.status, run.ended_at) == (RunStatus.LOST, ENDED_AT)


def test_run_whose_end_was_written_late_shows_no_sign_of_life_any_more(tmp_path: Path):
    with open_store(make_url(tmp_path / "ovd.db")) as store:
        fail_to_end(store, tmp_path / "ovd.db")
        for _ in range(3):
            store.flush()

        assert not store.runs.beats


def test_run_keeps_how_its_network_was_computed(tmp_path: Path):
    with open_store(make_url(tmp_path / "ovd.db")) as store:
        camera = store.cameras.record("gate", "webcam:0")
        store.runs.start(camera, "fake", "0" * 64, START, Computation("openvino", "float32"))

        [run] = store.runs.all()

    assert (run.runtime, run.precision) == ("openvino", "float32")
