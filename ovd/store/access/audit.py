"""SqlAuditRepository: the audit log, to which entries are only added."""

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from ovd.domain.access import AuditEntry
from ovd.store.database import Database
from ovd.store.schema.access_tables import AuditRow


class SqlAuditRepository:
    """Implements `ovd.domain.ports.AuditRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def add(self, entry: AuditEntry) -> None:
        """Store an entry.

        Raises:
            StoreError: If it cannot be written.
        """
        statement = insert(AuditRow).values(
            at=entry.at,
            kind=entry.kind.value,
            actor=entry.actor,
            address=entry.address,
            action=entry.action,
            target=entry.target,
            detail=entry.detail,
        )

        def add(connection: Connection) -> None:
            connection.execute(statement)

        self._database.change(add)

    def newest(
        self, limit: int, before_id: int | None = None, actor: str | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return entries, newest first; see the port.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if before_id is not None:
            statement = statement.where(AuditRow.id < before_id)
        if actor is not None:
            statement = statement.where(AuditRow.actor == actor)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(row.record() for row in session.scalars(statement))
