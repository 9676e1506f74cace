"""Messages of alerts in the log and in the outbox, written in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from ovd.domain.alerts import AlertMessage, OutboxStatus
from ovd.store.alerts.json_values import message_to_json
from ovd.store.schema.alert_tables import AlertLogRow, AlertOutboxRow


def keep_messages(
    connection: Connection, messages: Sequence[AlertMessage], to: Sequence[str], now: datetime
) -> None:
    """Log messages and queue them for targets; those that were before are passed over."""
    for message in messages:
        logged = select(AlertLogRow.id).where(
            AlertLogRow.idempotency_key == message.idempotency_key
        )
        if connection.scalar(logged) is None:
            connection.execute(
                insert(AlertLogRow).values(
                    idempotency_key=message.idempotency_key,
                    rule=message.rule,
                    camera=message.camera,
                    at=message.at,
                    logged_at=now,
                    message=message_to_json(message),
                )
            )
    queue_messages(connection, messages, to, now)


def queue_messages(
    connection: Connection, messages: Sequence[AlertMessage], to: Sequence[str], now: datetime
) -> None:
    """Queue messages for targets; those that were before are passed over."""
    for message in messages:
        key = message.idempotency_key
        of_message = select(AlertOutboxRow.target).where(AlertOutboxRow.idempotency_key == key)
        queued = frozenset(connection.scalars(of_message)) if to else frozenset()
        for target in to:
            if target in queued:
                continue
            connection.execute(
                insert(AlertOutboxRow).values(
                    target=target,
                    idempotency_key=key,
                    alert_id=message.id,
                    message=message_to_json(message),
                    attempt=0,
                    next_attempt_at=now,
                    status=OutboxStatus.WAITING.value,
                    last_error="",
                    queued_at=now,
                    sent_at=None,
                )
            )
