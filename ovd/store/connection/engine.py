"""Open a database: the URL, SQLite's settings, the checks and the schema."""

import math
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from ovd.errors import StoreCorruptError, StoreOpenError
from ovd.store.connection.driver_errors import describe, sqlite_code, store_errors
from ovd.store.connection.postgres import build_server_engine
from ovd.store.connection.transactions import begin_explicitly, read_transaction
from ovd.store.schema.all_tables import METADATA
from ovd.store.schema.columns import to_json
from ovd.store.schema.upgrade import upgrade

BUSY_TIMEOUT_S = 30.0
WAL_PAUSE_S = 0.02

DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")

_HEADER = b"SQLite format 3\0"


def open_engine(
    url: str, must_exist: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> Engine:
    """Open a database with the schema of this code, creating both where they are missing.

    A file in a read-only place can still be read.

    Args:
        url: SQLAlchemy URL such as `sqlite:///ovd.db` or `postgresql://user:password@host/ovd`.
        must_exist: Whether a missing file, or an empty database, is an error instead of a new
            database.
        busy_timeout_s: How long to wait while another program writes.

    Raises:
        StoreOpenError: If the URL is wrong, the file or server is missing or does not let us
            in, or the tables are of another program.
        StoreCorruptError: If the file is no database, damaged or cut off.
        StoreVersionError: If a newer ovd wrote it.
        StoreWriteError: If it must be created or upgraded and is read-only or locked.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_file(parsed, must_exist, busy_timeout_s)
    else:
        engine = build_server_engine(parsed, busy_timeout_s)
    try:
        upgrade(engine, must_exist)
        _check_readable(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def parse_url(url: str) -> URL:
    """Return a database URL that can be used.

    Raises:
        StoreOpenError: If it is none, or has options that make no sense.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        shown = "what came" if "@" in url else repr(url)
        raise StoreOpenError(
            f"{shown} is no database URL; write it like sqlite:///folder/ovd.db"
        ) from None
    if parsed.drivername not in DRIVERS:
        raise StoreOpenError(
            f"cannot use the database {describe(parsed)}: counts are kept in SQLite or PostgreSQL; "
            "write the URL like sqlite:///folder/ovd.db or postgresql://user:password@host/ovd"
        )
    if parsed.get_backend_name() == "sqlite":
        _check_file_options(parsed)
    return parsed


def _check_file_options(url: URL) -> None:
    for name, value in url.query.items():
        if name != "timeout":
            raise StoreOpenError(
                f"the database {describe(url)} has the unknown option {name!r}; known: timeout. "
                "A ? in the name of a file or folder is written as %3F"
            )
        try:
            valid = 0 <= float(str(value)) < math.inf
        except ValueError:
            valid = False
        if not valid:
            raise StoreOpenError(
                f"the option timeout of the database {describe(url)} must be a number of seconds, "
                f"got {value!r}"
            )


def _open_file(url: URL, must_exist: bool, busy_timeout_s: float) -> Engine:
    path = _prepare_path(url, must_exist)
    engine = _build_engine(url, busy_timeout_s)
    try:
        engine = _first_contact(engine, path, busy_timeout_s)
    except BaseException:
        engine.dispose()
        raise
    begin_explicitly(engine)
    return engine


def _prepare_path(url: URL, must_exist: bool) -> Path:
    name = url.database or ""
    if not name or name.startswith((":memory:", "file:")) or "\0" in name:
        raise StoreOpenError(
            f"the database {describe(url)} names no file to keep counts in; write the URL like "
            "sqlite:///folder/ovd.db"
        )
    path = Path(name)
    try:
        if path.is_dir():
            raise StoreOpenError(f"{path} is a folder; name a database file inside it")
        if must_exist and not path.exists():
            raise StoreOpenError(
                f"there is no database {describe(url)}; counting creates it, or check the path"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        check_header(path, url)
    except OSError as error:
        raise StoreOpenError(
            f"cannot use the database {describe(url)}: {error.strerror} ({error.filename}); check "
            "the path and that you may read and write there"
        ) from error
    return path


def folder_of(url: str) -> Path | None:
    """Folder of a database file; None for a server.

    Raises:
        StoreOpenError: If the URL is wrong.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database).parent


def folder_of_engine(engine: Engine) -> Path | None:
    """Return the folder of an open database file; None where its disk cannot be asked."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or path is None or path.startswith("file:"):
        return None
    return Path(path).parent


def check_header(path: Path, url: URL) -> None:
    """Refuse what SQLite would take for a new database and overwrite: a very short file.

    Raises:
        StoreCorruptError: If the file does not start like a database.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        header = file.read(len(_HEADER))
    if header and header != _HEADER:
        raise StoreCorruptError(
            f"cannot use the database {describe(url)}: the file is no SQLite database, or its "
            "start is damaged; restore a copy, or name another file"
        )


def _build_engine(url: URL, busy_timeout_s: float) -> Engine:
    engine = create_engine(
        url.difference_update_query(["timeout"]),
        connect_args={"timeout": float(str(url.query.get("timeout", busy_timeout_s)))},
        max_overflow=-1,
        json_serializer=to_json,
    )
    event.listen(engine, "connect", _configure_connection)
    return engine


def _configure_connection(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode this loses nothing when the process dies, and never corrupts.
    connection.execute("PRAGMA synchronous = NORMAL")


def _first_contact(engine: Engine, path: Path, busy_timeout_s: float) -> Engine:
    """Read the file for the first time, outside any transaction, and switch it to WAL.

    SQLite cannot read a WAL database where it may not write, because readers share a file beside
    it; if no writer is about (it would have left its `-wal` file) the database can be taken as
    unchanging instead.
    """
    with store_errors(engine.url):
        try:
            _use_wal(engine, busy_timeout_s)
        except DBAPIError as error:
            if sqlite_code(error) != sqlite3.SQLITE_READONLY or _has_wal(path):
                raise
            engine.dispose()
            return _build_engine(_unchanging(engine.url, path), busy_timeout_s=0.0)
    return engine


def _has_wal(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()


def _unchanging(url: URL, path: Path) -> URL:
    file = f"file:{quote(str(path.absolute()))}"
    return url.set(database=file, query={"immutable": "1", "uri": "true"})


def _use_wal(engine: Engine, patience_s: float) -> None:
    """Switch to WAL; of two processes that do so at once SQLite refuses one without waiting."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            with engine.connect() as connection:
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except DBAPIError as error:
            if sqlite_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(WAL_PAUSE_S)


def _check_readable(engine: Engine) -> None:
    """Touch the end of every table: a file that was cut off shows here, at any size."""
    with read_transaction(engine) as connection:
        for table in METADATA.sorted_tables:
            backwards = [column.desc() for column in table.primary_key]
            connection.execute(select(table).order_by(*backwards).limit(1)).all()
