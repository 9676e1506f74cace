"""Sites, and the numbers of people inside that were set by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables `sites` and `site_resets`."""
    op.create_table(
        "sites",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("description", sa.JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("key", name=op.f("uq_sites_key")),
    )
    op.create_table(
        "site_resets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("site_id", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.CheckConstraint("people >= 0", name=op.f("ck_site_resets_people")),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["sites.id"],
            name=op.f("fk_site_resets_site_id_sites"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_resets")),
        sa.UniqueConstraint("site_id", "at", name=op.f("uq_site_resets_site_id_at")),
    )
