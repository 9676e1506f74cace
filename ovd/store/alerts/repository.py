"""SqlAlertRepository: alert rules, how they stand, and the log of their messages."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ovd.domain.alerts import (
    AlertChange,
    AlertMessage,
    AlertRule,
    LoggedMessage,
    LogSelection,
    SavedRule,
    SavedStatus,
)
from ovd.domain.names import name_key, normalise_name
from ovd.domain.ports import AlertEnding
from ovd.errors import AlertRuleListedError, UnknownAlertRuleError
from ovd.store.alerts.json_values import (
    Json,
    message_from_json,
    rule_from_json,
    rule_to_json,
    status_from_json,
    status_to_json,
)
from ovd.store.alerts.messages import Outgoing, keep_messages
from ovd.store.database import Database
from ovd.store.schema.alert_tables import AlertLogRow, AlertRuleRow, AlertStateRow


class SqlAlertRepository:
    """Implements `ovd.domain.ports.AlertRepository`."""

    def __init__(self, database: Database, also_to: tuple[str, ...] = ()) -> None:
        """Work on an open database.

        Args:
            database: Where alerts are kept.
            also_to: Names of targets that every message is queued for.
        """
        self._database = database
        self._also_to = also_to

    def rules(self) -> tuple[SavedRule, ...]:
        """Return the rules by name.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AlertRuleRow).order_by(AlertRuleRow.key)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_saved(row) for row in session.scalars(statement))

    def versions(self) -> frozenset[str]:
        """Return the versions of all rules; see the port.

        Raises:
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(AlertRuleRow.version)))

    def add(self, rules: Sequence[AlertRule]) -> tuple[SavedRule, ...]:
        """Add rules, all or none.

        Raises:
            AlertRuleListedError: If there is one of that name, or two have the same.
            StoreError: If they cannot be written.
        """

        def add(connection: Connection) -> tuple[SavedRule, ...]:
            with Session(connection) as session:
                return tuple(self._add(session, rule) for rule in rules)

        return self._database.change(add)

    def find(self, name: str) -> SavedRule:
        """Return the rule of a name.

        Raises:
            UnknownAlertRuleError: If there is none.
            StoreError: If it cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            return _saved(_find_row(session, name))

    def replace(self, name: str, rule: AlertRule) -> SavedRule:
        """Change a rule, also its name; see the port.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            AlertRuleListedError: If another one has the new name.
            StoreError: If it cannot be written.
        """

        def replace(connection: Connection) -> SavedRule:
            with Session(connection) as session:
                row = _find_row(session, name)
                if name_key(rule.name) != row.key:
                    _require_free(session, rule.name)
                row.key, row.name, row.rule = name_key(rule.name), rule.name, rule_to_json(rule)
                row.version = uuid.uuid4().hex
                session.flush()
                return _saved(row)

        return self._database.change(replace)

    def remove(self, name: str, ending: AlertEnding) -> None:
        """Remove a rule and end its open alerts; see the port.

        Raises:
            UnknownAlertRuleError: If there is none of that name.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> None:
            with Session(connection) as session:
                row = _find_row(session, name)
                rule = rule_from_json(row.rule)
                states = select(AlertStateRow).where(AlertStateRow.rule_id == row.id)
                endings = [
                    ending(rule, status_from_json(state.status | {"camera": state.camera}))
                    for state in session.scalars(states)
                ]
                to = self._to(rule.to)
                ended = [Outgoing(item, to) for item in endings if item is not None]
                keep_messages(connection, ended, self._database.now())
                of_rule = AlertStateRow.rule_id == row.id
                session.execute(delete(AlertStateRow).where(of_rule))
                session.delete(row)
                session.flush()

        self._database.change(remove)

    def statuses(self) -> tuple[SavedStatus, ...]:
        """Return how the rules stand.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AlertStateRow.rule_id, AlertStateRow.status, AlertStateRow.camera)
        with self._database.read() as connection:
            return tuple(
                SavedStatus(rule_id, status_from_json(status | {"camera": camera}))
                for rule_id, status, camera in connection.execute(statement)
            )

    def record(self, changes: Sequence[AlertChange]) -> None:
        """Write states, log and outbox in one transaction; see the port.

        Raises:
            StoreError: If they cannot be written; then nothing was.
        """

        def record(connection: Connection) -> None:
            now = self._database.now()
            known = frozenset(connection.scalars(select(AlertRuleRow.id)))
            valid = [change for change in changes if change.rule_id in known]
            _keep_statuses(connection, valid, now)
            outgoing = [
                Outgoing(message, self._to(change.to))
                for change in valid
                for message in change.messages
            ]
            keep_messages(connection, outgoing, now)

        self._database.change(record)

    def _to(self, targets: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*targets, *self._also_to)))

    def log(self, selection: LogSelection) -> tuple[LoggedMessage, ...]:
        """Return messages of the log, newest first.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AlertLogRow).order_by(AlertLogRow.id.desc()).limit(selection.limit)
        if selection.rule:
            statement = statement.where(AlertLogRow.rule == normalise_name(selection.rule))
        if selection.camera:
            statement = statement.where(AlertLogRow.camera == normalise_name(selection.camera))
        if selection.cameras is not None:
            permitted = AlertLogRow.camera.in_(selection.cameras)
            statement = statement.where(or_(AlertLogRow.camera == "", permitted))
        if selection.start_at is not None:
            statement = statement.where(AlertLogRow.at >= selection.start_at)
        if selection.end_at is not None:
            statement = statement.where(AlertLogRow.at < selection.end_at)
        if selection.before_id is not None:
            statement = statement.where(AlertLogRow.id < selection.before_id)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(
                LoggedMessage(row.id, _message(row.message, row.camera), row.logged_at)
                for row in session.scalars(statement)
            )

    def find_message(self, idempotency_key: str) -> AlertMessage | None:
        """Return a message of the log; see the port.

        Raises:
            StoreError: If it cannot be read.
        """
        statement = select(AlertLogRow.message, AlertLogRow.camera)
        found = statement.where(AlertLogRow.idempotency_key == idempotency_key)
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
        return None if row is None else _message(row.message, row.camera)

    def _add(self, session: Session, rule: AlertRule) -> SavedRule:
        _require_free(session, rule.name)
        row = AlertRuleRow(
            key=name_key(rule.name),
            name=rule.name,
            version=uuid.uuid4().hex,
            rule=rule_to_json(rule),
            created_at=self._database.now(),
        )
        session.add(row)
        session.flush()
        return _saved(row)


def _message(values: Json, camera: str) -> AlertMessage:
    """Return a message of the log, with the name that its camera has now."""
    return message_from_json(values | {"camera": camera})


def _saved(row: AlertRuleRow) -> SavedRule:
    return SavedRule(row.id, row.version, rule_from_json(row.rule), row.created_at)


def _row_named(session: Session, name: str) -> AlertRuleRow | None:
    return session.scalar(select(AlertRuleRow).where(AlertRuleRow.key == name_key(name)))


def _find_row(session: Session, name: str) -> AlertRuleRow:
    row = _row_named(session, name)
    if row is None:
        known = ", ".join(session.scalars(select(AlertRuleRow.name).order_by(AlertRuleRow.key)))
        raise UnknownAlertRuleError(f"there is no alert rule {name!r}; known: {known or 'none'}")
    return row


def _require_free(session: Session, name: str) -> None:
    listed = _row_named(session, name)
    if listed is not None:
        raise AlertRuleListedError(
            f"there is an alert rule {listed.name!r} already; choose another name, or remove it "
            f"first: ovd alerts remove {listed.name!r}"
        )


def _keep_statuses(connection: Connection, changes: Sequence[AlertChange], now: datetime) -> None:
    into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = into(AlertStateRow)
    kept = ("state", "status", "updated_at")
    newest = {(change.rule_id, change.status.camera): change.status for change in changes}
    values = [
        {
            "rule_id": rule_id,
            "camera": camera,
            "state": status.state.value,
            "status": status_to_json(status),
            "updated_at": now,
        }
        for (rule_id, camera), status in newest.items()
    ]
    if values:
        upsert = added.on_conflict_do_update(
            index_elements=["rule_id", "camera"],
            set_={name: added.excluded[name] for name in kept},
        )
        connection.execute(upsert, values)
