"""SqlTopicNames: levels of MQTT topics that were given out."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ovd.domain.ports.mqtt import TopicName
from ovd.store.database import Database
from ovd.store.schema.delivery_tables import TopicNameRow


class SqlTopicNames:
    """Implements `ovd.domain.ports.mqtt.TopicNameRepository`."""

    def __init__(self, database: Database) -> None:
        """Work on an open database."""
        self._database = database

    def all(self) -> tuple[TopicName, ...]:
        """Return all of them, oldest first.

        Raises:
            StoreError: If they cannot be read.
        """
        statement = select(TopicNameRow).order_by(TopicNameRow.id)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(row.record() for row in session.scalars(statement))

    def add(self, name: TopicName) -> None:
        """Keep another one.

        Raises:
            StoreError: If it cannot be written.
        """
        values = {
            "kind": name.kind.value,
            "camera_id": name.camera_id,
            "text": name.text,
            "slug": name.slug,
        }
        self._database.change(lambda to: to.execute(insert(TopicNameRow).values(values)))
