"""Cameras may choose another detector and judge than those of the settings."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the choices to `cameras`."""
    for name, length in (("detector", 100), ("verify", 300)):
        column = sa.Column(name, sa.String(length), nullable=False, server_default=sa.text("''"))
        op.add_column("cameras", column)
