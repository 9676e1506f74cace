"""Read and write transactions with ovd's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event

from ovd.errors import StoreOpenError, StoreWriteError
from ovd.store.failures import store_errors

_WRITES = "ovd_writes"


def begin_explicitly(engine: Engine) -> None:
    """Make SQLite transactions start where SQLAlchemy says, not at the first change.

    The driver must be in autocommit mode. A reader then sees one state of the database for as
    long as its transaction lasts; a writer waits for the lock before it reads, so it can never
    be told that what it read is out of date.
    """

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "begin", begin)


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database.

    Raises:
        StoreError: If the database cannot be read.
    """
    with store_errors(engine.url, StoreOpenError), engine.connect() as connection:
        yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """A connection that holds the write lock; commits at the end, rolls back on an error.

    Raises:
        StoreError: If the database cannot be written; then nothing was.
    """
    with store_errors(engine.url, StoreWriteError), engine.connect() as connection:
        writing = connection.execution_options(**{_WRITES: True})
        with writing.begin():
            yield writing
