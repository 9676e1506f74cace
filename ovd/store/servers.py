"""SqlServerLock: at most one server counts the cameras of a database."""

import uuid
from datetime import datetime

from sqlalchemy import Connection, delete, update
from sqlalchemy.orm import Session

from ovd.errors import ServerRunningError
from ovd.store.connection.driver_errors import describe
from ovd.store.database import Database
from ovd.store.liveness import is_gone, this_process_in_full
from ovd.store.schema.tables import ServerRow

_ROW = 1


class SqlServerLock:
    """A row that names the server and tells when it last showed that it is alive.

    It works on any database, between machines, and after a crash: a process of this machine that
    is gone loses the lock at once, one elsewhere when its heartbeat has stopped.
    """

    def __init__(self, database: Database) -> None:
        """Work on an open database; nothing is locked yet."""
        self._database = database
        self._token = uuid.uuid4().hex
        self._held = False
        database.add_heartbeat(self)

    @property
    def beats(self) -> bool:
        """Return whether this process holds the lock."""
        return self._held

    def beat(self, connection: Connection, now: datetime) -> None:
        """Write that the server is alive; take the lock again from a server that is gone.

        Raises:
            ServerRunningError: If another server took over, because this one was silent for long.
        """
        own = update(ServerRow).where(ServerRow.id == _ROW, ServerRow.token == self._token)
        if connection.execute(own.values(alive_at=now)).rowcount == 0:
            with Session(connection) as session:
                self._take_if_free(session, session.get(ServerRow, _ROW), now)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            ServerRunningError: If another server holds it.
            StoreError: If it cannot be written.
        """

        def acquire(connection: Connection) -> None:
            now = self._database.now()
            with Session(connection) as session:
                self._take_if_free(session, session.get(ServerRow, _ROW), now)

        self._database.change(acquire, lambda _: self._mark(held=True))

    def release(self) -> None:
        """Give the lock back, if this process holds it.

        Raises:
            StoreError: If it cannot be written.
        """
        if not self._held:
            return
        statement = delete(ServerRow).where(ServerRow.token == self._token)
        self._mark(held=False)
        self._database.change(lambda to: to.execute(statement).rowcount)

    def _mark(self, held: bool) -> None:
        self._held = held

    def _take_if_free(self, session: Session, row: ServerRow | None, now: datetime) -> None:
        if row is not None and not is_gone(row.owner(), row.alive_at, now):
            raise self._refusal(row)
        owner = this_process_in_full()
        if row is None:
            row = ServerRow(id=_ROW)
            session.add(row)
        row.token, row.host, row.pid, row.node = self._token, owner.host, owner.pid, owner.node
        row.started_at, row.alive_at = now, now
        session.flush()

    def _refusal(self, row: ServerRow) -> ServerRunningError:
        return ServerRunningError(
            f"another ovd serve uses the database {describe(self._database.engine.url)}: process "
            f"{row.pid} on {row.host}, since {row.started_at.isoformat(timespec='seconds')}; two "
            "would count everything twice. Stop it first, or name another database with --db"
        )
