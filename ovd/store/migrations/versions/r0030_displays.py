"""Displays: screens that show how many people are inside a site."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0024"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table `displays`."""
    op.create_table(
        "displays",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("site_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("paired_by", sa.Text, nullable=False),
        sa.Column("paired_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_displays_site_id_sites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_displays")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_displays_secret_hash")),
        sa.UniqueConstraint("site_id", "key", name=op.f("uq_displays_site_id_key")),
    )
