"""SqlSavedQueries: the list of queries that the user keeps, apart from those counts point to."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from ovd.domain.names import name_key, normalise_name
from ovd.store.database import Database
from ovd.store.schema.tables import SavedQueryRow


class SqlSavedQueries:
    """Implements `ovd.domain.spelling.SavedQueries`; counts are never touched."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, text: str) -> bool:
        """Put a text on the list; False if it is there, whatever its case or Unicode form.

        Raises:
            StoreError: If it cannot be written.
        """
        row = SavedQueryRow(
            key=name_key(text), text=normalise_name(text), created_at=self._database.now()
        )

        def add(connection: Connection) -> bool:
            with Session(connection) as session:
                known = session.get(SavedQueryRow, row.key) is not None
                if not known:
                    session.add(row)
                    session.flush()
                return not known

        return self._database.change(add)

    def all(self) -> tuple[str, ...]:
        """Return the texts as typed, oldest first.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(SavedQueryRow).order_by(SavedQueryRow.created_at, SavedQueryRow.key)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(row.text for row in session.scalars(statement))

    def remove(self, text: str) -> bool:
        """Take a text off the list; False if it was not there.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = delete(SavedQueryRow).where(SavedQueryRow.key == name_key(text))
        return self._database.change(lambda to: to.execute(statement).rowcount > 0)
