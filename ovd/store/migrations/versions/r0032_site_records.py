"""Sales, imported counts and kept days of sites."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

_TIME = sa.DateTime(timezone=True)
_BIG_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the tables `site_sales`, `site_counts` and `site_days`."""
    op.create_table(
        "site_sales",
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("site_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("amount_milli", sa.BigInteger, nullable=False),
        sa.Column("register", sa.Text, nullable=False),
        *_constraints("site_sales"),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_site_sales_site_id_key")),
    )
    op.create_index("ix_site_sales_site_id_at", "site_sales", ["site_id", "at"])
    op.create_table(
        "site_counts",
        sa.Column("id", _BIG_KEY, nullable=False),
        sa.Column("site_id", sa.Integer, nullable=False),
        sa.Column("door", sa.String(400), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("start_at", _TIME, nullable=False),
        sa.Column("end_at", _TIME, nullable=False),
        sa.Column("entered", sa.Integer, nullable=False),
        sa.Column("left", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_site_counts_order")),
        *_constraints("site_counts"),
        sa.UniqueConstraint(
            "site_id", "door", "start_at", name=op.f("uq_site_counts_site_id_door_start_at")
        ),
    )
    op.create_table(
        "site_days",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("site_id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("start_at", _TIME, nullable=False),
        sa.Column("end_at", _TIME, nullable=False),
        sa.Column("settings", sa.String(64), nullable=False),
        sa.Column("total", sa.JSON, nullable=False),
        sa.Column("hours", sa.JSON, nullable=False),
        *_constraints("site_days"),
        sa.UniqueConstraint("site_id", "day", name=op.f("uq_site_days_site_id_day")),
    )
    op.create_index("ix_site_days_end_at", "site_days", ["end_at"])


def _constraints(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["sites.id"],
            name=op.f(f"fk_{table}_site_id_sites"),
            ondelete="CASCADE",
        ),
    )
