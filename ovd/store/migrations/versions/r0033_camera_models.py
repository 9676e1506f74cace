"""Cameras may choose another detector and judge than those of the settings."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"


def upgrade() -> None:
    """Add the choices to `cameras`."""
    op.add_column("cameras", sa.Column("detector", sa.String(100), nullable=True))
    op.add_column("cameras", sa.Column("verify", sa.String(300), nullable=True))
