"""SqlTargetRepository: targets of alerts, and the one place that knows their secrets."""

import json
from dataclasses import asdict

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from ovd.domain.alerts import OutboxStatus, Target, TargetOptions, TargetSecrets
from ovd.domain.names import name_key
from ovd.errors import TargetError, UnknownTargetError
from ovd.store.credentials import CredentialCipher
from ovd.store.database import Database
from ovd.store.schema.alert_tables import AlertOutboxRow, AlertTargetRow


class SqlTargetRepository:
    """Implements `ovd.domain.ports.TargetRepository`."""

    def __init__(self, database: Database, cipher: CredentialCipher) -> None:
        """Work on an open database; the cipher encrypts the secrets."""
        self._database = database
        self._cipher = cipher

    def all(self) -> tuple[Target, ...]:
        """Return the targets by name, without their secrets.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(AlertTargetRow).order_by(AlertTargetRow.key)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(_target(row) for row in session.scalars(statement))

    def add(self, target: Target, secrets: TargetSecrets) -> None:
        """Add a target.

        Raises:
            TargetError: If there is one of that name.
            CredentialsError: If its secrets cannot be encrypted.
            StoreError: If it cannot be written.
        """
        values = {"url": secrets.url, "secret": secrets.secret}
        encrypted = self._cipher.encrypt(json.dumps(values))

        def add(connection: Connection) -> None:
            with Session(connection) as session:
                listed = _row_named(session, target.name)
                if listed is not None:
                    raise TargetError(
                        f"there is a target {listed.name!r} already ({listed.url}); choose another "
                        f"name, or remove it first: ovd targets remove {listed.name!r}"
                    )
                row = AlertTargetRow(
                    key=name_key(target.name),
                    name=target.name,
                    url=target.url,
                    secrets=encrypted,
                    has_secret=bool(secrets.secret),
                    options=asdict(target.options),
                    created_at=self._database.now(),
                )
                session.add(row)
                session.flush()

        self._database.change(add)

    def secrets(self, name: str) -> TargetSecrets:
        """Return the secrets of a target, to send to it.

        Raises:
            UnknownTargetError: If there is none of that name.
            CredentialsError: If they cannot be decrypted.
            StoreError: If they cannot be read.
        """
        with self._database.read() as connection, Session(connection) as session:
            encrypted = _find_row(session, name).secrets
        return TargetSecrets(**json.loads(self._cipher.decrypt(encrypted)))

    def remove(self, name: str) -> None:
        """Remove a target; what waits for it is dead.

        Raises:
            UnknownTargetError: If there is none of that name.
            StoreError: If it cannot be written.
        """

        def remove(connection: Connection) -> None:
            with Session(connection) as session:
                row = _find_row(session, name)
                waiting = AlertOutboxRow.status == OutboxStatus.WAITING.value
                session.execute(
                    update(AlertOutboxRow)
                    .where(AlertOutboxRow.target == row.name, waiting)
                    .values(status=OutboxStatus.DEAD.value, last_error="the target was removed")
                )
                session.delete(row)
                session.flush()

        self._database.change(remove)


def _target(row: AlertTargetRow) -> Target:
    options = row.options | {"quiet_hours": tuple(row.options["quiet_hours"])}
    return Target(row.name, row.url, row.has_secret, TargetOptions(**options))


def _row_named(session: Session, name: str) -> AlertTargetRow | None:
    return session.scalar(select(AlertTargetRow).where(AlertTargetRow.key == name_key(name)))


def _find_row(session: Session, name: str) -> AlertTargetRow:
    row = _row_named(session, name)
    if row is None:
        known = ", ".join(session.scalars(select(AlertTargetRow.name).order_by(AlertTargetRow.key)))
        raise UnknownTargetError(f"there is no target {name!r}; known: {known or 'none'}")
    return row
