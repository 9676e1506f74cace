"""ORM tables of delivery: levels of MQTT topics, and scheduled reports."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovd.domain.ports.mqtt import TopicKind, TopicName
from ovd.domain.ports.schedules import ScheduleRecord
from ovd.store.schema.tables import Base


class TopicNameRow(Base):
    """The level of an MQTT topic; never changed, so that subscriptions stay valid."""

    __tablename__ = "topic_names"
    __table_args__ = (UniqueConstraint("kind", "camera_id", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    camera_id: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(String(100))

    def record(self) -> TopicName:
        """Return the level without its row."""
        return TopicName(TopicKind(self.kind), self.camera_id, self.text, self.slug)


class ScheduleRow(Base):
    """A report that is made repeatedly; `key` is its name without case."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    enabled: Mapped[bool]
    created_at: Mapped[datetime]

    def record(self) -> ScheduleRecord:
        """Return the schedule without its row."""
        definition = dict(self.definition)
        return ScheduleRecord(definition.pop("name"), definition, self.enabled, self.created_at)
