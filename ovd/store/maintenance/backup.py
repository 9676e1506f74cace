"""Copies of a database file: taken while it is in use, checked before one is put back."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine

from ovd.domain.records import Erased, Erasure
from ovd.errors import InputError, OutputError, StoreCorruptError, StoreOpenError, StoreVersionError
from ovd.store.connection.driver_errors import describe, store_errors
from ovd.store.connection.engine import BUSY_TIMEOUT_S, check_header, open_engine, parse_url
from ovd.store.connection.transactions import write_transaction
from ovd.store.liveness import Owner, Process, is_dead, is_gone
from ovd.store.maintenance.erasing import erase, read_erasures
from ovd.store.schema.upgrade import HEAD, REVISIONS

Result = TypeVar("Result")
_ALL_PAGES = -1  # in one step: a writer between two steps would start the copy again


def backup_file(url: str, target: Path, overwrite: bool = False) -> int:
    """Copy a database, as it is at one moment, while others count into it.

    Written beside `target` and renamed, so that no half copy stays.

    Returns:
        Size of the copy in bytes.

    Raises:
        InputError: If the database is not a file.
        OutputError: If `target` exists and may not be overwritten, or cannot be written.
        StoreError: If the database is missing, damaged or of another program.
    """
    source = _find_file(url)
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists; choose another name, or replace it with --force")
    if target.exists() and target.samefile(source):
        raise OutputError(f"{target} is the database itself; choose another name")
    check_file(source)
    _copy_file(source, target)
    return target.stat().st_size


@dataclass(frozen=True)
class Restored:
    """The outcome of restoring a copy.

    Attributes:
        kept: Where the former database is kept; None if there was none.
        erased: What was erased since the copy was made, and is erased from it too.
    """

    kept: Path | None
    erased: tuple[tuple[Erasure, Erased], ...] = ()


def restore_file(copy: Path, url: str, now: datetime) -> Restored:
    """Put a copy in the place of the database and bring it up to date.

    What was erased since the copy was made is erased from it too.

    Args:
        copy: A file that `backup_file` wrote, of this or an older ovd.
        url: The database to replace; it need not exist.
        now: Current time, aware.

    Raises:
        InputError: If the database is not a file, or a process counts into it or serves it.
        StoreError: If the copy is missing, damaged, newer than this ovd or of another
            program; the database is unchanged.
    """
    path = _find_file(url, must_exist=False)
    check_file(copy)
    kept = None
    if path.exists():
        _refuse_while_used(path, now)
        kept = path.with_name(f"{path.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        _copy_file(path, kept)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        store_errors(_url_of(path)),
        closing(_connect(copy)) as source,
        closing(_connect(path)) as target,
    ):
        source.backup(target, pages=_ALL_PAGES)
        _forget_server(target)
    missed = _read_missed(path, kept)
    engine = open_engine(url)
    try:
        erased = tuple((erasure, erase(partial(_change, engine), erasure)) for erasure in missed)
    finally:
        engine.dispose()
    return Restored(kept, erased)


def _change(engine: Engine, change: Callable[[Connection], Result]) -> Result:
    with write_transaction(engine) as connection:
        return change(connection)


def _read_missed(restored: Path, former: Path | None) -> tuple[Erasure, ...]:
    """Return what was erased from the former database and is still in the restored one."""
    if former is None:
        return ()
    done = _read_file_erasures(restored)
    return tuple(erasure for erasure in _read_file_erasures(former) if erasure not in done)


def _read_file_erasures(path: Path) -> tuple[Erasure, ...]:
    with store_errors(_url_of(path)), closing(_connect(path)) as connection:
        if not _has_table(connection, "erasures"):
            return ()
    engine = create_engine(_url_of(path))
    try:
        with engine.connect() as reading:
            return read_erasures(reading)
    finally:
        engine.dispose()


def check_file(path: Path) -> None:
    """Refuse a file that is not a whole database of this or an older ovd.

    Raises:
        StoreOpenError: If it is missing, or of another program.
        StoreCorruptError: If it is damaged.
        StoreVersionError: If a newer ovd wrote it.
    """
    url = _url_of(path)
    if not path.is_file():
        raise StoreOpenError(f"there is no file {path}; check the path")
    check_header(path, url)
    with store_errors(url), closing(_connect(path)) as connection:
        problems = connection.execute("PRAGMA quick_check(1)").fetchall()
        if problems != [("ok",)]:
            raise StoreCorruptError(f"{path} is damaged: {problems[0][0]}; take another copy")
        versions = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
        if not connection.execute(versions).fetchall():
            raise StoreOpenError(f"{path} is no database of ovd; take a copy made by ovd db backup")
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision not in REVISIONS:
        raise StoreVersionError(
            f"{path} was written by a newer ovd (schema {revision}; this one knows up to {HEAD}); "
            "update ovd first"
        )


def _url_of(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)


def _find_file(url: str, must_exist: bool = True) -> Path:
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise InputError(
            f"{describe(parsed)} is not a file: copy a PostgreSQL database with pg_dump "
            "--format=custom, and put it back with pg_restore"
        )
    path = Path(parsed.database)
    if must_exist and not path.exists():
        raise StoreOpenError(f"there is no database {describe(parsed)}; check the path")
    return path


def _copy_file(source: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.touch()  # where that fails it is not the database that cannot be opened
        with (
            store_errors(_url_of(source)),
            closing(_connect(source)) as reading,
            closing(_connect(part)) as writing,
        ):
            reading.backup(writing, pages=_ALL_PAGES)
            writing.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            _forget_server(writing)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check the folder") from error
    finally:
        with suppress(OSError):
            part.unlink()


def _forget_server(connection: sqlite3.Connection) -> None:
    """Remove the server of the database that was copied: it does not use the copy."""
    if _has_table(connection, "servers"):
        connection.execute("DELETE FROM servers")


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    return bool(connection.execute(tables, (name,)).fetchone() == (1,))


def _refuse_while_used(path: Path, now: datetime) -> None:
    running, servers = [], []
    with store_errors(_url_of(path)), closing(_connect(path)) as connection:
        if _has_table(connection, "runs"):
            running = connection.execute(
                "SELECT id, owner_host, owner_pid, alive_at FROM runs WHERE status = 'running'"
            ).fetchall()
        if _has_table(connection, "servers"):
            servers = connection.execute("SELECT host, pid, node, alive_at FROM servers").fetchall()
    for run_id, host, pid, alive_at in running:
        if not is_dead(Owner(host, pid), _parse_time(alive_at), now):
            raise InputError(
                f"process {pid} on {host} is counting into {path} (run {run_id}); stop it first"
            )
    for host, pid, node, alive_at in servers:
        if not is_gone(Process(host, pid, node), _parse_time(alive_at), now):
            raise InputError(f"process {pid} on {host} serves {path}; stop it first")


def _parse_time(column: str) -> datetime:
    return datetime.fromisoformat(column + "+00:00")
