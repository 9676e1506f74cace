"""Read and write transactions with ovd's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event, func, select

from ovd.errors import StoreOpenError, StoreWriteError
from ovd.store.connection.driver_errors import store_errors

_WRITES = "ovd_writes"
_AUTOCOMMIT = "AUTOCOMMIT"
# Any number will do that other programs in the same PostgreSQL database do not use.
_WRITE_LOCK = 0x6F7664


def begin_explicitly(engine: Engine) -> None:
    """Make SQLite transactions start where SQLAlchemy says, not at the first change.

    The driver must be in autocommit mode. A reader then sees one state of the database for as
    long as its transaction lasts; a writer waits for the lock before it reads, so it can never
    be told that what it read is out of date.
    """

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != _AUTOCOMMIT:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")

    event.listen(engine, "begin", begin)


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database.

    Raises:
        StoreError: If the database cannot be read.
    """
    with store_errors(engine.url, StoreOpenError), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection that holds the write lock; commits at the end, rolls back on an error.

    In PostgreSQL the lock is one that only writers of ovd take: they read what they change.

    Raises:
        StoreError: If the database cannot be written; then nothing was.
    """
    with store_errors(engine.url, StoreWriteError), engine.connect() as connection:
        writing = connection.execution_options(**{_WRITES: True})
        with writing.begin():
            if writing.dialect.name == "postgresql":
                writing.execute(select(func.pg_advisory_xact_lock(_WRITE_LOCK)))
            yield writing


@contextmanager
def no_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection for statements that refuse to run in a transaction, as VACUUM does.

    Raises:
        StoreError: If a statement fails.
    """
    with store_errors(engine.url, StoreWriteError), engine.connect() as connection:
        try:
            yield connection.execution_options(isolation_level=_AUTOCOMMIT)
        finally:
            connection.invalidate()  # SQLAlchemy would reset it to another mode than ours
