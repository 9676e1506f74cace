"""SqlSessionRepository: signed-in browsers."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update
from sqlalchemy.orm import Session as OrmSession

from ovd.domain.access import Session, User
from ovd.store.database import Database
from ovd.store.schema.access_tables import SessionRow, UserRow


class SqlSessionRepository:
    """Implements `ovd.domain.ports.SessionRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, session: Session) -> None:
        """Store a session that was just begun.

        Raises:
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> None:
            with OrmSession(connection) as orm:
                orm.add(
                    SessionRow(
                        id=session.id,
                        user_id=session.user.id,
                        created_at=session.created_at,
                        seen_at=session.seen_at,
                        address=session.address,
                    )
                )
                orm.flush()

        self._database.change(add)

    def find(self, session_id: str) -> Session | None:
        """Return a session with its user as of now; None where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        statement = (
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(SessionRow.id == session_id)
        )
        with self._database.read() as connection, OrmSession(connection) as orm:
            found = orm.execute(statement).one_or_none()
            if found is None:
                return None
            row, user = found
            return Session(row.id, user.record(), row.created_at, row.seen_at, row.address)

    def note_use(self, session_id: str, seen_at: datetime) -> None:
        """Store when a session was used last.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = update(SessionRow).where(SessionRow.id == session_id).values(seen_at=seen_at)
        self._database.change(lambda to: to.execute(statement))

    def remove(self, session_id: str) -> None:
        """End a session; one that has ended stays so.

        Raises:
            StoreError: If it cannot be written.
        """
        self._remove_where(SessionRow.id == session_id)

    def remove_of(self, user: User) -> int:
        """End all sessions of a user; returns how many.

        Raises:
            StoreError: If they cannot be written.
        """
        return self._remove_where(SessionRow.user_id == user.id)

    def remove_old(self, created_before: datetime, seen_before: datetime) -> int:
        """Remove sessions that began or were used before these times; returns how many.

        Raises:
            StoreError: If they cannot be written.
        """
        return self._remove_where(
            or_(SessionRow.created_at < created_before, SessionRow.seen_at < seen_before)
        )

    def _remove_where(self, condition: ColumnElement[bool]) -> int:
        statement = delete(SessionRow).where(condition)
        return self._database.change(lambda to: to.execute(statement).rowcount)
