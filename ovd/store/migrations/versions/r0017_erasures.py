"""Erasures: periods of which counts, tracks and images were erased."""

import sqlalchemy as sa
from alembic import op

from ovd.store.schema.columns import BigKey

revision = "0017"
down_revision = "0016"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table `erasures`."""
    op.create_table(
        "erasures",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("cameras", sa.JSON, nullable=False),
        sa.Column("queries", sa.JSON, nullable=False),
        sa.Column("start_at", _TIME, nullable=True),
        sa.Column("end_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
