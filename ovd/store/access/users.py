"""SqlUserRepository: the users that may sign in."""

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.orm import Session

from ovd.domain.access import NewUser, Role, User, UserChanges
from ovd.domain.names import name_key
from ovd.errors import ConflictError, NotFoundError
from ovd.store.database import Database
from ovd.store.schema.access_tables import SessionRow, UserRow


class SqlUserRepository:
    """Implements `ovd.domain.ports.UserRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, user: NewUser) -> User:
        """Add a user; see the port.

        Raises:
            ConflictError: If there is one of that name.
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> User:
            with Session(connection) as session:
                if _row_named(session, user.name) is not None:
                    raise ConflictError(f"there is a user {user.name!r} already")
                row = UserRow(
                    key=name_key(user.name),
                    name=user.name,
                    role=user.role.value,
                    password_hash=user.password_hash,
                    cameras=None if user.cameras is None else sorted(user.cameras),
                    created_at=self._database.now(),
                    subject=user.subject or None,
                )
                session.add(row)
                session.flush()
                return row.record()

        return self._database.change(add)

    def all(self) -> tuple[User, ...]:
        """Return the users by name.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            rows = session.scalars(select(UserRow).order_by(UserRow.key))
            return tuple(row.record() for row in rows)

    def count(self) -> int:
        """Return how many users there are.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(UserRow)) or 0

    def find(self, name: str) -> User | None:
        """Return the user of that name, None where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = _row_named(session, name)
            return None if row is None else row.record()

    def find_external(self, subject: str) -> User | None:
        """Return the user of a single sign-on, None where there is none; see the port.

        Raises:
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            row = session.scalar(select(UserRow).where(UserRow.subject == subject))
            return None if row is None else row.record()

    def password_hash(self, name: str) -> str:
        """Return the stored hash of a user's password; empty where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        statement = select(UserRow.password_hash).where(UserRow.key == name_key(name))
        with self._database.read() as connection:
            return connection.scalar(statement) or ""

    def update(self, name: str, changes: UserChanges) -> User:
        """Change a user; see the port.

        Raises:
            NotFoundError: If there is no user of that name.
            ConflictError: If it is the last admin, and would be none.
            StoreError: If it cannot be written.
        """

        def update(connection: Connection) -> User:
            with Session(connection) as session:
                row = _find_row(session, name)
                if changes.role is not None and changes.role is not Role.ADMIN:
                    _require_other_admin(session, row)
                _apply(row, changes)
                session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
                session.flush()
                return row.record()

        return self._database.change(update)

    def remove(self, name: str) -> User:
        """Remove a user and the sessions of it; see the port.

        Raises:
            NotFoundError: If there is no user of that name.
            ConflictError: If it is the last admin while there are other users.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> User:
            with Session(connection) as session:
                row = _find_row(session, name)
                others = session.scalar(select(func.count()).where(UserRow.id != row.id))
                if others:
                    _require_other_admin(session, row)
                user = row.record()
                session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
                session.delete(row)
                session.flush()
                return user

        return self._database.change(remove)


def _row_named(session: Session, name: str) -> UserRow | None:
    return session.scalar(select(UserRow).where(UserRow.key == name_key(name)))


def _find_row(session: Session, name: str) -> UserRow:
    row = _row_named(session, name)
    if row is None:
        raise NotFoundError(f"there is no user {name[:80]!r}; see ovd users list")
    return row


def _apply(row: UserRow, changes: UserChanges) -> None:
    if changes.role is not None:
        row.role = changes.role.value
    if changes.password_hash is not None:
        row.password_hash = changes.password_hash
    if changes.sets_cameras:
        row.cameras = None if changes.cameras is None else sorted(changes.cameras)


def _require_other_admin(session: Session, row: UserRow) -> None:
    if row.role != Role.ADMIN.value:
        return
    admins = select(func.count()).where(UserRow.role == Role.ADMIN.value, UserRow.id != row.id)
    if not session.scalar(admins):
        raise ConflictError(
            f"{row.name!r} is the only admin; make another user admin first, or nobody could "
            "manage users"
        )
