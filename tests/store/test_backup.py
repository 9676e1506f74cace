import os
from datetime import timedelta
from pathlib import Path

import pytest

from ovd.errors import (
    InputError,
    OutputError,
    StoreCorruptError,
    StoreError,
    StoreOpenError,
    StoreVersionError,
)
from ovd.store.liveness import this_process_in_full
from ovd.store.maintenance.backup import backup_file, restore_file
from tests.builders import START, make_frame, make_result
from tests.store.databases import make_empty, make_url, open_store, query_file

COUNTS = "SELECT count(*) FROM frame_counts"
SERVERS = "SELECT count(*) FROM servers"
SOON = START + timedelta(minutes=2)  # a run without a heartbeat is dead by now
LATER = START + timedelta(days=1)


def count_frames(url: str, frames: int) -> None:
    with open_store(url, now=lambda: START) as store:
        run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
        for index in range(frames):
            store.counts.add_result(run, make_result(make_frame(index), {"person": 1}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = make_empty(tmp_path / "ovd.db")
    count_frames(make_url(path), 3)
    return path


def test_a_backup_of_a_database_in_use_is_one_whole_file(path: Path, tmp_path: Path):
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    with open_store(make_url(path), flush_interval_s=3600) as store:
        run = store.runs.start(store.cameras.record("gate", "clip.mp4"), "fake", "", START)
        store.counts.add_result(run, make_result(make_frame(0), {"person": 1}))
        store.flush()

        size = backup_file(make_url(path), copy)

    assert query_file(copy, COUNTS) == [(4,)]
    assert query_file(copy, "PRAGMA integrity_check") == [("ok",)]
    assert [(file.name, file.stat().st_size) for file in copy.parent.iterdir()] == [
        ("copy.db", size)
    ]


def test_a_backup_replaces_only_what_it_may(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    copy.write_text("mine")

    with pytest.raises(OutputError, match="--force"):
        backup_file(make_url(path), copy)
    assert copy.read_text() == "mine"

    backup_file(make_url(path), copy, overwrite=True)
    assert query_file(copy, COUNTS) == [(3,)]
    with pytest.raises(OutputError, match="is the database itself"):
        backup_file(make_url(path), path, overwrite=True)


def test_a_backup_where_nothing_can_be_written_leaves_nothing(path: Path, tmp_path: Path):
    with pytest.raises((OutputError, StoreError)):
        backup_file(make_url(path), tmp_path / "nowhere" / "copy.db")

    assert not (tmp_path / "nowhere").exists()


def test_a_missing_database_has_no_backup(tmp_path: Path):
    with pytest.raises(StoreOpenError, match="there is no database"):
        backup_file(make_url(tmp_path / "ovd.db"), tmp_path / "copy.db")

    assert list(tmp_path.iterdir()) == []


def test_a_server_is_copied_by_its_own_programs(tmp_path: Path):
    url = "postgresql://ann:hunter2@db.example/ovd"
    for attempt in (
        lambda: backup_file(url, tmp_path / "copy.db"),
        lambda: restore_file(tmp_path / "copy.db", url, LATER),
    ):
        with pytest.raises(InputError, match=r"pg_dump.*pg_restore") as caught:
            attempt()
        assert "hunter2" not in str(caught.value)


def test_restoring_brings_back_the_copy_and_keeps_the_former_database(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    count_frames(make_url(path), 5)

    kept = restore_file(copy, make_url(path), LATER).kept

    assert query_file(path, COUNTS) == [(3,)]
    assert kept is not None
    assert query_file(kept, COUNTS) == [(8,)]
    assert query_file(copy, COUNTS) == [(3,)]
    count_frames(make_url(path), 1)
    assert query_file(path, COUNTS) == [(4,)]


def test_a_database_is_restored_where_there_is_none(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    new = tmp_path / "new" / "ovd.db"

    assert restore_file(copy, make_url(new), LATER).kept is None

    assert query_file(new, COUNTS) == [(3,)]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", StoreVersionError),
        ("DROP TABLE alembic_version", StoreOpenError),
    ],
)
def test_a_newer_or_foreign_copy_is_refused(
    path: Path, tmp_path: Path, spoil: str, error: type[StoreError]
):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    query_file(copy, spoil)
    before = path.read_bytes()

    with pytest.raises(error):
        restore_file(copy, make_url(path), LATER)

    assert path.read_bytes() == before


def test_a_damaged_or_missing_copy_is_refused(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StoreCorruptError):
        restore_file(copy, make_url(path), LATER)
    with pytest.raises(StoreOpenError, match="there is no file"):
        restore_file(tmp_path / "other.db", make_url(path), LATER)

    assert query_file(path, COUNTS) == [(3,)]


def test_a_database_that_is_counted_into_is_not_replaced(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    query_file(path, "UPDATE runs SET owner_pid = ?", os.getpid())

    with pytest.raises(InputError, match=f"process {os.getpid()} .* is counting"):
        restore_file(copy, make_url(path), START)

    assert query_file(path, COUNTS) == [(3,)]


def enter_server(path: Path, node: str) -> None:
    """Enter a server on this host that began and last beat at `START`."""
    here = this_process_in_full()
    at = f"{START:%Y-%m-%d %H:%M:%S.%f}"
    statement = "INSERT INTO servers VALUES (1, 'token', ?, ?, ?, ?, ?)"
    query_file(path, statement, here.host, here.pid, node, at, at)


def test_a_backup_names_no_server(path: Path, tmp_path: Path):
    enter_server(path, this_process_in_full().node)

    backup_file(make_url(path), tmp_path / "copy.db")

    assert query_file(tmp_path / "copy.db", SERVERS) == [(0,)]
    assert query_file(path, SERVERS) == [(1,)]
    assert not list(tmp_path.glob("*copy.db*-*"))


def test_a_restored_database_names_no_server(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    enter_server(copy, "boot:1:1")  # as in a copy that an earlier ovd made

    restore_file(copy, make_url(path), LATER)

    assert query_file(path, SERVERS) == [(0,)]


def test_a_database_that_a_server_uses_is_not_replaced(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    enter_server(path, this_process_in_full().node)

    with pytest.raises(InputError, match=f"process {os.getpid()} .* serves"):
        restore_file(copy, make_url(path), SOON)

    assert query_file(path, SERVERS) == [(1,)]


def test_a_database_whose_server_is_gone_is_replaced(path: Path, tmp_path: Path):
    copy = tmp_path / "copy.db"
    backup_file(make_url(path), copy)
    enter_server(path, f"{this_process_in_full().place}:1")

    restore_file(copy, make_url(path), SOON)

    assert query_file(path, COUNTS) == [(3,)]
