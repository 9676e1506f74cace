"""Messages of alerts in the log and in the outbox, written in the caller's transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from ovd.domain.alerts import AlertMessage, OutboxStatus
from ovd.store.alerts.json_values import message_to_json
from ovd.store.schema.alert_tables import AlertLogRow, AlertOutboxRow

# Databases limit the values of one statement.
_CHUNK = 500


@dataclass(frozen=True)
class Outgoing:
    """A message, and the names of the targets that it is queued for."""

    message: AlertMessage
    to: tuple[str, ...]


def keep_messages(connection: Connection, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Log messages and queue them for targets; those that were before are passed over."""
    messages = {item.message.idempotency_key: item.message for item in outgoing}
    known: set[str] = set()
    for keys in _chunks(list(messages)):
        logged = select(AlertLogRow.idempotency_key)
        known |= set(connection.scalars(logged.where(AlertLogRow.idempotency_key.in_(keys))))
    rows = [
        {
            "idempotency_key": key,
            "rule": message.rule,
            "camera": message.camera,
            "at": message.at,
            "logged_at": now,
            "message": message_to_json(message),
        }
        for key, message in messages.items()
        if key not in known
    ]
    if rows:
        connection.execute(insert(AlertLogRow), rows)
    queue_messages(connection, outgoing, now)


def queue_messages(connection: Connection, outgoing: Sequence[Outgoing], now: datetime) -> None:
    """Queue messages for targets; those that were before are passed over."""
    wanted = {
        (target, item.message.idempotency_key): item.message
        for item in outgoing
        for target in item.to
    }
    known: set[tuple[str, str]] = set()
    for keys in _chunks(sorted({key for _, key in wanted})):
        queued = select(AlertOutboxRow.target, AlertOutboxRow.idempotency_key)
        found = connection.execute(queued.where(AlertOutboxRow.idempotency_key.in_(keys)))
        known |= {(row.target, row.idempotency_key) for row in found}
    rows = [
        {
            "target": target,
            "idempotency_key": key,
            "alert_id": message.id,
            "message": message_to_json(message),
            "attempt": 0,
            "next_attempt_at": now,
            "status": OutboxStatus.WAITING.value,
            "last_error": "",
            "queued_at": now,
            "sent_at": None,
        }
        for (target, key), message in wanted.items()
        if (target, key) not in known
    ]
    if rows:
        connection.execute(insert(AlertOutboxRow), rows)


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(keys), _CHUNK):
        yield keys[begin : begin + _CHUNK]
