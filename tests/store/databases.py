"""Look into database files past the store, and take permissions away."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import ovd.store
from ovd.store import SqlStore
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import read_transaction
from ovd.store.credentials import CredentialCipher
from ovd.store.database import MAX_QUEUED_ROWS, DatabaseOptions, utc_now

NOBODY = 65534


def make_url(path: Path) -> str:
    return f"sqlite:///{path}"


def open_store(
    url: str,
    flush_interval_s: float = 1.0,
    must_exist: bool = False,
    max_queued_rows: int = MAX_QUEUED_ROWS,
    now: Callable[[], datetime] = utc_now,
) -> SqlStore:
    """A store without a key for credentials."""
    options = DatabaseOptions(flush_interval_s, must_exist, max_queued_rows)
    return ovd.store.open_store(url, CredentialCipher(Path("/nowhere/secret.key")), options, now)


def open_and_close(url: str) -> None:
    open_engine(url).dispose()


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ovd.db"
        open_and_close(make_url(path))
        return path.read_bytes()


def make_empty(path: Path) -> Path:
    """Put an up-to-date database without rows at `path`, sooner than by migrating one."""
    path.write_bytes(_empty_database())
    return path


def open_together(url: str, barrier: Barrier) -> None:
    """Open a database in the same moment as the other parties of the barrier."""
    barrier.wait()
    open_and_close(url)


def query_file(path: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def query_database(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = open_engine(url)
    try:
        with read_transaction(engine) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]
    finally:
        engine.dispose()


def make_open_folder() -> Path:
    """A folder that every user can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ovd-store-"))
    folder.chmod(0o755)
    return folder


@contextmanager
def without_privileges() -> Iterator[None]:
    """Let file permissions hold for root too."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
