"""Alerts: rules, how they stand, log, targets, outbox, and reference views of cameras."""

import sqlalchemy as sa
from alembic import op

from ovd.store.schema.columns import BigKey

revision = "0018"
down_revision = "0017"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    _create_rules()
    _create_log()
    _create_targets()
    _create_outbox()
    op.create_table(
        "camera_views",
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("captured_at", _TIME, nullable=False),
        sa.Column("image", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("camera", name=op.f("pk_camera_views")),
    )


def _create_rules() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("rule", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rules")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_rules_key")),
    )
    op.create_table(
        "alert_states",
        sa.Column("rule_id", sa.Integer, nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("status", sa.JSON, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["alert_rules.id"],
            name=op.f("fk_alert_states_rule_id_alert_rules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rule_id", "camera", name=op.f("pk_alert_states")),
    )


def _create_log() -> None:
    op.create_table(
        "alert_log",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("idempotency_key", sa.String(120), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("logged_at", _TIME, nullable=False),
        sa.Column("message", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_log")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_alert_log_idempotency_key")),
    )
    op.create_index(op.f("ix_alert_log_at"), "alert_log", ["at"])
    op.create_index(op.f("ix_alert_log_rule_id"), "alert_log", ["rule", "id"])
    op.create_index(op.f("ix_alert_log_camera_id"), "alert_log", ["camera", "id"])


def _create_targets() -> None:
    op.create_table(
        "alert_targets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secrets", sa.Text, nullable=False),
        sa.Column("has_secret", sa.Boolean, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_targets")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_targets_key")),
    )


def _create_outbox() -> None:
    op.create_table(
        "alert_outbox",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("idempotency_key", sa.String(120), nullable=False),
        sa.Column("alert_id", sa.String(60), nullable=False),
        sa.Column("message", sa.JSON, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _TIME, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'dead')", name=op.f("ck_alert_outbox_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_outbox")),
        sa.UniqueConstraint(
            "target", "idempotency_key", name=op.f("uq_alert_outbox_target_idempotency_key")
        ),
    )
    op.create_index(
        op.f("ix_alert_outbox_status_next_attempt_at"),
        "alert_outbox",
        ["status", "next_attempt_at"],
    )
    op.create_index(
        op.f("ix_alert_outbox_target_alert_id_id"), "alert_outbox", ["target", "alert_id", "id"]
    )
