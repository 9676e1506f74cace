"""Database: one engine, one upgrade, one writer, shared by all repositories and closed once."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from ovd.errors import StoreError, StoreWriteError
from ovd.store.connection.closable import Closable
from ovd.store.connection.driver_errors import RowRefusedError, describe
from ovd.store.connection.engine import open_engine
from ovd.store.connection.transactions import read_transaction, write_transaction
from ovd.store.liveness import HEARTBEAT_S
from ovd.store.statements import writing
from ovd.store.writing.batch_writer import BatchWriter
from ovd.store.writing.queued_rows import Entry
from ovd.threads import Caught, ThreadHealth, log_failure

_LOG = logging.getLogger(__name__)
MAX_QUEUED_ROWS = 20_000
# A batch begins after this share of the flush interval; the rest is left for writing it.
BATCH_SHARE = 0.5

Result = TypeVar("Result")


def utc_now() -> datetime:
    """Return the current time, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class DatabaseOptions:
    """Options for opening a database.

    Attributes:
        flush_interval_s: Longest time in seconds that a queued row waits to be written.
        must_exist: Whether a missing database is an error, as for a report.
        max_queued_rows: Rows that may wait before `put` blocks.
    """

    flush_interval_s: float = 1.0
    must_exist: bool = False
    max_queued_rows: int = MAX_QUEUED_ROWS


class Heartbeat(Protocol):
    """Something of this process that shows others that it is alive."""

    @property
    def beats(self) -> bool:
        """Return whether there is anything to report now."""
        ...

    def beat(self, connection: Connection, now: datetime) -> None:
        """Show it, in the transaction of the writer."""
        ...


class Database(Closable):
    """An open database with the schema of this code. Every method is safe from any thread.

    Rows that are put are written by one thread within the flush interval; that is what a killed
    process loses at most. While the database cannot be written the queue is kept and tried again,
    and the failure is raised as `BatchWriter` says. Reading needs no writer and
    works on a read-only database.
    """

    def __init__(
        self,
        url: str,
        options: DatabaseOptions | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Open the database at `url`, created and brought up to date where needed.

        Args:
            url: SQLAlchemy URL such as `sqlite:///ovd.db`.
            options: How it is opened.
            now: Wall clock, aware UTC.

        Raises:
            StoreError: If the database cannot be used; see `open_engine`.
        """
        options = options or DatabaseOptions()
        self.now = now
        self.engine = open_engine(url, options.must_exist)
        self._heartbeats: list[Heartbeat] = []
        self._writer: BatchWriter[Entry] = BatchWriter(
            self._write,
            BATCH_SHARE * options.flush_interval_s,
            options.max_queued_rows,
            HEARTBEAT_S,
        )

    @property
    def queued(self) -> int:
        """Rows that wait to be written."""
        return self._writer.queued

    @property
    def failure(self) -> StoreError | None:
        """Return the reason why nothing can be written now; None if the last attempt succeeded."""
        return self._writer.failure

    @property
    def threads(self) -> tuple[ThreadHealth, ...]:
        """Return the health of the writer's thread."""
        return (self._writer.health,)

    def read(self) -> AbstractContextManager[Connection]:
        """Return a connection that sees one state of the database; see `read_transaction`."""
        return read_transaction(self.engine)

    def change(
        self,
        change: Callable[[Connection], Result],
        then: Callable[[Result], None] = lambda _: None,
    ) -> Result:
        """Run a change on the writer's thread in a transaction, and `then` once it is kept.

        Raises:
            StoreError: If what was queued before could not be written; then nothing was changed.
                Also what `change` raises itself; then its transaction is rolled back.
        """

        def operation() -> Result:
            with write_transaction(self.engine) as connection:
                result = change(connection)
            then(result)
            return result

        return self._writer.call(operation)

    def put(self, entries: Sequence[Entry]) -> None:
        """Queue rows that belong together; blocks when the writer is far behind, drops nothing.

        Raises:
            StoreError: If an earlier write failed; then these rows were not queued.
        """
        self._writer.put(entries)

    def add_heartbeat(self, heartbeat: Heartbeat) -> None:
        """Let it beat with every batch, and every `HEARTBEAT_S` while nothing is written."""
        self._heartbeats.append(heartbeat)

    def flush(self) -> None:
        """Return once everything queued so far is durable.

        Raises:
            StoreError: If it could not be written; it stays queued.
        """
        self._writer.call(lambda: None)

    def close(self) -> None:
        """Write what is queued and release the database. Calling it twice is harmless.

        Raises:
            StoreError: If rows could not be written; the message says how many were lost.
        """
        try:
            self._writer.close()
        finally:
            self.engine.dispose()

    def _write(self, entries: Sequence[Entry]) -> StoreError | None:
        """Write a batch; what cannot be written for good is reported, not tried again."""
        beating = [heartbeat for heartbeat in self._heartbeats if heartbeat.beats]
        if not entries and not beating:
            return None
        with Caught() as caught, write_transaction(self.engine) as connection:
            writing.insert_entries(connection, entries)
            for heartbeat in beating:
                heartbeat.beat(connection, self.now())
        error = caught.error
        if error is None:
            return None
        if isinstance(error, StoreError) and not isinstance(error, RowRefusedError):
            raise error
        return self._write_singly(entries, error)

    def _write_singly(self, entries: Sequence[Entry], why: BaseException) -> StoreError | None:
        with write_transaction(self.engine) as connection:
            refused = writing.insert_singly(connection, entries)
        if refused:
            return StoreWriteError(
                f"{len(refused)} of {len(entries)} rows could not be written to the database "
                f"{describe(self.engine.url)} and are lost: {refused[0]}"
            )
        if not isinstance(why, StoreError):
            log_failure(_LOG, "rows were written one by one, because a batch failed", why)
        return None
