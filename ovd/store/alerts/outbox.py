"""SqlOutbox: messages of alerts on their way to targets."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.orm import Session

from ovd.domain.alerts import AlertMessage, OutboxEntry, OutboxStatus
from ovd.domain.names import normalise_name
from ovd.store.alerts.json_values import message_from_json
from ovd.store.alerts.messages import queue_messages
from ovd.store.database import Database
from ovd.store.schema.alert_tables import AlertOutboxRow

_WAITING = AlertOutboxRow.status == OutboxStatus.WAITING.value


class SqlOutbox:
    """Implements `ovd.domain.ports.Outbox`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def due(self, now: datetime, limit: int = 100) -> tuple[OutboxEntry, ...]:
        """Return waiting entries that may be tried now, oldest first; see the port.

        Raises:
            StoreError: If they cannot be read.
        """
        first = (
            select(func.min(AlertOutboxRow.id))
            .where(_WAITING)
            .group_by(AlertOutboxRow.target, AlertOutboxRow.alert_id)
        )
        statement = (
            select(AlertOutboxRow)
            .where(AlertOutboxRow.id.in_(first), AlertOutboxRow.next_attempt_at <= now)
            .order_by(AlertOutboxRow.id)
            .limit(limit)
        )
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_entry(row) for row in session.scalars(statement))

    def next_due_at(self) -> datetime | None:
        """Return when the next waiting entry may be tried; None where none waits.

        Raises:
            StoreError: If it cannot be read.
        """
        statement = select(AlertOutboxRow.next_attempt_at).where(_WAITING)
        with self._database.read() as connection:
            earliest = statement.order_by(AlertOutboxRow.next_attempt_at).limit(1)
            return connection.scalar(earliest)

    def update(self, entries: Sequence[OutboxEntry]) -> None:
        """Write how entries stand now.

        Raises:
            StoreError: If it cannot be written.
        """

        def change(connection: Connection) -> None:
            for entry in entries:
                connection.execute(
                    update(AlertOutboxRow)
                    .where(AlertOutboxRow.id == entry.id)
                    .values(
                        attempt=entry.attempt,
                        next_attempt_at=entry.next_attempt_at,
                        status=entry.status.value,
                        last_error=entry.last_error,
                        sent_at=entry.sent_at,
                    )
                )

        self._database.change(change)

    def entries(
        self, status: OutboxStatus | None = None, target: str = "", limit: int = 100
    ) -> tuple[OutboxEntry, ...]:
        """Return entries, newest first.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AlertOutboxRow).order_by(AlertOutboxRow.id.desc()).limit(limit)
        if status is not None:
            statement = statement.where(AlertOutboxRow.status == status.value)
        if target:
            statement = statement.where(AlertOutboxRow.target == normalise_name(target))
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_entry(row) for row in session.scalars(statement))

    def put(self, messages: Sequence[AlertMessage], to: Sequence[str]) -> None:
        """Queue messages for targets without a rule, as for a test.

        Raises:
            StoreError: If they cannot be written.
        """
        self._database.change(
            lambda connection: queue_messages(connection, messages, to, self._database.now())
        )

    def remove_sent(self, before: datetime) -> int:
        """Remove entries that were sent before a time; return how many.

        Raises:
            StoreError: If they cannot be written.
        """
        sent = AlertOutboxRow.status == OutboxStatus.SENT.value
        statement = delete(AlertOutboxRow).where(sent, AlertOutboxRow.sent_at < before)
        return self._database.change(lambda connection: connection.execute(statement).rowcount)


def _entry(row: AlertOutboxRow) -> OutboxEntry:
    return OutboxEntry(
        id=row.id,
        target=row.target,
        message=message_from_json(row.message),
        attempt=row.attempt,
        next_attempt_at=row.next_attempt_at,
        status=OutboxStatus(row.status),
        last_error=row.last_error,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
    )
