"""SqlOutbox: messages of alerts on their way to targets."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update
from sqlalchemy.orm import Session

from ovd.domain.alerts import AlertMessage, OutboxEntry, OutboxStatus, OutboxTally
from ovd.domain.names import normalise_name
from ovd.store.alerts.json_values import message_from_json
from ovd.store.alerts.messages import Outgoing, queue_messages
from ovd.store.database import Database
from ovd.store.schema.alert_tables import AlertOutboxRow

LARGEST_DIGEST = 200
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
        statement = _due_statement(now).limit(limit)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_entry(row) for row in session.scalars(statement))

    def claim(
        self, now: datetime, until: datetime, busy: Collection[str] = (), limit: int = 100
    ) -> tuple[OutboxEntry, ...]:
        """Return entries that may be tried now, and keep them from others; see the port.

        Raises:
            StoreError: If they cannot be written.
        """
        statement = _due_statement(now).limit(limit)
        if busy:
            statement = statement.where(AlertOutboxRow.target.not_in(list(busy)))
        return self._claim(statement, until)

    def claim_all(self, target: str, now: datetime, until: datetime) -> tuple[OutboxEntry, ...]:
        """Claim every entry that waits for a target and may be tried; see the port.

        Raises:
            StoreError: If they cannot be written.
        """
        statement = (
            select(AlertOutboxRow)
            .where(_WAITING, AlertOutboxRow.target == target)
            .where(AlertOutboxRow.next_attempt_at <= now)
            .order_by(AlertOutboxRow.id)
            .limit(LARGEST_DIGEST)
        )
        return self._claim(statement, until)

    def tally(self) -> OutboxTally:
        """Return how many entries wait, and how many are dead.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = (
            select(
                AlertOutboxRow.status,
                func.count(),
                func.min(AlertOutboxRow.queued_at, type_=AlertOutboxRow.queued_at.type),
            )
            .where(AlertOutboxRow.status.in_([OutboxStatus.WAITING.value, OutboxStatus.DEAD.value]))
            .group_by(AlertOutboxRow.status)
        )
        with self._database.read() as connection:
            rows = {
                status: (count, oldest) for status, count, oldest in connection.execute(statement)
            }
        waiting, oldest = rows.get(OutboxStatus.WAITING.value, (0, None))
        return OutboxTally(waiting, rows.get(OutboxStatus.DEAD.value, (0, None))[0], oldest)

    def resend(self, ids: Sequence[int] | None = None, target: str = "") -> int:
        """Let dead entries wait again; see the port.

        Raises:
            StoreError: If they cannot be written.
        """
        statement = (
            update(AlertOutboxRow)
            .where(*_dead(ids, target))
            .values(
                status=OutboxStatus.WAITING.value,
                attempt=0,
                next_attempt_at=self._database.now(),
            )
        )
        return self._database.change(lambda connection: connection.execute(statement).rowcount)

    def drop(self, ids: Sequence[int] | None = None, target: str = "") -> int:
        """Remove dead entries; see the port.

        Raises:
            StoreError: If they cannot be removed.
        """
        statement = delete(AlertOutboxRow).where(*_dead(ids, target))
        return self._database.change(lambda connection: connection.execute(statement).rowcount)

    def _claim(self, statement: Select[AlertOutboxRow], until: datetime) -> tuple[OutboxEntry, ...]:
        """Move the next attempt of rows to a time; a writer of another process waits meanwhile."""

        def claim(connection: Connection) -> tuple[OutboxEntry, ...]:
            with Session(connection) as session:
                entries = tuple(_entry(row) for row in session.scalars(statement))
            ids = [entry.id for entry in entries]
            if ids:
                connection.execute(
                    update(AlertOutboxRow)
                    .where(AlertOutboxRow.id.in_(ids))
                    .values(next_attempt_at=until)
                )
            return tuple(replace(entry, next_attempt_at=until) for entry in entries)

        return self._database.change(claim)

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
        self,
        status: OutboxStatus | None = None,
        target: str = "",
        limit: int = 100,
        before_id: int | None = None,
    ) -> tuple[OutboxEntry, ...]:
        """Return entries, newest first; those older than one where `before_id` names it.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AlertOutboxRow).order_by(AlertOutboxRow.id.desc()).limit(limit)
        if status is not None:
            statement = statement.where(AlertOutboxRow.status == status.value)
        if target:
            statement = statement.where(AlertOutboxRow.target == normalise_name(target))
        if before_id is not None:
            statement = statement.where(AlertOutboxRow.id < before_id)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_entry(row) for row in session.scalars(statement))

    def put(self, messages: Sequence[AlertMessage], to: Sequence[str]) -> None:
        """Queue messages for targets without a rule, as for a test.

        Raises:
            StoreError: If they cannot be written.
        """
        outgoing = [Outgoing(message, tuple(to)) for message in messages]
        self._database.change(
            lambda connection: queue_messages(connection, outgoing, self._database.now())
        )

    def remove_sent(self, before: datetime) -> int:
        """Remove entries that were sent before a time; return how many.

        Raises:
            StoreError: If they cannot be written.
        """
        sent = AlertOutboxRow.status == OutboxStatus.SENT.value
        statement = delete(AlertOutboxRow).where(sent, AlertOutboxRow.sent_at < before)
        return self._database.change(lambda connection: connection.execute(statement).rowcount)


def _dead(ids: Sequence[int] | None, target: str) -> list[ColumnElement[bool]]:
    """Return the conditions of dead entries, by key and target where these are given."""
    conditions: list[ColumnElement[bool]] = [AlertOutboxRow.status == OutboxStatus.DEAD.value]
    if ids is not None:
        conditions.append(AlertOutboxRow.id.in_(ids))
    if target:
        conditions.append(AlertOutboxRow.target == normalise_name(target))
    return conditions


def _due_statement(now: datetime) -> Select[AlertOutboxRow]:
    """Return the statement of the first waiting entry of each alert and target."""
    first = (
        select(func.min(AlertOutboxRow.id))
        .where(_WAITING)
        .group_by(AlertOutboxRow.target, AlertOutboxRow.alert_id)
    )
    return (
        select(AlertOutboxRow)
        .where(AlertOutboxRow.id.in_(first), AlertOutboxRow.next_attempt_at <= now)
        .order_by(AlertOutboxRow.id)
    )


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
