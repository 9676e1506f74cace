"""Messages of alerts that are removed by age or erased, and the names of cameras in all of it."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from ovd.domain.alerts import OutboxStatus
from ovd.domain.records import Erasure
from ovd.store.alerts.json_values import rule_from_json, rule_to_json
from ovd.store.schema.alert_tables import (
    AlertLogRow,
    AlertOutboxRow,
    AlertRuleRow,
    AlertStateRow,
    CameraViewRow,
)

BATCH_ROWS = 500


def prune_messages(connection: Connection, before: datetime) -> int:
    """Remove the oldest messages of the log and of those given up; return how many went.

    At most `BATCH_ROWS` of each. Messages that wait are kept.
    """
    log = select(AlertLogRow.id, AlertLogRow.logged_at).order_by(AlertLogRow.id)
    oldest = connection.execute(log.limit(BATCH_ROWS)).all()
    logged = [row.id for row in oldest if row.logged_at < before]
    given_up = (
        select(AlertOutboxRow.id)
        .where(AlertOutboxRow.status == OutboxStatus.DEAD.value)
        .where(AlertOutboxRow.queued_at < before)
        .limit(BATCH_ROWS)
    )
    dead = list(connection.scalars(given_up))
    _delete(connection, AlertLogRow, logged)
    _delete(connection, AlertOutboxRow, dead)
    return len(logged) + len(dead)


@dataclass(frozen=True)
class MessageErasure:
    """An erasure, as messages of alerts are chosen by it.

    Attributes:
        erasure: Cameras, queries and period; both empty takes all.
        texts: Texts of its queries, as typed and as read.
    """

    erasure: Erasure
    texts: frozenset[str]

    def takes(self, message: dict[str, object]) -> bool:
        """Return whether a message concerns what is erased."""
        return not self.erasure.queries or message["query"] in self.texts


def erase_messages(connection: Connection, wanted: MessageErasure) -> int:
    """Erase messages from the log and from the outbox; return how many went from the log.

    Those of cameras and queries of the erasure, by the time of what they tell. Reference views of
    the cameras go too, where everything of a camera is erased.
    """
    erasure = wanted.erasure
    logged = select(AlertLogRow.id, AlertLogRow.message).where(AlertLogRow.at < erasure.end_at)
    if erasure.start_at is not None:
        logged = logged.where(AlertLogRow.at >= erasure.start_at)
    if erasure.cameras:
        logged = logged.where(AlertLogRow.camera.in_(erasure.cameras))
    gone = [key for key, message in connection.execute(logged) if wanted.takes(message)]
    queued = select(AlertOutboxRow.id, AlertOutboxRow.message)
    sent = [
        key
        for key, message in connection.execute(queued)
        if wanted.takes(message) and _is_within(message, erasure)
    ]
    _delete(connection, AlertLogRow, gone)
    _delete(connection, AlertOutboxRow, sent)
    if not erasure.queries:
        views = delete(CameraViewRow).where(CameraViewRow.captured_at < erasure.end_at)
        if erasure.start_at is not None:
            views = views.where(CameraViewRow.captured_at >= erasure.start_at)
        if erasure.cameras:
            views = views.where(CameraViewRow.camera.in_(erasure.cameras))
        connection.execute(views)
    return len(gone)


def rename_camera(session: Session, name: str, new_name: str) -> None:
    """Let rules, their states, the log and the reference view follow a camera to a new name."""
    for row in session.scalars(select(AlertRuleRow)):
        rule = rule_from_json(row.rule)
        if name in rule.cameras:
            cameras = [new_name if camera == name else camera for camera in rule.cameras]
            row.rule = rule_to_json(rule) | {"cameras": cameras}
            row.version = uuid.uuid4().hex
    session.execute(delete(AlertStateRow).where(AlertStateRow.camera == new_name))
    session.execute(delete(CameraViewRow).where(CameraViewRow.camera == new_name))
    tables: tuple[type[AlertStateRow | CameraViewRow | AlertLogRow], ...]
    tables = (AlertStateRow, CameraViewRow, AlertLogRow)
    for table in tables:
        session.execute(update(table).where(table.camera == name).values(camera=new_name))


def _is_within(message: dict[str, object], erasure: Erasure) -> bool:
    at = datetime.fromisoformat(str(message["at"]))
    if erasure.cameras and message["camera"] not in erasure.cameras:
        return False
    return at < erasure.end_at and (erasure.start_at is None or at >= erasure.start_at)


def _delete(
    connection: Connection, table: type[AlertLogRow] | type[AlertOutboxRow], keys: Collection[int]
) -> None:
    for some in _batches(list(keys)):
        connection.execute(delete(table).where(table.id.in_(some)))


def _batches(keys: list[int]) -> Iterator[list[int]]:
    for begin in range(0, len(keys), BATCH_ROWS):
        yield keys[begin : begin + BATCH_ROWS]
