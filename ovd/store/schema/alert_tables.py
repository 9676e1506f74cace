"""ORM tables of alerts: rules, how they stand, log, targets and outbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ovd.store.schema.columns import BigKey
from ovd.store.schema.tables import Base


class AlertRuleRow(Base):
    """A rule; `key` is the name without case, `rule` its values, `version` differs per change."""

    __tablename__ = "alert_rules"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(40))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class AlertStateRow(Base):
    """The state of a rule at a camera; judging goes on from `status`."""

    __tablename__ = "alert_states"

    rule_id: Mapped[int] = mapped_column(
        ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True
    )
    camera: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    status: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime]


class AlertLogRow(Base):
    """A message that was made; never changed."""

    __tablename__ = "alert_log"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index(None, "at"),
        Index(None, "rule", "id"),
        Index(None, "camera", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(120))
    rule: Mapped[str] = mapped_column(String(200))
    camera: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    logged_at: Mapped[datetime]
    message: Mapped[dict[str, Any]] = mapped_column(JSON)


class AlertTargetRow(Base):
    """A place that alerts are sent to; `key` is the name without case, `secrets` is encrypted."""

    __tablename__ = "alert_targets"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(Text)
    secrets: Mapped[str] = mapped_column(Text)
    has_secret: Mapped[bool]
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class AlertOutboxRow(Base):
    """A message on its way to a target."""

    __tablename__ = "alert_outbox"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'sent', 'dead')", name="status"),
        UniqueConstraint("target", "idempotency_key"),
        Index(None, "status", "next_attempt_at"),
        Index(None, "target", "alert_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    target: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str] = mapped_column(String(120))
    alert_id: Mapped[str] = mapped_column(String(60))
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempt: Mapped[int]
    next_attempt_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(10))
    last_error: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class CameraViewRow(Base):
    """The reference view of a camera, which `moved` compares with: a small grey image as PNG."""

    __tablename__ = "camera_views"

    camera: Mapped[str] = mapped_column(String(200), primary_key=True)
    captured_at: Mapped[datetime]
    image: Mapped[bytes] = mapped_column(LargeBinary)
