"""SqlTokenRepository: API tokens, of which only a hash is stored."""

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from ovd.domain.access import Token
from ovd.domain.names import name_key
from ovd.errors import ConflictError, NotFoundError
from ovd.store.database import Database
from ovd.store.schema.access_tables import TokenRow


class SqlTokenRepository:
    """Implements `ovd.domain.ports.TokenRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, token: Token, secret_hash: str) -> Token:
        """Store a token and return it with its key.

        Raises:
            ConflictError: If there is one of that name.
            StoreError: If it cannot be written.
        """

        def add(connection: Connection) -> Token:
            with Session(connection) as session:
                if _row_named(session, token.name) is not None:
                    raise ConflictError(f"there is a token {token.name!r} already")
                row = TokenRow(
                    key=name_key(token.name),
                    name=token.name,
                    role=token.role.value,
                    prefix=token.prefix,
                    secret_hash=secret_hash,
                    cameras=None if token.cameras is None else sorted(token.cameras),
                    created_by=token.created_by,
                    created_at=token.created_at,
                    expires_at=token.expires_at,
                )
                session.add(row)
                session.flush()
                return row.record()

        return self._database.change(add)

    def all(self) -> tuple[Token, ...]:
        """Return the tokens by name.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            rows = session.scalars(select(TokenRow).order_by(TokenRow.key))
            return tuple(row.record() for row in rows)

    def find(self, secret_hash: str) -> Token | None:
        """Return the token with that hash, None where there is none.

        Raises:
            StoreError: If it cannot be read.
        """
        statement = select(TokenRow).where(TokenRow.secret_hash == secret_hash)
        with self._database.read() as connection, Session(connection) as session:
            row = session.scalar(statement)
            return None if row is None else row.record()

    def note_use(self, token: Token, used_at: datetime) -> None:
        """Store when a token was used last.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = update(TokenRow).where(TokenRow.id == token.id).values(last_used_at=used_at)
        self._database.change(lambda to: to.execute(statement))

    def remove(self, name: str) -> Token:
        """Remove a token and return it.

        Raises:
            NotFoundError: If there is no token of that name.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> Token:
            with Session(connection) as session:
                row = _row_named(session, name)
                if row is None:
                    raise NotFoundError(f"there is no token {name[:80]!r}; see ovd tokens list")
                token = row.record()
                session.delete(row)
                session.flush()
                return token

        return self._database.change(remove)


def _row_named(session: Session, name: str) -> TokenRow | None:
    return session.scalar(select(TokenRow).where(TokenRow.key == name_key(name)))
