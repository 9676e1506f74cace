"""The list of queries that the user keeps, apart from those that counts point to."""

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from ovd.domain.ports import Clock
from ovd.store.connection.transactions import read_transaction, write_transaction
from ovd.store.schema.tables import SavedQueryRow


class SqlSavedQueries:
    """Implements `ovd.domain.spelling.SavedQueries`; counts are never touched."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        """Work on a database that is up to date."""
        self._engine = engine
        self._clock = clock

    def add(self, text: str) -> bool:
        """Put a text on the list; False if it is there, whatever its case.

        Raises:
            StoreError: If it cannot be written.
        """
        with write_transaction(self._engine) as connection, Session(connection) as session:
            known = session.get(SavedQueryRow, text.casefold()) is not None
            if not known:
                row = SavedQueryRow(key=text.casefold(), text=text, created_at=self._clock.now())
                session.add(row)
                session.flush()
        return not known

    def all(self) -> tuple[str, ...]:
        """The texts as typed, oldest first.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(SavedQueryRow).order_by(SavedQueryRow.created_at, SavedQueryRow.key)
        with read_transaction(self._engine) as connection, Session(connection) as session:
            return tuple(row.text for row in session.scalars(statement))

    def remove(self, text: str) -> bool:
        """Take a text off the list; False if it was not there.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = delete(SavedQueryRow).where(SavedQueryRow.key == text.casefold())
        with write_transaction(self._engine) as connection:
            return connection.execute(statement).rowcount > 0

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()
