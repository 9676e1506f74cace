import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ovd.errors import StoreCorruptError, StoreError, StoreOpenError, StoreWriteError
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import read_transaction, write_transaction
from tests.store.databases import (
    make_empty,
    make_open_folder,
    make_url,
    query_file,
    without_privileges,
)

PAGE = 4096  # bytes
CAMERA = (
    "INSERT INTO cameras (id, name, uri, created_at, enabled) "
    "VALUES (1, 'gate', 'clip.mp4', '2026-03-01 12:00:00.000000', 1)"
)

QUERY = "INSERT INTO queries VALUES (?, ?, 'r', '[]', '[]', 0.5, '2026-03-01 12:00:00.000000')"


def make_database(path: Path) -> Path:
    """A database with a camera and enough queries to fill some pages."""
    make_empty(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(CAMERA)
        connection.executemany(QUERY, [(number, "x" * 200) for number in range(200)])
    return path


def read_camera(url: str) -> str | None:
    engine = open_engine(url, must_exist=True)
    try:
        with read_transaction(engine) as connection:
            name: str | None = connection.exec_driver_sql("SELECT name FROM cameras").scalar()
            return name
    finally:
        engine.dispose()


def test_a_new_database_is_made_with_its_folder(tmp_path: Path):
    path = tmp_path / "data" / "한글 folder" / "ovd.db"

    open_engine(make_url(path)).dispose()

    assert query_file(path, "SELECT count(*) FROM cameras") == [(0,)]


def test_connections_are_set_for_one_writer_and_many_readers(tmp_path: Path):
    engine = open_engine(make_url(tmp_path / "ovd.db"), busy_timeout_s=2.5)

    with read_transaction(engine) as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    engine.dispose()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 2500,
    }


def test_a_database_that_must_exist_is_not_made(tmp_path: Path):
    path = tmp_path / "data" / "ovd.db"

    with pytest.raises(StoreOpenError, match="there is no database"):
        open_engine(make_url(path), must_exist=True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["", "ovd.db", "/data/ovd.db", "sqlite:/ovd.db", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_that_names_no_file_is_refused(url: str):
    with pytest.raises(StoreOpenError, match="sqlite:///folder/ovd"):
        open_engine(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:hunter2@db.example/ovd",
        "nonsense://ann:hunter2@db.example/ovd",
        "sqlite+aiosqlite://ann:hunter2@/ovd.db",
        "postgresql+asyncpg://db.example/ovd?user=ann&password=hunter2",
        "ann:hunter2@db.example/ovd",
        "postgresql://ann:hunter2@db.example:port/ovd",
    ],
)
def test_other_databases_are_refused_without_showing_the_password(url: str):
    with pytest.raises(StoreOpenError) as caught:
        open_engine(url)

    assert "hunter2" not in str(caught.value)
    assert "sqlite:///" in str(caught.value)


def test_a_folder_is_no_database(tmp_path: Path):
    with pytest.raises(StoreOpenError, match="is a folder"):
        open_engine(make_url(tmp_path))


def test_a_file_in_place_of_the_folder_is_reported(tmp_path: Path):
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StoreOpenError, match="check the path"):
        open_engine(make_url(tmp_path / "data" / "ovd.db"))


@pytest.mark.parametrize("content", [b"no database at all" * 200, b"SQLite format 3\0", b"x"])
def test_a_file_that_is_no_database_is_refused_unchanged(tmp_path: Path, content: bytes):
    path = tmp_path / "ovd.db"
    path.write_bytes(content)

    with pytest.raises(StoreCorruptError, match="restore a copy"):
        open_engine(make_url(path))

    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_database_that_was_cut_off_is_refused(tmp_path: Path, share: float):
    path = make_database(tmp_path / "ovd.db")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(StoreCorruptError, match="damaged or cut off"):
        open_engine(make_url(path))


def test_damage_found_while_reading_is_called_damage(tmp_path: Path):
    path = make_database(tmp_path / "ovd.db")
    engine = open_engine(make_url(path))
    pages = path.stat().st_size // PAGE
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xff" * PAGE * (pages - 1))

    with pytest.raises(StoreCorruptError), read_transaction(engine) as connection:
        connection.exec_driver_sql("SELECT sum(length(text || read_as)) FROM queries").all()

    engine.dispose()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    folder = make_open_folder()
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("folder_mode", [0o555, 0o777])
def test_a_read_only_database_can_be_read_and_not_written(open_folder: Path, folder_mode: int):
    path = make_database(open_folder / "a # b 한.db")
    path.chmod(0o444)
    open_folder.chmod(folder_mode)

    with without_privileges():
        name = read_camera(make_url(path))
        engine = open_engine(make_url(path))
        with (
            pytest.raises(StoreWriteError, match="read-only"),
            write_transaction(engine) as connection,
        ):
            connection.exec_driver_sql("DELETE FROM queries")
        engine.dispose()

    assert name == "gate"


def test_a_read_only_database_sees_what_its_writer_adds(open_folder: Path):
    path = make_database(open_folder / "ovd.db")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("UPDATE cameras SET name = 'door'")
        writer.commit()

        with without_privileges():
            assert read_camera(make_url(path)) == "door"


def test_a_folder_that_may_not_be_written_takes_no_new_database(open_folder: Path):
    open_folder.chmod(0o555)

    with without_privileges(), pytest.raises(StoreOpenError, match="check the path"):
        open_engine(make_url(open_folder / "ovd.db"))
    with without_privileges(), pytest.raises(StoreOpenError, match="check the path"):
        open_engine(make_url(open_folder / "data" / "ovd.db"))


def test_a_database_that_may_not_be_read_is_reported(open_folder: Path):
    path = make_database(open_folder / "ovd.db")
    path.chmod(0o000)

    with without_privileges(), pytest.raises(StoreOpenError, match="check the path"):
        open_engine(make_url(path))


def test_an_empty_read_only_database_cannot_be_brought_up_to_date(open_folder: Path):
    path = open_folder / "ovd.db"
    path.touch()
    path.chmod(0o444)

    with without_privileges(), pytest.raises(StoreError) as caught:
        open_engine(make_url(path))

    assert caught.type is StoreWriteError


def test_a_database_that_another_program_keeps_locked_is_reported(tmp_path: Path):
    path = tmp_path / "ovd.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreWriteError, match="locked"):
            open_engine(make_url(path), busy_timeout_s=0.01)
